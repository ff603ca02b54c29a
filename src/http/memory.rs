//! What was read, kept for as long as nobody commits anything: who looks again at the same thing costs next
//! to nothing, and sees what another look at the database would have shown.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use crate::db::Stamp;

/// Values by their keys, all read under one stamp of the database.
pub struct Memory<K, V> {
    /// Bytes kept at the most; then all are forgotten, and cost one look each again.
    most: usize,
    kept: Mutex<Kept<K, V>>,
}

struct Kept<K, V> {
    stamp: Option<Stamp>,
    bytes: usize,
    values: HashMap<K, V>,
}

impl<K: Eq + Hash, V: Clone> Memory<K, V> {
    pub fn new(most: usize) -> Self {
        Self { most, kept: Mutex::new(Kept { stamp: None, bytes: 0, values: HashMap::new() }) }
    }

    /// What was kept of a key, if nothing was committed since.
    pub fn get(&self, now: &Stamp, key: &K) -> Option<V> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.stamp.as_ref() == Some(now) { kept.values.get(key).cloned() } else { None }
    }

    /// Keeps a value of about so many bytes. It was read after `before` was asked for: if that is the state
    /// still when somebody looks, nothing changed it meanwhile.
    pub fn keep(&self, before: Stamp, key: K, value: V, bytes: usize) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.stamp.as_ref() != Some(&before) || kept.bytes + bytes > self.most {
            kept.values.clear();
            kept.bytes = 0;
            kept.stamp = Some(before);
        }
        kept.bytes += bytes;
        kept.values.insert(key, value);
    }
}
