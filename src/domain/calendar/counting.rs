//! One calendar, ready to count on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate, WeekdaySet};

use super::days::DaySet;
use super::{CalendarCode, CalendarDefinition, CalendarError};

/// An immutable calendar. Every count costs the same however many days it spans.
#[derive(Clone)]
pub struct Calendar {
    code: CalendarCode,
    weekend: WeekdaySet,
    from: NaiveDate,
    to: NaiveDate,
    make_up_days_known_to: Option<NaiveDate>,
    business: DaySet,
    /// Days off that have a name, by date; a holiday on a day that is off as a weekend anyway is not among them.
    named: Vec<NamedDay>,
    /// The weekend days, and the holidays, that are worked, in order.
    worked: Vec<NaiveDate>,
}

#[derive(Clone)]
struct NamedDay {
    date: NaiveDate,
    name: Arc<str>,
    /// A site's own closing, not a public holiday.
    closing: bool,
    /// It would have been off as a weekend day anyway.
    on_weekend: bool,
}

/// Why a day is not a business day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayOff<'a> {
    /// A weekend day, also when a holiday falls on it.
    Weekend,
    /// A public holiday, with its name.
    Holiday(&'a str),
    /// A day the site itself is closed, with its reason.
    Closed(&'a str),
}

impl fmt::Display for DayOff<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weekend => f.write_str("weekend"),
            Self::Holiday(name) => f.write_str(name),
            Self::Closed(reason) => write!(f, "closed: {reason}"),
        }
    }
}

impl fmt::Debug for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the days: thousands of them would bury every log line that shows a calendar.
        let mut out = f.debug_struct("Calendar");
        out.field("code", &self.code.as_str()).field("from", &self.from).field("to", &self.to);
        out.finish_non_exhaustive()
    }
}

impl TryFrom<&CalendarDefinition> for Calendar {
    type Error = CalendarError;

    /// Makes the calendar, with the errors of [`CalendarDefinition::validate`]. Two names for one date are joined.
    fn try_from(def: &CalendarDefinition) -> Result<Self, Self::Error> {
        def.validate()?;
        let mut off: BTreeMap<NaiveDate, String> = BTreeMap::new();
        for (date, name) in &def.holidays {
            if def.weekend.contains(date.weekday()) {
                continue;
            }
            let entry = off.entry(*date).or_default();
            if !entry.is_empty() {
                entry.push_str("; ");
            }
            entry.push_str(name);
        }
        let len = index(def.from, def.to) + 1;
        // 0 = Monday, counted on from the first day: a weekday by date for each of the days costs far more.
        let first = def.from.weekday().num_days_from_monday();
        let mut works = [false; 7];
        for (day, works) in (0..7).zip(&mut works) {
            // `day % 7` is always a weekday, so the fallback is never taken.
            let weekday = chrono::Weekday::try_from(day).unwrap_or(chrono::Weekday::Mon);
            *works = !def.weekend.contains(weekday);
        }
        let plain = DaySet::new(len, |day| works[((first + day) % 7) as usize]);
        let holidays = off.keys().map(|&date| (index(def.from, date), false));
        let worked = def.working_days.iter().map(|&date| (index(def.from, date), true));
        let business = plain.with(holidays.chain(worked));
        let named = off.into_iter().map(|(date, name)| NamedDay {
            date,
            name: name.into(),
            closing: false,
            on_weekend: false,
        });
        let on_weekends = def.working_days.iter().filter(|d| def.weekend.contains(d.weekday()));
        let worked_weekends: BTreeSet<NaiveDate> = on_weekends.copied().collect();
        Ok(Self {
            code: def.code.clone(),
            weekend: def.weekend,
            from: def.from,
            to: def.to,
            make_up_days_known_to: def.make_up_days_known_to,
            business,
            named: named.collect(),
            worked: worked_weekends.into_iter().collect(),
        })
    }
}

impl Calendar {
    /// Its code; a site's calendar keeps the code of the one it was laid on.
    pub fn code(&self) -> &CalendarCode {
        &self.code
    }

