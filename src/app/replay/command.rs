//! From an act to the command that carries it out, on the RMA as it stands; or none, where life has
//! overtaken the plan.

use chrono::{DateTime, TimeDelta, Utc};

use super::cast::{at_dock, person};
use super::plan::{BenchEnd, ClaimEnd, ReviewEnd, Way};
use super::script::{Act, Live};
use crate::domain::ids::{IdError, SerialNumber};
use crate::domain::replacement_due::ReplacementDue;
use crate::domain::rma::state::Review;
use crate::domain::rma::tracks::{
    Authorisation, Exclusion, Exposure, Inbound, Outbound, Repair, WrongUnit,
};
use crate::domain::rma::visit::{VisitOutcome, VisitState};
use crate::domain::rma::{Actor, Command, Role};

/// Why an RMA is cancelled whose unit was to be repaired, but never came.
pub(super) const NEVER_SENT: &str = "the unit was never sent";

/// A command with who gives it and where we know it from.
pub(super) struct Ordered {
    pub command: Command,
    pub actor: Actor,
    pub source: &'static str,
}

/// The command of an act, where it still makes sense; boxes and dead replacements have use cases of
/// their own and are not asked here. `shelf` is the unit an allocation takes.
pub(super) fn command_of(
    live: &Live,
    act: Act,
    now: DateTime<Utc>,
    shelf: Option<&SerialNumber>,
) -> Result<Option<Ordered>, IdError> {
    let command = match act {
        Act::Create | Act::Issue | Act::Release | Act::Deny | Act::CallOff | Act::GiveUp => {
            authorisation(live, act)
        }
        Act::Backorder | Act::Allocate | Act::Ship | Act::Deliver | Act::FailDelivery => {
            outbound(live, act, shelf)
        }
        Act::HandOver | Act::Accept | Act::Resolve | Act::FindExclusion => inbound(live, act),
        Act::Claim | Act::DecideClaim | Act::Destroy => claim(live, act, now),
        Act::Review | Act::CreditReview | Act::Buy => money(live, act, now),
        Act::StartRepair | Act::FinishRepair | Act::AnswerQuote => bench(live, act),
        Act::PlanVisit | Act::Visit => visit(live, act, now),
        Act::ReportDead
        | Act::ArriveOwn
        | Act::ArriveWrong
        | Act::ArriveSwapped
        | Act::ArriveReplacement => None,
    };
    let Some(command) = command else { return Ok(None) };
    let actor = actor_of(live, act)?;
    Ok(Some(Ordered { command, actor, source: source_of(act) }))
}

/// Whose act it is.
pub(super) fn actor_of(live: &Live, act: Act) -> Result<Actor, IdError> {
    let region = live.region.as_str();
    let dock = live.dock.code.as_str();
    match act {
        Act::Create if live.plan.questionnaire => Actor::new(Role::Questionnaire, "portal"),
        Act::Create => person(region, Role::Engineer),
        Act::Issue
        | Act::Release
        | Act::Deny
        | Act::GiveUp
        | Act::DecideClaim
        | Act::PlanVisit
        | Act::Visit => person(region, Role::Logistics),
        Act::Backorder | Act::Allocate => person(region, Role::Depot),
        Act::Ship if live.rma.sends_itself_back() => at_dock(dock, Role::Repair),
        Act::Ship => person(region, Role::Depot),
        Act::Deliver | Act::FailDelivery => Actor::new(Role::Carrier, "Parcel Express"),
        Act::CallOff | Act::HandOver | Act::Claim | Act::Destroy | Act::Buy | Act::ReportDead => {
            Actor::new(Role::Customer, live.contact.0.as_str())
        }
        Act::ArriveOwn | Act::ArriveWrong | Act::ArriveSwapped | Act::ArriveReplacement => {
            at_dock(dock, Role::Dock)
        }
        Act::Accept | Act::Resolve | Act::FindExclusion => at_dock(dock, Role::Inspector),
        Act::Review | Act::CreditReview => person(region, Role::Finance),
        Act::StartRepair | Act::FinishRepair | Act::AnswerQuote => at_dock(dock, Role::Repair),
    }
}

