//! Chance that can be repeated: every choice is a hash of the seed, of whom it is about and of what is
//! chosen, so that it depends on nothing else, neither order nor machine.

use sha2::{Digest, Sha256};

/// The choices about one thing.
#[derive(Debug, Clone)]
pub(in crate::app) struct Dice([u8; 32]);

impl Dice {
    pub fn new(seed: u64, about: &str) -> Self {
        let mut digest = Sha256::new();
        digest.update(seed.to_be_bytes());
        digest.update(about.as_bytes());
        Self(digest.finalize().into())
    }

    /// The number of this label: always the same, evenly spread over labels.
    pub fn roll(&self, label: &str) -> u64 {
        let mut digest = Sha256::new();
        digest.update(self.0);
        digest.update(label.as_bytes());
        digest.finalize().iter().take(8).fold(0, |n, byte| n << 8 | u64::from(*byte))
    }

    /// A number from `low` through `high`.
    pub fn between(&self, label: &str, low: u32, high: u32) -> u32 {
        let width = u64::from(high.saturating_sub(low)) + 1;
        // The remainder is below the width, which came from a u32.
        low + u32::try_from(self.roll(label) % width).unwrap_or(0)
    }

    /// True for this share of all.
    pub fn share(&self, label: &str, share: f64) -> bool {
        self.fraction(label) < share
    }

    /// One of several, each in proportion to its weight.
    pub fn weighed<T: Copy>(&self, label: &str, choices: &[(T, f64)]) -> Option<T> {
        let sum: f64 = choices.iter().map(|(_, weight)| weight).sum();
        let mut left = self.fraction(label) * sum;
        for (choice, weight) in choices {
            if left < *weight {
                return Some(*choice);
            }
            left -= weight;
        }
        choices.iter().rev().find(|(_, weight)| *weight > 0.0).map(|(choice, _)| *choice)
    }

    /// One of a list.
    pub fn one_of<'a, T>(&self, label: &str, list: &'a [T]) -> Option<&'a T> {
        let last = u32::try_from(list.len().checked_sub(1)?).ok()?;
        list.get(self.between(label, 0, last) as usize)
    }

    /// From 0 to just below 1, exact in the 53 bits a double has.
    fn fraction(&self, label: &str) -> f64 {
        (self.roll(label) >> 11) as f64 / (1_u64 << 53) as f64
    }
}
