//! Being asked to stop: looked at between one piece of work and the next.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shared by everybody who works; once set it stays so.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn ask(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
