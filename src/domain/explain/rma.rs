//! All dates of an RMA, from its events and the terms kept at issue. A date is given as it was stored;
//! calendars and policy only put it into words.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::answer::{Explanation, Subject};
use super::entitlement::entitled;
use super::question::{analysis_stored, repair_stored};
use super::text::{in_country, long, moment, plural};
use super::window::{Addition, words_of};
use crate::domain::calendar::Calendar;
use crate::domain::carriage::Payer;
use crate::domain::entitlement::Source;
use crate::domain::explain::country_name;
use crate::domain::programme::Programme;
use crate::domain::replacement_due::ReplacementDue;
use crate::domain::rma::event::{Cause, Terms};
use crate::domain::rma::promises::{Done, Promised};
use crate::domain::rma::tracks::{Inbound, Outbound, Repair};
use crate::domain::rma::visit::{VisitOutcome, VisitState};
use crate::domain::rma::{Event, Recorded, Rma};
use crate::domain::zone::Zone;

/// What the words about an RMA's dates need beside its history.
#[derive(Debug, Clone, Copy)]
pub struct RmaWords<'a> {
    /// The calendar its window was counted on.
    pub ship_to: &'a Calendar,
    /// The calendar its repair is counted on.
    pub return_site: &'a Calendar,
    /// The version it was issued under.
    pub programme: &'a Programme,
}

