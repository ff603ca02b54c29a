//! The business days of a range as a bit set with rank and select, both in constant time.

/// A set of day indices (0 = first day of the range) that answers "how many up to" and "the nth" without walking.
#[derive(Clone)]
pub(super) struct DaySet {
    len: u32,
    words: Vec<u64>,
    /// Members in all words before this one.
    before: Vec<u32>,
    /// The members in order: `nth[k]` is the (k+1)th. 26 years are some 6,500 entries (26 KB), cheaper than a search.
    nth: Vec<u32>,
}

impl DaySet {
    /// The days of `0..len` for which `is_member` holds.
    pub(super) fn new(len: u32, is_member: impl Fn(u32) -> bool) -> Self {
        let nth: Vec<u32> = (0..len).filter(|&day| is_member(day)).collect();
        let mut words = vec![0u64; len.div_ceil(64) as usize];
        for &day in &nth {
            words[(day / 64) as usize] |= 1 << (day % 64);
        }
        let before = words
            .iter()
            .scan(0, |sum, word| {
                let here = *sum;
                *sum += word.count_ones();
                Some(here)
            })
            .collect();
        Self { len, words, before, nth }
    }

    /// Whether the day is a member. `day` must be below the length given to `new`.
    pub(super) fn contains(&self, day: u32) -> bool {
        self.words[(day / 64) as usize] >> (day % 64) & 1 == 1
    }

    /// How many members are strictly below `day`, which must be below the length given to `new`.
    pub(super) fn rank(&self, day: u32) -> usize {
        let word = (day / 64) as usize;
        let below = (1u64 << (day % 64)) - 1;
        (self.before[word] + (self.words[word] & below).count_ones()) as usize
    }

    /// The member with `k` members below it.
    pub(super) fn select(&self, k: usize) -> Option<u32> {
        self.nth.get(k).copied()
    }

    /// The set with these days taken out or put in; days beyond the range are left aside.
    pub(super) fn with(&self, changes: impl Iterator<Item = (u32, bool)>) -> Self {
        let mut words = self.words.clone();
        for (day, member) in changes.filter(|&(day, _)| day < self.len) {
            let bit = 1 << (day % 64);
            let word = &mut words[(day / 64) as usize];
            *word = if member { *word | bit } else { *word & !bit };
        }
        Self::new(self.len, |day| words[(day / 64) as usize] >> (day % 64) & 1 == 1)
    }
}
