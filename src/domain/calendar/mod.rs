//! Business-day calendars: weekends, public holidays and make-up working days, and counting on them.
//!
//! A *business day* is a day that is neither a weekend day nor a holiday of the calendar, or a weekend day that is worked
//! to make up for a holiday (China, Hungary and others). The program carries 76 calendars, 2010 to 2035; more may be
//! imported, and a site may lay its own closing and working days on top. What lies outside a calendar's known range is
//! refused, never counted as if there were no holidays. Dates are local dates of the place the calendar belongs to; no
//! clock and no time zone enters here.
//!
//! Day 0 of a count is the anchor, which need not be a business day; day n is the nth business day after it (AMB-1).

mod builtin;
mod code;
mod counting;
mod days;
mod definition;
mod error;
mod registry;

pub use code::CalendarCode;
pub use counting::{Calendar, DayOff};
pub use definition::CalendarDefinition;
pub use error::CalendarError;
pub use registry::Calendars;
