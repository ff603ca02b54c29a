//! ENT-1: by what a partner may use support.
//!
//! An end user comes by its own contract or warranty (AMB-9, AMB-10). A partner needs an active contract of
//! its own and a qualification: a *qualified* partner comes with any unit of its customers, an *Operate
//! Specialist* with those under warranty or under a support contract. Where the rule is silent this is the
//! reading, the one that harms least: only what the partner itself brings in, a case or a request for an RMA,
//! is judged, on that day at the unit's site. What was opened before goes on, whatever became of the partner;
//! its customer may always come itself; staff are not bound. A unit that nobody has registered yet counts as
//! under warranty, for registering it is asked for before the RMA is issued (AMB-5).

use chrono::NaiveDate;

use super::rma::Refusal;
use crate::words;

words! {
    /// What a partner is qualified as.
    Qualification("qualification of a partner") {
        Qualified = "qualified",
        OperateSpecialist = "operate_specialist",
    }
}

/// Something that holds from a day on, through its last day or until further notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held<T> {
    pub what: T,
    pub from_on: NaiveDate,
    pub through_on: Option<NaiveDate>,
}

impl<T> Held<T> {
    pub fn holds(&self, on: NaiveDate) -> bool {
        self.from_on <= on && self.through_on.is_none_or(|last| on <= last)
    }

    /// Why it does not hold on `on`.
    fn lapse(&self, on: NaiveDate) -> String {
        match self.through_on.filter(|last| *last < on) {
            Some(last) => format!("ended on {last}"),
            None => format!("begins on {}", self.from_on),
        }
    }
}

/// A partner with what is recorded of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    pub name: String,
    pub qualification: Option<Held<Qualification>>,
    /// Its own contract as a partner, by its number.
    pub contract: Option<Held<String>>,
}

/// How the unit stands that a partner comes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitCover {
    pub under_contract: bool,
    pub in_warranty: bool,
}

impl Partner {
    /// Whether the partner may bring in a case or a request on `on`, a local date of the unit's site.
    ///
    /// # Errors
    /// Names the rule, what is missing and what to do.
    pub fn admit(&self, cover: UnitCover, on: NaiveDate) -> Result<(), Refusal> {
        let missing = self.missing(cover, on);
        missing.map_or(Ok(()), |missing| {
            let reason = format!(
                "{missing}; until that is mended the customer may come itself, or ask customer care"
            );
            Err(Refusal::new("ENT-1", reason))
        })
    }

    fn missing(&self, cover: UnitCover, on: NaiveDate) -> Option<String> {
        let name = &self.name;
        match &self.contract {
            None => {
                return Some(format!(
                    "the partner {name} has no contract of its own on record; send it in with the organizations"
                ));
            }
            Some(held) if !held.holds(on) => {
                let (number, lapse) = (&held.what, held.lapse(on));
                return Some(format!("{name}'s own contract {number} {lapse}; renew it"));
            }
            Some(_) => {}
        }
        let qualified = match &self.qualification {
            None => {
                return Some(format!(
                    "the partner {name} has no qualification on record; send it in with the organizations"
                ));
            }
            Some(held) if !held.holds(on) => {
                let (what, lapse) = (held.what.as_str().replace('_', " "), held.lapse(on));
                return Some(format!("{name}'s qualification ({what}) {lapse}; renew it"));
            }
            Some(held) => held.what,
        };
        let covered = cover.under_contract || cover.in_warranty;
        (qualified == Qualification::OperateSpecialist && !covered).then(|| {
            format!(
                "{name} is an Operate Specialist, which needs a unit under warranty or under a support \
                 contract; buy a contract for this one"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn held<T>(what: T, from: &str, through: Option<&str>) -> Option<Held<T>> {
        Some(Held { what, from_on: day(from), through_on: through.map(day) })
    }

    #[test]
    fn ent_1_every_leg_and_every_day_at_its_edges() {
        let partner = |what, until| Partner {
            name: "Cascade".to_owned(),
            qualification: held(what, "2026-01-01", None),
            contract: held("PC-1".to_owned(), "2026-02-01", until),
        };
        let bare = UnitCover { under_contract: false, in_warranty: false };
        let qualified = partner(Qualification::Qualified, Some("2026-06-30"));
        let says = |partner: &Partner, cover, on| {
            partner.admit(cover, day(on)).map_err(|refusal| {
                assert_eq!(refusal.rule, "ENT-1");
                refusal.reason
            })
        };
        for (on, expected) in [
            ("2026-01-31", Some("Cascade's own contract PC-1 begins on 2026-02-01; renew it")),
            ("2026-02-01", None),
            ("2026-06-30", None),
            ("2026-07-01", Some("Cascade's own contract PC-1 ended on 2026-06-30; renew it")),
        ] {
            let said = says(&qualified, bare, on);
            match expected {
                None => assert_eq!(said, Ok(()), "{on}"),
                Some(begin) => {
                    assert!(said.clone().is_err_and(|s| s.starts_with(begin)), "{said:?}")
                }
            }
        }
        let specialist = partner(Qualification::OperateSpecialist, None);
        assert!(
            says(&specialist, bare, "2026-03-01").is_err_and(|s| s.contains("Operate Specialist"))
        );
        for cover in
            [UnitCover { under_contract: true, ..bare }, UnitCover { in_warranty: true, ..bare }]
        {
            assert_eq!(says(&specialist, cover, "2026-03-01"), Ok(()));
        }
        let lapsed = Partner {
            qualification: held(Qualification::Qualified, "2025-01-01", Some("2025-12-31")),
            ..qualified.clone()
        };
        let said = says(&lapsed, bare, "2026-03-01");
        assert!(said.is_err_and(|s| s.contains("(qualified) ended on 2025-12-31; renew it")));
        let unknown = Partner { qualification: None, ..qualified.clone() };
        assert!(says(&unknown, bare, "2026-03-01").is_err_and(|s| s.contains("no qualification")));
        let unbound = Partner { contract: None, ..qualified };
        assert!(says(&unbound, bare, "2026-03-01").is_err_and(|s| s.contains("no contract")));
    }
}
