//! Dates and verdicts in one sentence a customer understands, with the rule, the anchor and everything
//! else they were counted by.

mod answer;
mod entitlement;
mod question;
mod rma;
mod text;
mod window;

pub use answer::{Explanation, Subject};
pub use entitlement::entitlement;
pub use question::{
    ReplacementQuestion, WindowAnswer, WindowQuestion, analysis, ra_eligibility, repair, warranty,
};
pub use rma::{RmaWords, dates_of};
pub use text::{country_name, long, moment, place_of, push_iso};
pub use window::{Addition, WindowWords, return_window, return_window_to_come};
