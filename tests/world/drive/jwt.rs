//! Signed assertions: made and verified with the made-up key of the tests.

use std::sync::OnceLock;

use ring::rand::SystemRandom;
use ring::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use serde_json::{Value, json};

/// The made-up private key, PKCS #8 in PEM.
pub(crate) const KEY: &str = include_str!("../../fixtures/drive/made-up-key.pem");

fn key() -> &'static RsaKeyPair {
    static PAIR: OnceLock<RsaKeyPair> = OnceLock::new();
    PAIR.get_or_init(|| {
        let text: String = KEY.lines().filter(|line| !line.starts_with("---")).collect();
        RsaKeyPair::from_pkcs8(&from_base64(&text).unwrap()).unwrap()
    })
}

const PLAIN: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Reads both alphabets, with padding or without.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for c in text.trim_end_matches('=').bytes() {
        let c = match c {
            b'-' => b'+',
            b'_' => b'/',
            plain => plain,
        };
        let value = PLAIN.iter().position(|known| *known == c)?;
        bits = (bits << 6) | u32::try_from(value).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xFF).ok()?);
        }
    }
    Some(bytes)
}

fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..=group.len() {
            let value = (bits >> (18 - 6 * place)) & 63;
            let c = PLAIN[usize::try_from(value).unwrap()];
            text.push(match c {
                b'+' => '-',
                b'/' => '_',
                plain => char::from(plain),
            });
        }
    }
    text
}

/// The claims of an assertion that the made-up key signed.
pub(crate) fn verified(assertion: &str) -> Option<Value> {
    let (signed, signature) = assertion.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let read = |text: &str| serde_json::from_slice::<Value>(&from_base64(text)?).ok();
    if read(header)?["alg"] != "RS256" {
        return None;
    }
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key().public_key().as_ref());
    public.verify(signed.as_bytes(), &from_base64(signature)?).ok()?;
    read(claims)
}

/// An assertion with these claims.
pub(crate) fn signed(claims: &Value) -> String {
    let part = |value: &Value| to_base64(value.to_string().as_bytes());
    let text = format!("{}.{}", part(&json!({ "alg": "RS256", "typ": "JWT" })), part(claims));
    let mut signature = vec![0; key().public().modulus_len()];
    key().sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    format!("{text}.{}", to_base64(&signature))
}

#[test]
fn what_was_signed_is_verified_and_what_was_changed_is_not() {
    let assertion = signed(&json!({ "iss": "somebody" }));
    assert_eq!(verified(&assertion).unwrap()["iss"], "somebody");
    let other = signed(&json!({ "iss": "nobody" }));
    let (claims, _) = other.rsplit_once('.').unwrap();
    let (_, signature) = assertion.rsplit_once('.').unwrap();
    assert_eq!(verified(&format!("{claims}.{signature}")), None);
}
