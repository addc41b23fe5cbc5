//! How a call is signed: as Standard Webhooks has it (github.com/standard-webhooks, specification 1.0), which many receivers
//! can check with a library.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use crate::services::secrets::Secret;

/// What a secret begins with whose rest is a key in Base64.
const PREFIX: &str = "whsec_";

/// The key of a secret: what stands behind `whsec_`, decoded; any other text as it is. None when it cannot be one.
pub(super) fn key(secret: &Secret) -> Option<hmac::Key> {
    let bytes = match secret.expose().strip_prefix(PREFIX) {
        Some(encoded) => STANDARD.decode(encoded).ok()?,
        None => secret.expose().as_bytes().to_vec(),
    };
    // Below that, all of them can be tried.
    const SHORTEST: usize = 16;
    (bytes.len() >= SHORTEST).then(|| hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

/// The value of `webhook-signature` for a message that is sent at `seconds` since 1970.
pub(super) fn sign(key: &hmac::Key, id: &str, seconds: i64, body: &str) -> String {
    let tag = hmac::sign(key, format!("{id}.{seconds}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(tag.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_signed_as_other_libraries_check_it() {
        // Computed by an implementation of HMAC that is not this one.
        let key = key(&Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).unwrap();
        let signature = sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_that_everybody_could_guess_is_none() {
        let is_one = |secret: &str| key(&Secret::new(secret)).is_some();
        assert!(is_one("a text of at least sixteen bytes"));
        assert!(!is_one("short") && !is_one("whsec_not base64!") && !is_one("whsec_c2hvcnQ="));
    }
}
