//! What a unit is entitled to on a day: the best of its contracts and its warranty (AMB-25).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ids::SerialNumber;
use super::programme::Programme;
use super::service_level::{Promise, ServiceLevel};
use super::warranty::{Sale, Warranty, WarrantyError};

/// A contract that covers a unit, from its first through its last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractCover {
    pub number: String,
    pub level: ServiceLevel,
    pub from_on: NaiveDate,
    pub through_on: NaiveDate,
    /// The customer keeps the defective medium.
    pub media_retention: bool,
    /// It covers the chassis of this serial, and the unit as long as it stands in it (ID-5); the days are
    /// those of both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through_chassis: Option<SerialNumber>,
}

/// What gave an entitlement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    Contract(ContractCover),
    Warranty,
}

/// What the unit is entitled to, with all the evidence it was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    pub promise: Promise,
    pub onsite: bool,
    pub media_retention: bool,
    pub rule: String,
    /// Not flattened: a contract has a `media_retention` of its own, and one JSON object cannot hold two.
    pub source: Source,
    /// The warranty as computed that day, used or not.
    pub warranty: Warranty,
    /// Every contract seen that day, used or not.
    pub contracts: Vec<ContractCover>,
    /// The failure's local date at the installed site.
    pub on: NaiveDate,
}

/// The verdict of an entitlement check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Entitled(Box<Entitlement>),
    /// Covered by warranty alone, which registration has not activated (WAR-4, AMB-5).
    NotRegistered(Warranty),
    /// Neither contract nor warranty gives a hardware option (ENT-2, ENT-4).
    NotEntitled(Warranty),
    /// Marked as of the grey market, and not reinstated: neither contract nor warranty serves (ENT-6).
    GreyMarket(Warranty),
}

/// As [`resolve`], for a unit that may be marked as of the grey market.
pub fn resolve_marked(
    marked: bool,
    sale: &Sale,
    contracts: &[ContractCover],
    on: NaiveDate,
    programme: &Programme,
) -> Result<Verdict, WarrantyError> {
    if marked {
        return Ok(Verdict::GreyMarket(Warranty::of(sale, programme)?));
    }
    resolve(sale, contracts, on, programme)
}

/// Reads the entitlement of a unit that failed on `on` (local date of the installed site).
pub fn resolve(
    sale: &Sale,
    contracts: &[ContractCover],
    on: NaiveDate,
    programme: &Programme,
) -> Result<Verdict, WarrantyError> {
    let warranty = Warranty::of(sale, programme)?;
    let running: Vec<&ContractCover> =
        contracts.iter().filter(|c| (c.from_on..=c.through_on).contains(&on)).collect();
    // Among equal promises the one that brings an engineer, then the one that lasts longest, then the
    // unit's own before its chassis's, then the lower number, so that the same evidence always gives the same answer.
    let best = running.iter().copied().max_by(|a, b| {
        let rank = |c: &ContractCover| {
            let terms = programme.service_levels.terms(c.level);
            (terms.promise, terms.onsite, c.through_on, c.through_chassis.is_none())
        };
        rank(a).cmp(&rank(b)).then_with(|| b.number.cmp(&a.number))
    });
    let in_warranty = warranty.covers(on, sale.shipped_on);
    let warranty_serves = in_warranty && (best.is_none() || programme.best_of_both);
    let media_retention = running.iter().any(|c| c.media_retention);
    let entitled = |promise, onsite, rule: &str, source| {
        Verdict::Entitled(Box::new(Entitlement {
            promise,
            onsite,
            media_retention,
            rule: rule.to_owned(),
            source,
            warranty: warranty.clone(),
            contracts: running.iter().map(|c| (*c).clone()).collect(),
            on,
        }))
    };
    // What a level promises is the programme's to say (AMB-22).
    let served = best.map(|c| (c, programme.service_levels.terms(c.level)));
    Ok(match served {
        Some((c, terms)) if terms.promise > Promise::None => {
            entitled(terms.promise, terms.onsite, "ENT-3", Source::Contract(c.clone()))
        }
        _ if warranty_serves && !warranty.registered => Verdict::NotRegistered(warranty),
        Some(_) if warranty_serves => {
            entitled(Promise::ReturnToFactory, false, "AMB-25", Source::Warranty)
        }
        None if warranty_serves => {
            entitled(Promise::ReturnToFactory, false, "WAR-5", Source::Warranty)
        }
        _ => Verdict::NotEntitled(warranty),
    })
}