/// Every date of an RMA, in the order in which they come about; none before it is issued.
pub fn dates_of(events: &[Recorded], rma: &Rma, words: RmaWords<'_>) -> Vec<Explanation> {
    let Some(terms) = &rma.terms else { return Vec::new() };
    let about = About { events, rma, terms, words };
    [
        Some(entitled(&terms.entitlement, &terms.programme)),
        about.carriage(),
        about.replacement(),
        about.visit(),
        about.delivery_estimate(),
        about.dead_on_arrival(),
        about.return_window(),
        about.claim(),
        about.repair(),
        about.cover(),
        about.analysis(),
        about.reopening(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

struct About<'a> {
    events: &'a [Recorded],
    rma: &'a Rma,
    terms: &'a Terms,
    words: RmaWords<'a>,
}

impl About<'_> {
    /// The last of the events that `pick` takes.
    fn last<T>(&self, pick: impl Fn(&Recorded) -> Option<T>) -> Option<T> {
        self.events.iter().rev().find_map(pick)
    }

    fn answer(&self, what: Subject, rule: &str, because: String) -> Explanation {
        Explanation::new(what, rule, &self.terms.programme, because)
    }

    /// WAR-6, AMB-26, as kept at issue.
    fn carriage(&self) -> Option<Explanation> {
        let carriage = self.terms.carriage.as_ref()?;
        let payer = |payer: Payer| match payer {
            Payer::Customer => "the customer",
            Payer::Vendor => "the vendor",
        };
        let (inbound, outbound) = (payer(carriage.inbound), payer(carriage.outbound));
        let mut because = if inbound == outbound {
            format!("{} pays the carriage both ways", capitalised(inbound))
        } else {
            format!(
                "{} pays the carriage of the defective unit, {outbound} that of what goes out",
                capitalised(inbound)
            )
        };
        if carriage.prepaid_label {
            because.push_str("; a prepaid return label goes with the replacement");
            because.push_str(match self.rma.return_label {
                Some(_) => " and is there",
                None => ", which is still missing",
            });
        }
        Some(Explanation {
            verdict: Some(format!("inbound {}, outbound {}", carriage.inbound, carriage.outbound)),
            ..self.answer(Subject::Carriage, &carriage.rule, because)
        })
    }

    /// Says in `because` what became of a promise; gives whether it was met (AMB-13).
    fn met(&self, what: Promised, because: &mut String) -> Option<bool> {
        let promise = self.rma.promises().into_iter().find(|promise| promise.what == what)?;
        let (done, met) = promise.done.zip(promise.met)?;
        let (did, when) = match promise.due {
            due if what == Promised::Visit => ("an engineer arrived", self.arrived(due, done)),
            ReplacementDue::ShipOn { .. } => ("shipped", long(done.on)),
            ReplacementDue::DeliverOn { .. } => ("delivered", long(done.on)),
            ReplacementDue::DeliverBy { .. } => {
                ("delivered", moment(done.at, self.terms.ship_to.zone))
            }
        };
        let judged = if met { "the promise was kept" } else { "the promise was not kept" };
        because.push_str(&format!("; {did} on {when}: {judged}"));
        Some(met)
    }

    /// A promise of hours is answered to the minute.
    fn arrived(&self, due: ReplacementDue, done: Done) -> String {
        match due {
            ReplacementDue::DeliverBy { .. } => moment(done.at, self.terms.ship_to.zone),
            _ => long(done.on),
        }
    }

    /// SVC-5, SVC-8: the engineer who comes with the replacement.
    fn visit(&self) -> Option<Explanation> {
        let visit = &self.rma.visit;
        let due = visit.due?;
        let zone = self.terms.ship_to.zone;
        let begin = match &self.terms.entitlement.source {
            Source::Contract(cover) => format!("The level {} brings an engineer", cover.level),
            Source::Warranty => "The entitlement brings an engineer".to_owned(),
        };
        let (due_on, due_at, mut because) = match due {
            ReplacementDue::ShipOn { on } | ReplacementDue::DeliverOn { on } => {
                (Some(on), None, format!("{begin} with the replacement, due on {}", long(on)))
            }
            ReplacementDue::DeliverBy { at } => {
                let by = moment(at, zone);
                (None, Some(at), format!("{begin} with the replacement, due by {by}"))
            }
        };
        let met = self.met(Promised::Visit, &mut because);
        if let Some(last) = visit.records.last() {
            let came = moment(last.arrived_at, zone);
            let end = match last.outcome {
                VisitOutcome::Replaced => "replaced the unit",
                VisitOutcome::CouldNot => "could not replace the unit",
                VisitOutcome::CustomerAbsent => "was not let in",
            };
            because.push_str(&format!("; {} came on {came} and {end}", last.engineer));
        }
        match (&visit.plan, visit.state) {
            (Some(plan), _) => {
                because.push_str(&format!("; {} comes on {}", plan.engineer, moment(plan.at, zone)))
            }
            (None, VisitState::Owed) => because.push_str("; nobody is planned yet"),
            (None, VisitState::Declined) => because.push_str("; the customer wants no visit"),
            (None, VisitState::Void) => {
                let why = visit.reason.as_deref().unwrap_or("the RMA ended");
                because.push_str(&format!("; {why}, and nobody comes"));
            }
            (None, _) => {}
        }
        Some(Explanation {
            due_on,
            due_at,
            met,
            verdict: Some(visit.state.to_string()),
            anchor: Some("approved"),
            anchor_on: Some(self.terms.issued_on),
            zone: Some(zone),
            ..self.answer(Subject::Visit, visit.rule(), because)
        })
    }

    /// The day the promise was counted by, where the terms kept it (AMB-6).
    fn counted_by(&self) -> String {
        let days = self.terms.entitlement.promise.hours().is_none();
        let Some(dispatch) = self.terms.dispatch.as_ref().filter(|_| days) else {
            return String::new();
        };
        let whose = if dispatch.own_cut_off { "its own" } else { "the programme's" };
        format!(
            "; the depot {} counts orders to {} as that day's, {whose} cut-off",
            dispatch.depot.code,
            dispatch.cut_off.format("%H:%M")
        )
    }

    /// AMB-6, as promised at issue.
    fn replacement(&self) -> Option<Explanation> {
        let promised = self.terms.replacement_due?;
        let zone = self.terms.ship_to.zone;
        let issued_at = self.rma.issued_at?;
        let begin = format!("Approved on {}{}", moment(issued_at, zone), self.counted_by());
        let (due_on, due_at, mut because) = match promised {
            ReplacementDue::ShipOn { on } => {
                (Some(on), None, format!("{begin}; promised to leave the depot on {}", long(on)))
            }
            ReplacementDue::DeliverOn { on } => {
                (Some(on), None, format!("{begin}; promised to arrive on {}", long(on)))
            }
            ReplacementDue::DeliverBy { at } => {
                let by = moment(at, zone);
                (None, Some(at), format!("{begin}; promised to arrive, day and night, by {by}"))
            }
        };
        let met = self.met(Promised::Replacement, &mut because);
        Some(Explanation {
            due_on,
            due_at,
            met,
            anchor: Some("approved"),
            anchor_on: Some(self.terms.issued_on),
            zone: Some(zone),
            ..self.answer(Subject::Replacement, "AMB-6", because)
        })
    }

    /// T6a, while no proof of delivery has come.
    fn delivery_estimate(&self) -> Option<Explanation> {
        let shipment = &self.rma.shipment;
        let waits = self.rma.outbound == Outbound::Shipped || shipment.estimated;
        let (shipped_on, last) = (shipment.shipped_on?, shipment.estimate_after?);
        let estimated = match shipment.delivered_on.filter(|_| shipment.estimated) {
            Some(on) => {
                format!("no proof of delivery came; it is taken to have arrived on {}", long(on))
            }
            None => "a proof of delivery is waited for until then, then the delivery is estimated"
                .to_owned(),
        };
        let days = self.words.programme.estimate_after_days;
        let because = format!(
            "{days} business day{} from shipping on {} end on {}; {estimated}",
            plural(days),
            long(shipped_on),
            long(last)
        );
        waits.then(|| Explanation {
            due_on: Some(last),
            anchor: Some("shipped"),
            anchor_on: Some(shipped_on),
            calendar: Some(self.terms.ship_to.calendar.clone()),
            zone: Some(self.terms.ship_to.zone),
            ..self.answer(Subject::DeliveryEstimate, "AMB-1", because)
        })
    }

    /// T20: reported within the programme's calendar days of delivery.
    fn dead_on_arrival(&self) -> Option<Explanation> {
        let own = &self.rma.serial_number;
        let replaced = self.rma.replacement.as_ref().is_some_and(|r| r.serial_number != *own);
        let delivered_on = self.rma.shipment.delivered_on;
        let delivered_on =
            delivered_on.filter(|_| replaced && self.rma.outbound == Outbound::Delivered)?;
        let days = self.words.programme.dead_on_arrival_days;
        let last = delivered_on.checked_add_days(Days::new(u64::from(days)))?;
        let because = format!(
            "{days} calendar day{} from delivery on {}; a replacement that does not work is reported by {}",
            plural(days),
            long(delivered_on),
            long(last)
        );
        Some(Explanation {
            due_on: Some(last),
            anchor: Some("delivered"),
            anchor_on: Some(delivered_on),
            zone: Some(self.terms.ship_to.zone),
            ..self.answer(Subject::DeadOnArrival, "T20", because)
        })
    }

    /// RET-1, with everything that moved it since.
    fn return_window(&self) -> Option<Explanation> {
        let due = self.rma.due.as_ref()?;
        let additions = self.additions();
        let place = in_country(&country_name(&self.terms.ship_to.country));
        let mut because = String::with_capacity(200);
        words_of(due, &additions, self.words.ship_to, &place).write(&mut because);
        if let Some(pause) = self.rma.pause.as_ref().filter(|_| waits_for(self.rma)) {
            because.push_str(&format!("; it stands still since {}", long(pause.since)));
        }
        if !self.rma.is_advance() {
            because.push_str("; for information, as nothing was sent in advance");
        }
        Some(Explanation {
            due_on: Some(due.due_on),
            remind_on: if self.rma.is_advance() { due.remind_on.clone() } else { Vec::new() },
            anchor: Some(due.anchor.kind.as_str()),
            anchor_on: Some(due.anchor.on),
            calendar: Some(due.calendar.clone()),
            zone: Some(due.zone),
            programme: due.programme.clone(),
            make_up_days_known_to: due.make_up_days_known_to,
            ..self.answer(Subject::ReturnWindow, &due.rule, because)
        })
    }

    /// The business days added to the window that stands, each with its reason.
    fn additions(&self) -> Vec<(u32, Addition)> {
        let extensions = &self.words.programme.country_extensions;
        let country = extensions.get(&self.terms.ship_to.country).copied().unwrap_or(0);
        let mut found: Vec<(u32, Addition)> = Vec::new();
        let mut before = 0;
        for recorded in self.events {
            let (due, why) = match &recorded.event {
                Event::WindowOpened { due } => {
                    found = vec![(country.min(due.added_days), Addition::Country)];
                    before = country.min(due.added_days);
                    (due, Addition::Dock)
                }
                Event::WindowMoved { due, cause } | Event::WindowResumed { due, cause } => {
                    (due, reason(*cause))
                }
                _ => continue,
            };
            let more = due.added_days.saturating_sub(before);
            before = due.added_days;
            match found.iter_mut().find(|(_, known)| *known == why) {
                Some((days, _)) => *days += more,
                None => found.push((more, why)),
            }
        }
        found.retain(|(days, _)| *days > 0);
        found
    }

    /// T13: while a claim is open.
    fn claim(&self) -> Option<Explanation> {
        let claim = self.rma.claim.as_ref()?;
        let claimed_at = self.last(|recorded| match recorded.event {
            Event::DeliveryClaimed { .. } => Some(recorded.stamp.occurred_at),
            _ => None,
        })?;
        let zone = self.terms.return_site.zone;
        let claimed_on = zone.local_date(claimed_at);
        let days = self.words.programme.claim_days;
        let because = format!(
            "Claimed on {} as delivered on {}; decided within {days} business days, by {}",
            long(claimed_on),
            long(claim.delivered_on),
            long(claim.decide_by)
        );
        Some(Explanation {
            due_on: Some(claim.decide_by),
            anchor: Some("claimed"),
            anchor_on: Some(claimed_on),
            calendar: Some(self.terms.return_site.calendar.clone()),
            zone: Some(zone),
            ..self.answer(Subject::Claim, "T13", because)
        })
    }

    /// WAR-5, as stored with the receipt.
    fn repair(&self) -> Option<Explanation> {
        let due_on = self.rma.repair_due_on?;
        let received_on = self.last(|recorded| match &recorded.event {
            Event::Received { repair_due: Some(due), .. } if due.due_on == due_on => {
                Some(due.received_on)
            }
            _ => None,
        })?;
        let mut stored =
            repair_stored(received_on, due_on, self.words.return_site, self.words.programme);
        stored.met = self.met(Promised::Repair, &mut stored.because);
        Some(Explanation { zone: Some(self.terms.return_site.zone), ..stored })
    }

    /// T15: what a finished repair leaves the unit covered for.
    fn cover(&self) -> Option<Explanation> {
        let last = self.rma.cover_through_on?;
        let (outcome, finished_at) = self.last(|recorded| match recorded.event {
            Event::RepairFinished { outcome, .. } => Some((outcome, recorded.stamp.occurred_at)),
            _ => None,
        })?;
        let zone = self.terms.return_site.zone;
        let finished_on = zone.local_date(finished_at);
        let because = cover_because(outcome, finished_on, last, self.words.programme);
        Some(Explanation {
            last_covered_on: Some(last),
            anchor: Some("finished"),
            anchor_on: Some(finished_on),
            zone: Some(zone),
            ..self.answer(Subject::Cover, "T15", because)
        })
    }

    /// ANA-6, ANA-7, while a report is to come.
    fn analysis(&self) -> Option<Explanation> {
        let due = self.rma.analysis_file.due.as_ref()?;
        let stored = analysis_stored(due, self.rma.at_centre_on()?);
        Some(Explanation { zone: Some(self.terms.return_site.zone), ..stored })
    }

    /// T19.
    fn reopening(&self) -> Option<Explanation> {
        let closed_at = self.rma.closed_at?;
        let days = self.words.programme.reopen_days;
        let last: DateTime<Utc> = closed_at.checked_add_days(Days::new(u64::from(days)))?;
        let zone = Zone::UTC;
        let because = format!(
            "Closed on {}; it can be reopened for {days} day{}, until {}",
            moment(closed_at, zone),
            plural(days),
            moment(last, zone)
        );
        Some(Explanation {
            due_at: Some(last),
            anchor: Some("closed"),
            anchor_on: Some(zone.local_date(closed_at)),
            zone: Some(zone),
            ..self.answer(Subject::Reopening, "T19", because)
        })
    }
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn reason(cause: Cause) -> Addition {
    match cause {
        // A proof of delivery carries over what was added before it.
        Cause::ProofOfDelivery => Addition::Unsaid,
        Cause::Extension => Addition::Extension,
        Cause::Claim => Addition::Claim,
        Cause::Dock => Addition::Dock,
        Cause::DeadOnArrival => Addition::DeadOnArrival,
    }
}

fn cover_because(
    outcome: Repair,
    finished_on: NaiveDate,
    last: NaiveDate,
    programme: &Programme,
) -> String {
    let what = match outcome {
        Repair::NoFaultFound => "No fault was found",
        Repair::Replaced => "Replaced",
        _ => "Repaired",
    };
    let how = match outcome {
        Repair::NoFaultFound => "the cover it had goes on".to_owned(),
        _ => format!(
            "covered for {} days or the remainder, whichever is longer",
            programme.repair_cover_days
        ),
    };
    format!("{what} on {}; {how}; the last covered day is {}", long(finished_on), long(last))
}

/// The unit is still to come, or said to have come.
fn waits_for(rma: &Rma) -> bool {
    rma.inbound.is_owed() || rma.inbound == Inbound::DeliveryClaimed
}
