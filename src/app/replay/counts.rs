//! What a replay came to: its own tally, kept while acting, the tables' counts, and whether they agree.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;

use super::command::NEVER_SENT;
use super::script::{Act, Live};
use crate::db::counts::{ByWord, TableCounts};
use crate::domain::dock::DockVerdict;
use crate::domain::money::{Currency, Money};
use crate::domain::notice::notice;
use crate::domain::rma::state::Review;
use crate::domain::rma::tracks::{Authorisation, Inbound, Mode, Outbound};
use crate::domain::rma::{Event, Rma};

/// The tally kept while acting.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub cases: i64,
    pub children: i64,
    pub events: ByWord,
    pub outbox: ByWord,
    pub receipts: ByWord,
    pub ledger: ByWord,
    /// Acts planned and dropped because life had overtaken them.
    pub overtaken: BTreeMap<&'static str, u64>,
    pub swapped: u64,
}

impl Tally {
    /// Takes one event; `after` is the state its decision led to.
    pub fn event(&mut self, event: &Event, after: &Rma) {
        add(&mut self.events, event.kind(), 1);
        if let Some((kind, _)) = notice(event, after) {
            add(&mut self.outbox, kind.as_str(), 1);
        }
        match event {
            Event::Charged { amount, .. } => {
                add(&mut self.ledger, &format!("{} charge", amount.currency.code()), amount.minor);
            }
            Event::Credited { amount, .. } => {
                add(&mut self.ledger, &format!("{} credit", amount.currency.code()), amount.minor);
            }
            _ => {}
        }
    }

    pub fn receipt(&mut self, verdict: DockVerdict) {
        add(&mut self.receipts, verdict.as_str(), 1);
    }

    pub fn overtaken(&mut self, act: Act) {
        *self.overtaken.entry(act.as_str()).or_default() += 1;
    }

    /// What the tables should say.
    pub fn expected<'a>(&self, rmas: impl Iterator<Item = &'a Rma>) -> TableCounts {
        let mut expected = TableCounts {
            cases: self.cases,
            children: self.children,
            events: self.events.clone(),
            outbox: self.outbox.clone(),
            receipts: self.receipts.clone(),
            ledger: self.ledger.clone(),
            projected: self.ledger.clone(),
            ..TableCounts::default()
        };
        let mut serials = BTreeSet::new();
        for rma in rmas {
            expected.rmas += 1;
            expected.open += i64::from(rma.is_open);
            if !serials.insert((rma.manufacturer.as_str(), rma.serial_number.as_str())) {
                expected.twice += 1;
            }
            let tracks = [
                ("authorisation", rma.authorisation.as_str()),
                ("outbound", rma.outbound.as_str()),
                ("inbound", rma.inbound.as_str()),
                ("repair", rma.repair.as_str()),
                ("analysis", rma.analysis.as_str()),
                ("exposure", rma.exposure.as_str()),
            ];
            for (track, state) in tracks {
                add(&mut expected.tracks, &format!("{track}: {state}"), 1);
            }
        }
        expected
    }
}

fn add(counts: &mut ByWord, word: &str, number: i64) {
    match counts.get_mut(word) {
        Some(count) => *count += number,
        None => {
            counts.insert(word.to_owned(), number);
        }
    }
}

/// The end a replay's RMA came to, from what happened to it and not from what was planned.
pub(super) fn ending(live: &Live, met: &BTreeSet<&'static str>) -> (&'static str, &'static str) {
    let rma = &live.rma;
    let happened = |kind: &str| met.contains(kind);
    let Some(mode) = rma.mode() else {
        return match rma.authorisation {
            Authorisation::Denied => ("not issued", "denied, no cover"),
            _ => ("not issued", "still open"),
        };
    };
    if rma.authorisation == Authorisation::Cancelled && !rma.has_shipped() {
        let never = rma.reason.as_deref() == Some(NEVER_SENT);
        return (mode_name(mode), if never { "never sent" } else { "called off before shipping" });
    }
    let end = match mode {
        Mode::ReturnToFactory => factory_ending(rma),
        Mode::AdvanceReplacement => advance_ending(rma, &happened),
    };
    (mode_name(mode), end)
}

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::AdvanceReplacement => "advance replacement",
        Mode::ReturnToFactory => "return to factory",
    }
}

