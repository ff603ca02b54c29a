//! What a unit is entitled to, in one sentence.

use chrono::NaiveDate;

use super::answer::{Explanation, Subject};
use super::text::long;
use crate::domain::entitlement::{ContractCover, Entitlement, Source, Verdict};
use crate::domain::service_level::Promise;
use crate::domain::warranty::Warranty;

/// An entitlement that was resolved and kept with its evidence.
pub(super) fn entitled(entitlement: &Entitlement, programme: &str) -> Explanation {
    let promise = match entitlement.promise {
        Promise::None => "no hardware option",
        Promise::ReturnToFactory => "repair or replacement after the unit's return",
        Promise::NextDayShip => "a replacement shipped the next business day",
        Promise::NextDayDelivery => "a replacement delivered the next business day",
        Promise::FourHours => "a replacement delivered in four hours",
        Promise::TwoHours => "a replacement delivered in two hours",
    };
    let from = match &entitlement.source {
        Source::Contract(contract) => {
            let days = format!("from {} to {}", long(contract.from_on), long(contract.through_on));
            let ContractCover { number, level, .. } = contract;
            match &contract.through_chassis {
                None => format!("contract {number} ({level}) covers the unit {days}"),
                Some(chassis) => format!(
                    "contract {number} ({level}) covers the chassis {chassis} and the unit in it {days}"
                ),
            }
        }
        Source::Warranty => {
            format!(
                "the warranty covers the unit to {}",
                long(entitlement.warranty.last_covered_on)
            )
        }
    };
    let because = format!("On {} {from}; it promises {promise}", long(entitlement.on));
    let service_level = match &entitlement.source {
        Source::Contract(contract) => Some(contract.level),
        Source::Warranty => None,
    };
    Explanation {
        verdict: Some("entitled".to_owned()),
        service_level,
        start_on: Some(entitlement.warranty.start_on),
        last_covered_on: Some(entitlement.warranty.last_covered_on),
        provisional: Some(entitlement.warranty.provisional),
        covered: Some(true),
        anchor: Some("on"),
        anchor_on: Some(entitlement.on),
        ..Explanation::new(Subject::Entitlement, &entitlement.rule, programme, because)
    }
}

/// The verdict of an entitlement check on `on`, a local date of the unit's site.
pub fn entitlement(verdict: &Verdict, on: NaiveDate, programme: &str) -> Explanation {
    match verdict {
        Verdict::Entitled(entitlement) => entitled(entitlement, programme),
        Verdict::NotRegistered(warranty) => {
            let because = format!(
                "On {} the warranty alone would cover the unit, to {}; registering the unit activates it",
                long(on),
                long(warranty.last_covered_on)
            );
            without("not_registered", "WAR-4", warranty, (on, programme), because)
        }
        Verdict::GreyMarket(warranty) => {
            let because =
                "The unit is marked as of the grey market; until customer care reinstates \
                           it, neither contract nor warranty serves"
                    .to_owned();
            without("grey_market", "ENT-6", warranty, (on, programme), because)
        }
        Verdict::NotEntitled(warranty) => {
            let because = format!(
                "On {} no contract with a hardware option runs, and the warranty, last covered day {}, does not serve",
                long(on),
                long(warranty.last_covered_on)
            );
            without("not_entitled", "ENT-3", warranty, (on, programme), because)
        }
    }
}

fn without(
    verdict: &str,
    rule: &str,
    warranty: &Warranty,
    (on, programme): (NaiveDate, &str),
    because: String,
) -> Explanation {
    Explanation {
        verdict: Some(verdict.to_owned()),
        start_on: Some(warranty.start_on),
        last_covered_on: Some(warranty.last_covered_on),
        provisional: Some(warranty.provisional),
        covered: Some(false),
        anchor: Some("on"),
        anchor_on: Some(on),
        ..Explanation::new(Subject::Entitlement, rule, programme, because)
    }
}