    /// First and last date anything is known about, both inclusive.
    pub fn known(&self) -> (NaiveDate, NaiveDate) {
        (self.from, self.to)
    }

    /// The weekdays off.
    pub fn weekend(&self) -> WeekdaySet {
        self.weekend
    }

    /// Where make-up working days are announced year by year: the last date they are known for.
    pub fn make_up_days_known_to(&self) -> Option<NaiveDate> {
        self.make_up_days_known_to
    }

    /// Whether `d` is a business day.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the known range, as everywhere below.
    pub fn is_business_day(&self, d: NaiveDate) -> Result<bool, CalendarError> {
        Ok(self.business.contains(self.day(d)?))
    }

    /// The `n`th business day strictly after `from`, which is day 0 and need not be a business day (AMB-1); `n` = 0 gives
    /// `from` itself.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] when `from` is outside the known range or the count would end outside it.
    pub fn add_business_days(&self, from: NaiveDate, n: u32) -> Result<NaiveDate, CalendarError> {
        let day = self.day(from)?;
        let Some(more) = n.checked_sub(1) else { return Ok(from) };
        let up_to = self.business.rank(day) + usize::from(self.business.contains(day));
        self.nth(up_to.checked_add(more as usize))
    }

    /// The `n`th business day strictly before `from`; `n` = 0 gives `from` itself.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] when `from` is outside the known range or the count would end outside it.
    pub fn subtract_business_days(
        &self,
        from: NaiveDate,
        n: u32,
    ) -> Result<NaiveDate, CalendarError> {
        let day = self.day(from)?;
        if n == 0 {
            return Ok(from);
        }
        let found =
            self.business.rank(day).checked_sub(n as usize).and_then(|k| self.business.select(k));
        found.map(|day| self.date(day)).ok_or_else(|| self.outside(self.from.pred_opt()))
    }

    /// How many business days d there are with `from` < d <= `to`; when `to` is the earlier, minus the number with
    /// `to` < d <= `from`. So the sign tells late from early, and the way back is the way there with its sign changed.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] when either date is outside the known range.
    pub fn business_days_between(
        &self,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<i64, CalendarError> {
        let up_to = |d| {
            let day = self.day(d)?;
            // At most 200 years of days: far inside i64.
            Ok((self.business.rank(day) + usize::from(self.business.contains(day))) as i64)
        };
        Ok(up_to(to)? - up_to(from)?)
    }

    /// `d` itself if it is a business day, else the next one.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] when `d` or the day sought is outside the known range.
    pub fn next_business_day_on_or_after(&self, d: NaiveDate) -> Result<NaiveDate, CalendarError> {
        let day = self.day(d)?;
        self.nth(Some(self.business.rank(day)))
    }

    /// Why `d` is not a business day; `None` if it is one. A holiday on a weekend day is a weekend day.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the known range.
    pub fn day_off(&self, d: NaiveDate) -> Result<Option<DayOff<'_>>, CalendarError> {
        if self.is_business_day(d)? {
            return Ok(None);
        }
        let found = self.named.binary_search_by_key(&d, |named| named.date);
        Ok(Some(match found.map(|at| &self.named[at]) {
            Ok(NamedDay { closing: true, name, .. }) => DayOff::Closed(name),
            Ok(NamedDay { name, .. }) => DayOff::Holiday(name),
            Err(_) => DayOff::Weekend,
        }))
    }

    /// The days off d with a name, holidays and a site's closings, `from` < d <= `to`, in order, without those that are
    /// off as weekend days anyway: what a count between the two has skipped beside weekends. Nothing is listed outside
    /// the known range.
    pub fn holidays_between(
        &self,
        from: NaiveDate,
        to: NaiveDate,
    ) -> impl Iterator<Item = (NaiveDate, &str)> {
        let start = self.named.partition_point(|named| named.date <= from);
        let end = self.named.partition_point(|named| named.date <= to).max(start);
        let listed = self.named[start..end].iter().filter(|named| !named.on_weekend);
        listed.map(|named| (named.date, &*named.name))
    }