fn factory_ending(rma: &Rma) -> &'static str {
    use crate::domain::rma::tracks::Repair;
    if rma.is_open {
        return "still open";
    }
    match (rma.inbound, rma.repair) {
        (Inbound::LostByUs, _) => "lost by us, replaced",
        (Inbound::NotRequiredDestroyed, _) => "destroyed, replaced",
        (_, Repair::Repaired) => "repaired",
        (_, Repair::NoFaultFound) => "no fault found, same unit back",
        (_, Repair::Replaced) => "replaced by the bench",
        (_, Repair::Scrapped) => "scrapped",
        (_, Repair::ReturnedUnrepaired) => "quote refused, unrepaired back",
        _ => "other",
    }
}

fn advance_ending(rma: &Rma, happened: &dyn Fn(&str) -> bool) -> &'static str {
    if rma.is_open {
        return "still open";
    }
    let charged = happened("charged");
    let accepted = happened("accepted");
    if matches!(rma.review, Some(Review::Excluded(_))) {
        return "fault not covered";
    }
    if happened("purchased") {
        return if charged { "bought after the charge" } else { "bought before the charge" };
    }
    match rma.inbound {
        Inbound::NotRequiredMediaRetained | Inbound::NotRequiredCountry => {
            return "not asked back";
        }
        Inbound::NotRequiredDestroyed => return "destroyed under certificate",
        Inbound::LostByUs => return "claimed, not found",
        _ if rma.outbound == Outbound::Returned => return "replacement back unopened",
        _ => {}
    }
    match (accepted, charged) {
        (true, true) if happened("charge_kept") => "charged, returned, charge kept",
        (true, true) => "charged, returned, credited",
        (true, false) if happened("claim_upheld") => "claimed, found",
        (true, false) if happened("fell_due") || happened("waived") => {
            "returned late, before any charge"
        }
        (true, false) => "returned in time",
        (false, true) => "charged, never returned",
        (false, false) if happened("waived") => "waived, never returned",
        (false, false) => "other",
    }
}

/// What a replay came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    pub seed: u64,
    pub units: usize,
    pub failures: usize,
    pub accounts: usize,
    pub sites: usize,
    pub first_on: NaiveDate,
    /// The last virtual day.
    pub last_on: NaiveDate,
    pub days: u32,
    /// As the tables have it; the replay's own tally said the same.
    pub tables: TableCounts,
    /// How many RMAs came to which end: mode, end.
    pub endings: BTreeMap<(&'static str, &'static str), u64>,
    /// What happened on the way, in RMAs.
    pub on_the_way: BTreeMap<&'static str, u64>,
    pub overtaken: BTreeMap<&'static str, u64>,
    pub reports: u32,
    /// SHA-256 over all events; the same for the same seed, mix and input.
    pub history: String,
}