/// How we come to know of an act.
pub(super) fn source_of(act: Act) -> &'static str {
    match act {
        Act::Deliver | Act::FailDelivery => "carrier",
        Act::HandOver | Act::CallOff | Act::Claim | Act::Destroy | Act::ReportDead => "portal",
        Act::Buy | Act::AnswerQuote => "e-mail",
        Act::ArriveOwn | Act::ArriveWrong | Act::ArriveSwapped | Act::ArriveReplacement => {
            "dock scanner"
        }
        _ => "console",
    }
}

/// Whether a box for this RMA still stands for anything.
pub(super) fn box_is_awaited(live: &Live) -> bool {
    let rma = &live.rma;
    let bought = rma.exposure == Exposure::Purchased && rma.inbound.is_owed();
    let open = rma.authorisation == Authorisation::Issued
        && (rma.inbound.is_owed()
            || matches!(rma.inbound, Inbound::DeliveryClaimed | Inbound::LostByUs));
    bought || open
}

fn authorisation(live: &Live, act: Act) -> Option<Command> {
    let rma = &live.rma;
    let on_hold = rma.authorisation == Authorisation::OnHold;
    let text = str::to_owned;
    match act {
        Act::Create if rma.authorisation == Authorisation::Requested => {
            let diagnosis = Some(text("does not come up; the self-test fails twice"));
            Some(Command::Create { diagnosis })
        }
        Act::Issue if rma.authorisation == Authorisation::Created => Some(Command::Issue {}),
        Act::Release if on_hold => {
            let note = match rma.reason.as_deref() {
                Some("export") => "export check passed",
                Some("price") => "the list price was added",
                Some("registration") => "the unit was registered",
                _ => "settled with the customer",
            };
            Some(Command::Release { note: text(note) })
        }
        Act::Deny if on_hold => {
            Some(Command::Deny { reason: text("neither warranty nor contract covers the unit") })
        }
        Act::CallOff if rma.authorisation == Authorisation::Issued && !rma.has_shipped() => {
            let in_hand = matches!(
                rma.inbound,
                Inbound::Received | Inbound::Accepted | Inbound::DeliveryClaimed
            );
            let reason = text("came up again after a restart");
            (!in_hand).then_some(Command::Cancel { reason })
        }
        Act::GiveUp => {
            let waits = rma.authorisation == Authorisation::Issued && rma.inbound.is_owed();
            let reason = text(NEVER_SENT);
            (waits && !rma.has_shipped()).then_some(Command::Cancel { reason })
        }
        _ => None,
    }
}

/// Whether the RMA still waits for a unit from stock.
pub(super) fn wants_stock(live: &Live) -> bool {
    let rma = &live.rma;
    rma.owes_a_unit()
        && !rma.sends_itself_back()
        && matches!(rma.outbound, Outbound::None | Outbound::Backordered)
}

fn outbound(live: &Live, act: Act, shelf: Option<&SerialNumber>) -> Option<Command> {
    let rma = &live.rma;
    let tracking = || format!("1Z{:012X}", live.dice.roll("tracking") >> 16);
    match act {
        Act::Backorder if wants_stock(live) => Some(Command::Backorder { expected_on: None }),
        Act::Allocate if wants_stock(live) => Some(match shelf {
            Some(serial_number) => Command::Allocate { serial_number: serial_number.clone() },
            None => Command::Backorder { expected_on: None },
        }),
        Act::Ship if rma.owes_a_unit() => {
            let ready = match rma.outbound {
                Outbound::Allocated | Outbound::Failed => true,
                Outbound::None => rma.sends_itself_back(),
                _ => false,
            };
            let carrier = "Parcel Express".to_owned();
            ready.then(|| Command::Ship { carrier, tracking_number: Some(tracking()) })
        }
        Act::Deliver | Act::FailDelivery => {
            let on_its_way = match rma.outbound {
                Outbound::Shipped => true,
                Outbound::Delivered => rma.shipment.estimated,
                _ => false,
            };
            on_its_way.then(|| match act {
                Act::Deliver => Command::Deliver { signed_by: Some(live.contact.0.clone()) },
                _ => Command::FailDelivery { reason: "nobody at the gate".to_owned() },
            })
        }
        _ => None,
    }
}

