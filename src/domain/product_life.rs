//! Where a product is in its life, and which milestone comes next (SYS-11, AMB-17).

use chrono::NaiveDate;

use crate::words;

words! {
    /// A milestone of a product's life, in the order they come.
    Milestone("milestone") {
        /// First revenue ship.
        Frs = "frs",
        /// End of life.
        Eol = "eol",
        /// End of engineering: no more engineering support of hardware and software.
        Eoe = "eoe",
        /// End of support.
        Eos = "eos",
    }
}

words! {
    /// Where a product is in its life on a day.
    LifeStage("stage of a product's life") {
        /// No milestone is known.
        Unknown = "unknown",
        /// Before its first revenue ship.
        NotReleased = "not_released",
        Current = "current",
        EndOfLife = "end_of_life",
        EndOfEngineering = "end_of_engineering",
        EndOfSupport = "end_of_support",
    }
}

/// The dates of a product's milestones; none where the manufacturer has announced none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LifeDates {
    pub frs_on: Option<NaiveDate>,
    pub eol_on: Option<NaiveDate>,
    pub eoe_on: Option<NaiveDate>,
    pub eos_on: Option<NaiveDate>,
}

/// How a product stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub stage: LifeStage,
    /// The ending that comes next, its date, and the calendar days until then.
    pub next: Option<(Milestone, NaiveDate, i64)>,
    /// It comes within the days of notice.
    pub approaching: bool,
}

impl LifeDates {
    /// In the order they have to follow each other.
    pub fn in_order(&self) -> [(Milestone, Option<NaiveDate>); 4] {
        [
            (Milestone::Frs, self.frs_on),
            (Milestone::Eol, self.eol_on),
            (Milestone::Eoe, self.eoe_on),
            (Milestone::Eos, self.eos_on),
        ]
    }

    /// The first milestone that is dated before an earlier one, with both dates.
    pub fn out_of_order(&self) -> Option<(Milestone, NaiveDate, NaiveDate)> {
        let mut latest: Option<NaiveDate> = None;
        for (milestone, on) in self.in_order() {
            let Some(on) = on else { continue };
            match latest {
                Some(before) if on < before => return Some((milestone, on, before)),
                _ => latest = Some(on),
            }
        }
        None
    }

    /// How the product stands on `as_of`. A milestone is reached on its day, not when it is announced
    /// (AMB-17); `notice_days` are calendar days.
    pub fn standing(&self, as_of: NaiveDate, notice_days: u32) -> Standing {
        let ends = self.in_order().into_iter().skip(1);
        let reached = ends.clone().rfind(|(_, on)| on.is_some_and(|on| on <= as_of));
        let stage = match reached {
            Some((Milestone::Eos, _)) => LifeStage::EndOfSupport,
            Some((Milestone::Eoe, _)) => LifeStage::EndOfEngineering,
            Some(_) => LifeStage::EndOfLife,
            None if self.frs_on.is_some_and(|on| on > as_of) => LifeStage::NotReleased,
            None if *self == Self::default() => LifeStage::Unknown,
            None => LifeStage::Current,
        };
        let next = ends.filter_map(|(milestone, on)| Some((milestone, on?))).find_map(|(m, on)| {
            (on > as_of).then(|| (m, on, on.signed_duration_since(as_of).num_days()))
        });
        let approaching = next.is_some_and(|(.., days)| days <= i64::from(notice_days));
        Standing { stage, next, approaching }
    }
}
