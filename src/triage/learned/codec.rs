//! A model as bytes: a line of JSON that says what it is, the weights, and a digest of both.
//!
//! ```text
//! {"format":2,"classes":[…],"shares":[…],"sharpness":…,"rows":…,"scales":[…],"features":N}\n
//! N times: distance to the last feature's number (LEB128), its rarity (1 byte), a weight for each class (1 byte)
//! the first 16 bytes of the SHA-256 of all that
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::model::{Kept, MOST_FEATURES, Model};

/// The version of this format, and of what features are: a model is of no use to a program that reads issues
/// otherwise.
pub const FORMAT: u32 = 2;
/// Bytes of the digest: enough to tell damage, which is all it is for.
const DIGEST_BYTES: usize = 16;
/// Classes that a model may have; more are damage.
const MOST_CLASSES: usize = 64;

/// Why bytes are no model that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Bytes are missing, too many or changed.
    #[error("it is damaged")]
    Damaged,
    /// Another version of this program made it.
    #[error("it has format {0}, this program reads format {FORMAT}")]
    OtherFormat(u32),
}

#[derive(Serialize, Deserialize)]
struct Heading {
    format: u32,
    classes: Vec<String>,
    shares: Vec<f32>,
    sharpness: f32,
    rows: u32,
    scales: Vec<f32>,
    features: usize,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// The SHA-256 of a stored model, 64 hexadecimal digits: what the log names it by.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Model {
    /// The model as bytes, 100 to 200 KB. The same model gives the same bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let heading = Heading {
            format: FORMAT,
            classes: self.classes.clone(),
            shares: self.shares.clone(),
            sharpness: self.sharpness,
            rows: self.rows,
            scales: self.scales.clone(),
            features: self.weights.len(),
        };
        let mut bytes = serde_json::to_vec(&heading).unwrap_or_default();
        bytes.push(b'\n');
        let mut last = 0;
        for (feature, kept) in &self.weights {
            let mut distance = feature - last;
            last = *feature;
            while distance >= 0x80 {
                bytes.push((distance & 0x7f) as u8 | 0x80);
                distance >>= 7;
            }
            bytes.push(distance as u8);
            bytes.push(kept.rarity);
            bytes.extend(kept.weights.iter().map(|weight| weight.cast_unsigned()));
        }
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest[..DIGEST_BYTES]);
        bytes
    }

    /// The model that [`Model::encode`] gave these bytes for.
    ///
    /// # Errors
    /// [`Unusable`]; no bytes whatever make it fail otherwise.
    pub fn decode(bytes: &[u8]) -> Result<Self, Unusable> {
        let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(Unusable::Damaged)?;
        let Format { format } = serde_json::from_slice(&bytes[..end]).map_err(|_| Unusable::Damaged)?;
        if format != FORMAT {
            return Err(Unusable::OtherFormat(format));
        }
        let (content, digest) = bytes.split_last_chunk::<DIGEST_BYTES>().ok_or(Unusable::Damaged)?;
        if Sha256::digest(content)[..DIGEST_BYTES] != digest[..] {
            return Err(Unusable::Damaged);
        }
        let heading: Heading = serde_json::from_slice(&bytes[..end]).map_err(|_| Unusable::Damaged)?;
        let classes = heading.classes.len();
        let is_whole = (1..=MOST_CLASSES).contains(&classes)
            && heading.shares.len() == classes
            && heading.scales.len() == classes
            && heading.features <= MOST_FEATURES;
        let mut rest = content.get(end + 1..).filter(|_| is_whole).ok_or(Unusable::Damaged)?;
        let mut weights = BTreeMap::new();
        let mut feature = 0_u32;
        for _ in 0..heading.features {
            feature = feature.checked_add(distance(&mut rest)?).ok_or(Unusable::Damaged)?;
            let (entry, others) = rest.split_at_checked(1 + classes).ok_or(Unusable::Damaged)?;
            rest = others;
            let kept = Kept {
                rarity: entry[0],
                weights: entry[1..].iter().map(|weight| weight.cast_signed()).collect(),
            };
            weights.insert(feature, kept);
        }
        if !rest.is_empty() {
            return Err(Unusable::Damaged);
        }
        Ok(Self {
            classes: heading.classes,
            shares: heading.shares,
            sharpness: heading.sharpness,
            rows: heading.rows,
            scales: heading.scales,
            weights,
        })
    }
}

/// A number in LEB128, seven bits a byte, the lowest first.
fn distance(rest: &mut &[u8]) -> Result<u32, Unusable> {
    let mut number = 0_u32;
    for shift in [0, 7, 14, 21, 28] {
        let (byte, others) = rest.split_first().ok_or(Unusable::Damaged)?;
        *rest = others;
        let bits = u32::from(byte & 0x7f);
        number |= bits.checked_shl(shift).filter(|moved| moved >> shift == bits).ok_or(Unusable::Damaged)?;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(Unusable::Damaged)
}