fn inbound(live: &Live, act: Act) -> Option<Command> {
    let rma = &live.rma;
    match act {
        Act::HandOver if matches!(rma.inbound, Inbound::Awaiting | Inbound::Refused) => {
            let tracking_number = live.dice.share("return tracked", 0.8);
            let number = || format!("RT{:010}", live.dice.roll("return") % 10_000_000_000);
            Some(Command::HandOver {
                carrier: Some("Retour Freight".to_owned()),
                tracking_number: tracking_number.then(number),
            })
        }
        Act::Accept if rma.inbound == Inbound::Received => Some(Command::Accept {}),
        Act::Resolve if rma.inbound == Inbound::Discrepant => {
            Some(Command::ResolveDiscrepancy { outcome: WrongUnit::ReturnedToSender })
        }
        Act::FindExclusion if rma.inbound == Inbound::Received => {
            let free = matches!(
                rma.exposure,
                Exposure::None | Exposure::Exposed | Exposure::InReview | Exposure::Cleared
            );
            free.then(|| Command::FindExclusion {
                exclusion: Exclusion::CustomerDamage,
                evidence: "dented cover, platters scored; photographs on file".to_owned(),
            })
        }
        _ => None,
    }
}

fn claim(live: &Live, act: Act, now: DateTime<Utc>) -> Option<Command> {
    let rma = &live.rma;
    let on_its_way = matches!(rma.inbound, Inbound::Awaiting | Inbound::InTransit);
    match act {
        Act::Claim if on_its_way && rma.exposure != Exposure::Purchased => {
            let delivered_on = live.proof_on.filter(|on| *on <= live.dock.local_date(now))?;
            let proof = format!("Retour Freight, signed at gate 2 on {delivered_on}");
            // Named when it is kept, right before the claim.
            let attachments = Vec::new();
            Some(Command::ClaimDelivery { proof, delivered_on, attachments })
        }
        Act::DecideClaim if rma.claim.is_some() => Some(match live.plan.claim {
            ClaimEnd::Found => Command::UpholdClaim { found: true },
            ClaimEnd::NotFound => Command::UpholdClaim { found: false },
            ClaimEnd::Rejected => Command::RejectClaim {
                reason: "the proof shows another consignee's address".to_owned(),
            },
        }),
        Act::Destroy if on_its_way => Some(Command::CertifyDestruction {
            certificate: format!("shredded on site, certificate {:08}", live.rma.number.value()),
        }),
        _ => None,
    }
}

fn money(live: &Live, act: Act, now: DateTime<Utc>) -> Option<Command> {
    let rma = &live.rma;
    match act {
        Act::Review if rma.exposure == Exposure::InReview => review(live, now),
        Act::CreditReview if rma.exposure == Exposure::CreditReview => {
            Some(if live.plan.credited && rma.balance_minor() > 0 {
                let reason = "the unit has come".to_owned();
                Command::Credit { amount_minor: rma.balance_minor(), reason }
            } else {
                let reason = "came too late to be of use; agreed with the account".to_owned();
                Command::KeepCharge { reason }
            })
        }
        Act::Buy => {
            let buys =
                matches!(rma.exposure, Exposure::Exposed | Exposure::InReview | Exposure::Charged);
            let purchase_order = format!("PO-{:06}", live.dice.between("order", 0, 999_999));
            (buys && rma.inbound.is_owed()).then_some(Command::Purchase { purchase_order })
        }
        _ => None,
    }
}

/// Overdue units that have come are cleared when they are accepted: finance leaves them alone.
fn review(live: &Live, now: DateTime<Utc>) -> Option<Command> {
    let rma = &live.rma;
    let excluded = matches!(rma.review, Some(Review::Excluded(_)));
    if !excluded && !rma.inbound.is_owed() {
        return None;
    }
    let to_the_end = matches!(live.plan.way, Way::AfterCharge | Way::BoughtAfterCharge);
    let end = if to_the_end && !excluded { ReviewEnd::Charged } else { live.plan.review };
    let price = rma.terms.as_ref().map(|terms| terms.list_price.minor)?;
    let charge = |reason: &str| {
        let amount_minor = price - rma.balance_minor();
        (amount_minor > 0).then(|| Command::Charge { amount_minor, reason: reason.to_owned() })
    };
    match end {
        ReviewEnd::Waived => Some(Command::Waive { reason: "goodwill, agreed with sales".into() }),
        ReviewEnd::Extended if !excluded && !live.extended => {
            let due_on = rma.due.as_ref()?.due_on;
            let late = live.ship_to.calendar.business_days_between(due_on, now.date_naive());
            let business_days = u32::try_from(late.unwrap_or(20)).unwrap_or(0) + 10;
            Some(Command::Extend { business_days, reason: "customs strike".to_owned() })
        }
        _ if excluded => charge("damage the warranty does not cover"),
        _ => charge("not returned within the window"),
    }
}

