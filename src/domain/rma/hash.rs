//! The chain of hashes: each event's covers the one before it, so that no event of an RMA can be
//! changed, dropped or moved without every later hash telling.

use sha2::{Digest, Sha256};

use super::event::Stamp;
use crate::domain::hex::hex;
use crate::domain::ids::RmaNumber;

/// The hash of one event as 64 hexadecimal digits. `previous` is empty for the first; `payload` is the
/// text as stored. Every field is preceded by its length, so that no two events share one input.
pub fn event_hash(
    previous: &str,
    number: RmaNumber,
    sequence: i64,
    kind: &str,
    stamp: &Stamp,
    payload: &str,
) -> String {
    let mut digest = Sha256::new();
    let actor = stamp.actor.to_string();
    let mut field = |text: &str| {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text.as_bytes());
    };
    field(previous);
    field(&number.to_string());
    field(&sequence.to_string());
    field(kind);
    field(&stamp.occurred_at.timestamp_micros().to_string());
    field(&stamp.recorded_at.timestamp_micros().to_string());
    field(&actor);
    field(&stamp.source);
    field(payload);
    hex(&digest.finalize())
}