    /// The weekend days and holidays d that are worked, `from` < d <= `to`, in order: make-up days, and working
    /// days of a site's own. Nothing is listed outside the known range.
    pub fn worked_days_off(
        &self,
        from: NaiveDate,
        to: NaiveDate,
    ) -> impl Iterator<Item = NaiveDate> {
        let start = self.worked.partition_point(|day| *day <= from);
        let end = self.worked.partition_point(|day| *day <= to).max(start);
        self.worked[start..end].iter().copied()
    }

    /// The last date make-up working days are known for, when `d` lies past it: an answer that reaches `d` may still
    /// move, and says so.
    pub fn caveat(&self, d: NaiveDate) -> Option<NaiveDate> {
        self.make_up_days_known_to.filter(|&known| d > known)
    }

    /// This calendar with a site's own closing days (with their reasons) and working days on top. A working day wins over
    /// holiday and weekend; a closing wins over everything. Dates outside the known range have no effect, for every
    /// question about them is refused.
    #[must_use]
    pub fn with_site_days(&self, closed: &[(NaiveDate, String)], worked: &[NaiveDate]) -> Calendar {
        let known = |d: &NaiveDate| (self.from..=self.to).contains(d);
        let mut named: BTreeMap<NaiveDate, NamedDay> =
            self.named.iter().map(|day| (day.date, day.clone())).collect();
        let mut changes: BTreeMap<NaiveDate, bool> = BTreeMap::new();
        let mut days_off: BTreeSet<NaiveDate> = self.worked.iter().copied().collect();
        for &date in worked.iter().filter(|d| known(d)) {
            // A closing laid on before stays one.
            if named.get(&date).is_none_or(|day| !day.closing) {
                if named.remove(&date).is_some() || self.weekend.contains(date.weekday()) {
                    days_off.insert(date);
                }
                changes.insert(date, true);
            }
        }
        for (date, reason) in closed.iter().filter(|(d, _)| known(d)) {
            let works =
                changes.get(date) == Some(&true) || self.business.contains(index(self.from, *date));
            let before = named.get(date).filter(|day| day.closing);
            let on_weekend = match before {
                Some(day) => day.on_weekend,
                None => self.weekend.contains(date.weekday()) && !works,
            };
            let name: Arc<str> = reason.as_str().into();
            named.insert(*date, NamedDay { date: *date, name, closing: true, on_weekend });
            days_off.remove(date);
            changes.insert(*date, false);
        }
        let changes = changes.into_iter().map(|(date, works)| (index(self.from, date), works));
        Calendar {
            code: self.code.clone(),
            business: self.business.with(changes),
            named: named.into_values().collect(),
            worked: days_off.into_iter().collect(),
            ..*self
        }
    }

    /// The business day with `k` business days before it.
    fn nth(&self, k: Option<usize>) -> Result<NaiveDate, CalendarError> {
        let found = k.and_then(|k| self.business.select(k));
        found.map(|day| self.date(day)).ok_or_else(|| self.outside(self.to.succ_opt()))
    }

    fn day(&self, d: NaiveDate) -> Result<u32, CalendarError> {
        if (self.from..=self.to).contains(&d) {
            return Ok(index(self.from, d));
        }
        Err(self.outside(Some(d)))
    }

    fn date(&self, day: u32) -> NaiveDate {
        // Every member of the set is a day of the range, so the sum is a date.
        self.from.checked_add_days(Days::new(day.into())).unwrap_or(self.to)
    }

    fn outside(&self, date: Option<NaiveDate>) -> CalendarError {
        // Definitions keep to the years 1 to 9999, so there is always a date before and after; the fallback is never taken.
        let date = date.unwrap_or(self.to);
        CalendarError::OutOfRange { code: self.code.clone(), date, from: self.from, to: self.to }
    }
}

/// The index of a date in a range that starts on `from`; the caller has checked that `date` is not before it.
fn index(from: NaiveDate, date: NaiveDate) -> u32 {
    date.signed_duration_since(from).num_days() as u32
}