/// Everything in which the tables differ from the tally.
pub(super) fn differences(
    tally: &TableCounts,
    tables: &TableCounts,
    failures: usize,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut one = |what: &str, counted: i64, stored: i64| {
        if counted != stored {
            wrong.push(format!("{what}: {counted} counted while acting, {stored} in the tables"));
        }
    };
    one("cases", tally.cases, tables.cases);
    one("RMAs", tally.rmas, tables.rmas);
    one("open RMAs", tally.open, tables.open);
    one("RMAs on dead replacements", tally.children, tables.children);
    one("serials with two RMAs", tally.twice, tables.twice);
    let failures = i64::try_from(failures).unwrap_or(i64::MAX);
    one("RMAs that are no child, against failures", failures, tables.rmas - tables.children);
    let maps = [
        ("track", &tally.tracks, &tables.tracks),
        ("events", &tally.events, &tables.events),
        ("outbox", &tally.outbox, &tables.outbox),
        ("receipts", &tally.receipts, &tables.receipts),
        ("ledger", &tally.ledger, &tables.ledger),
        ("money on the RMAs", &tally.projected, &tables.projected),
    ];
    for (what, counted, stored) in maps {
        let words: BTreeSet<&String> = counted.keys().chain(stored.keys()).collect();
        for word in words {
            let of = |map: &ByWord| map.get(word).copied().unwrap_or_default();
            one(&format!("{what}, {word}"), of(counted), of(stored));
        }
    }
    wrong
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tables = &self.tables;
        writeln!(
            f,
            "Replayed {} to {} ({} days), seed {}: {} units at {} accounts; {} sites with depots and docks",
            self.first_on,
            self.last_on,
            grouped(self.days.into()),
            self.seed,
            grouped(self.units as i64),
            self.accounts,
            self.sites
        )?;
        writeln!(
            f,
            "{} failures, {} cases, {} RMAs ({} of them on replacements dead on arrival); \
             serials with two RMAs: {}; still open: {}",
            grouped(self.failures as i64),
            grouped(tables.cases),
            grouped(tables.rmas),
            tables.children,
            tables.twice,
            tables.open
        )?;
        self.write_endings(f)?;
        let some = |map: &BTreeMap<&'static str, u64>| -> ByWord {
            map.iter().map(|(k, v)| ((*k).to_owned(), i64::try_from(*v).unwrap_or(0))).collect()
        };
        section(f, "On the way (RMAs)", &some(&self.on_the_way))?;
        section(f, "Tracks at the end", &tables.tracks)?;
        self.write_money(f)?;
        section(f, "Boxes at the docks", &tables.receipts)?;
        let of = |map: &ByWord| grouped(map.values().sum());
        section(f, &format!("Events: {}", of(&tables.events)), &tables.events)?;
        section(f, &format!("Messages to send: {}", of(&tables.outbox)), &tables.outbox)?;
        section(f, "Acts planned and overtaken", &some(&self.overtaken))?;
        if self.reports > 0 {
            writeln!(f, "\nReports written: {}", self.reports)?;
        }
        writeln!(f, "\nThe tables agree with what was counted while acting.")?;
        write!(f, "History {}", self.history)
    }
}

impl Counts {
    fn write_endings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut modes: BTreeMap<&str, Vec<(&str, u64)>> = BTreeMap::new();
        for ((mode, end), count) in &self.endings {
            modes.entry(mode).or_default().push((end, *count));
        }
        for (mode, mut ends) in modes {
            let sum: u64 = ends.iter().map(|(_, count)| count).sum();
            writeln!(f, "\n{mode}: {}", grouped(sum as i64))?;
            ends.sort_by_key(|(end, count)| (std::cmp::Reverse(*count), *end));
            for (end, count) in ends {
                let share = 100.0 * count as f64 / sum.max(1) as f64;
                writeln!(f, "  {end:<36} {:>8}  {share:>5.1} %", grouped(count as i64))?;
            }
        }
        Ok(())
    }

    /// Charged, credited and what is left, a currency a line.
    fn write_money(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.tables.ledger.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nLedger")?;
        let mut currencies: Vec<&str> =
            self.tables.ledger.keys().filter_map(|word| word.split(' ').next()).collect();
        currencies.dedup();
        for code in currencies {
            let of = |kind: &str| {
                self.tables.ledger.get(&format!("{code} {kind}")).copied().unwrap_or_default()
            };
            let (charged, credited) = (of("charge"), of("credit"));
            let Some(currency) = Currency::from_code(code) else { continue };
            let shown = |minor| Money { minor, currency }.to_string();
            writeln!(
                f,
                "  charged {:>20}  credited {:>20}  balance {:>20}",
                shown(charged),
                shown(credited),
                shown(charged - credited)
            )?;
        }
        Ok(())
    }
}

fn section(f: &mut fmt::Formatter<'_>, title: &str, counts: &ByWord) -> fmt::Result {
    if counts.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n{title}")?;
    for (word, count) in counts {
        writeln!(f, "  {word:<36} {:>8}", grouped(*count))?;
    }
    Ok(())
}

/// Thousands apart: 5,326.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if number < 0 { format!("-{out}") } else { out }
}