/// An engineer with the part where the time still allows, else as soon as one can come.
fn visit(live: &Live, act: Act, now: DateTime<Utc>) -> Option<Command> {
    let visit = &live.rma.visit;
    let label = |what: &str| format!("{what} at {}", live.rma.version);
    match (act, &visit.plan) {
        (Act::PlanVisit, None) if visit.state == VisitState::Owed => {
            let engineers = ["Noor Castellanos", "Jonas Wójcik", "Trần Mỹ Linh"];
            let engineer = live.dice.one_of("engineer", &engineers).copied()?.to_owned();
            let soon = now + TimeDelta::minutes(live.dice.between(&label("soon"), 60, 180).into());
            let minutes = live.dice.between(&label("planned"), 9 * 60, 15 * 60);
            let on_the_day =
                |on| live.ship_to.zone.start_of_day(on) + TimeDelta::minutes(minutes.into());
            let at = match visit.due? {
                ReplacementDue::DeliverBy { at } => (at - TimeDelta::minutes(40)).max(soon),
                ReplacementDue::ShipOn { on } | ReplacementDue::DeliverOn { on } => {
                    let today = live.ship_to.local_date(now);
                    match on_the_day(on) {
                        at if at >= soon => at,
                        _ => on_the_day(live.ship_to.calendar.add_business_days(today, 1).ok()?),
                    }
                }
            };
            Some(Command::PlanVisit { engineer, at })
        }
        (Act::Visit, Some(plan)) => {
            let first = visit.records.is_empty();
            let (absent, could_not) =
                (first && live.dice.share("nobody there", 0.04), live.dice.share("no luck", 0.03));
            let outcome = match (absent, first && could_not) {
                (true, _) => VisitOutcome::CustomerAbsent,
                (_, true) => VisitOutcome::CouldNot,
                _ => VisitOutcome::Replaced,
            };
            let reason =
                (outcome == VisitOutcome::CouldNot).then(|| "the part had not arrived".to_owned());
            let arrived_at = plan.at;
            Some(Command::RecordVisit { arrived_at, outcome, engineer: None, reason })
        }
        _ => None,
    }
}

fn bench(live: &Live, act: Act) -> Option<Command> {
    let rma = &live.rma;
    let quoted = live.plan.bench == BenchEnd::Quoted;
    match act {
        Act::StartRepair if rma.repair == Repair::Queued => Some(Command::StartRepair {}),
        // A quote comes first; once it is accepted the repair goes on to its end.
        Act::FinishRepair if rma.repair == Repair::InRepair => Some(match live.plan.bench {
            BenchEnd::Quoted if !live.quoted => Command::Quote {
                amount_minor: (rma.terms.as_ref().map_or(0, |t| t.list_price.minor) / 3).max(1),
            },
            BenchEnd::Repaired | BenchEnd::Quoted => {
                Command::FinishRepair { outcome: Repair::Repaired }
            }
            BenchEnd::NoFaultFound => Command::FinishRepair { outcome: Repair::NoFaultFound },
            BenchEnd::Replaced => Command::FinishRepair { outcome: Repair::Replaced },
            BenchEnd::Scrapped => Command::FinishRepair { outcome: Repair::Scrapped },
        }),
        Act::AnswerQuote if rma.repair == Repair::AwaitingQuote && quoted => {
            Some(if live.plan.quote_accepted {
                Command::StartRepair {}
            } else {
                Command::FinishRepair { outcome: Repair::ReturnedUnrepaired }
            })
        }
        _ => None,
    }
}
