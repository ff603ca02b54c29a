//! Folds every RMA's events again and compares: hashes, state, dates, what was owed when, ledger and
//! messages; and every kept file's bytes with their SHA-256. Reads one unchanging state of the database, a page at a time.

use std::collections::BTreeMap;
use std::fmt;

use super::attachments::sha256;
use super::context::App;
use super::error::AppError;
use crate::db::AnyConnection;
use crate::db::attachments;
use crate::db::audit::{self, Identity, KeptState, Page};
use crate::db::history::EventRow;
use crate::db::positions::{PositionRow, past_position};
use crate::db::rmas::Projection;
use crate::db::states;
use crate::db::times::from_naive;
use crate::domain::attachment::FileRef;
use crate::domain::ids::{AttachmentId, RmaId};
use crate::domain::notice::notice;
use crate::domain::rma::hash::event_hash;
use crate::domain::rma::{Event, Recorded, Rma};

/// One difference between what is stored and what the events say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub rma: String,
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rma, self.what)
    }
}

/// What was checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verified {
    pub rmas: u64,
    pub events: u64,
    /// Files whose bytes were compared with their hash.
    pub files: u64,
    pub findings: u64,
}

const PAGE: i64 = 500;

/// Verifies the whole database; every finding is told as it is found.
pub fn run(
    app: &App,
    mut tell: impl FnMut(&Finding),
    mut progress: impl FnMut(u64),
) -> Result<Verified, AppError> {
    app.db.read(|connection| {
        let mut verified = Verified::default();
        let mut after = RmaId(0);
        let mut named = Vec::new();
        loop {
            let (page, last) = audit::page(connection, after, PAGE)?;
            if page.rmas.is_empty() {
                break;
            }
            after = last;
            verified.rmas += page.rmas.len() as u64;
            verified.events += page.events.len() as u64;
            for finding in check_page(&page, &mut named) {
                verified.findings += 1;
                tell(&finding);
            }
            progress(verified.rmas);
        }
        files(connection, &named, &mut verified, &mut tell)?;
        let (rows, firsts) = audit::totals(connection)?;
        if rows != firsts {
            verified.findings += 1;
            let what = format!("{rows} RMAs stand beside {firsts} first events");
            tell(&Finding { rma: "all".to_owned(), what });
        }
        Ok(verified)
    })
}

/// A file that an RMA's event names.
struct Named {
    rma: String,
    file: FileRef,
}

/// Every file's bytes are those of its hash, and what events name is kept with their RMA as they name it, its
/// bytes or, withdrawn, its hash. One file is read at a time.
fn files(
    connection: &mut AnyConnection,
    named: &[Named],
    verified: &mut Verified,
    tell: &mut impl FnMut(&Finding),
) -> Result<(), AppError> {
    let mut find = |rma: String, what: String| {
        verified.findings += 1;
        tell(&Finding { rma, what });
    };
    let mut missing: BTreeMap<AttachmentId, Vec<&Named>> = BTreeMap::new();
    for one in named {
        missing.entry(one.file.id).or_default().push(one);
    }
    let mut after = AttachmentId(0);
    while let Some(file) = attachments::next_after(connection, after)? {
        after = AttachmentId(file.id);
        if let Some(named) = missing.get_mut(&after) {
            let kept = |one: &&Named| {
                file.rma.as_ref() == Some(&one.rma) && file.sha256 == one.file.sha256
            };
            named.retain(|one| !kept(one));
        }
        let rma = file.rma.unwrap_or_else(|| "all".to_owned());
        match (&file.bytes, file.withdrawn_at) {
            (Some(bytes), None) => {
                verified.files += 1;
                let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
                if sha256(bytes) != file.sha256 || size != file.size {
                    find(rma, format!("the bytes of attachment {} are not those given", file.id));
                }
            }
            (None, Some(_)) => {}
            _ => {
                find(rma, format!("attachment {} has no bytes, or is withdrawn with them", file.id))
            }
        }
    }
    for Named { rma, file } in missing.into_values().flatten() {
        let what = format!("attachment {} is not the file that its event names", file.id.0);
        find(rma.clone(), what);
    }
    Ok(())
}

/// Cuts a list ordered by RMA into the runs of one RMA each.
struct Runs<'p, T> {
    rest: &'p [T],
    id: fn(&T) -> i64,
}

impl<'p, T> Runs<'p, T> {
    fn of(&mut self, rma: i64) -> &'p [T] {
        let from = self.rest.partition_point(|item| (self.id)(item) < rma);
        let to = self.rest.partition_point(|item| (self.id)(item) <= rma);
        let run = &self.rest[from..to];
        self.rest = &self.rest[to..];
        run
    }
}

fn check_page(page: &Page, named: &mut Vec<Named>) -> Vec<Finding> {
    let mut events = Runs { rest: &page.events, id: |row| row.rma_id };
    let mut positions = Runs { rest: &page.positions, id: |row| row.rma_id };
    let mut ledger = Runs { rest: &page.ledger, id: |row| row.0 };
    let mut outbox = Runs { rest: &page.outbox, id: |row| row.0 };
    let mut findings = Vec::new();
    for (identity, projection, kept) in &page.rmas {
        let mut check = Check { identity, findings: &mut findings };
        let rows = events.of(identity.id);
        let (owed, booked, sent) =
            (positions.of(identity.id), ledger.of(identity.id), outbox.of(identity.id));
        let Some(steps) = check.fold(rows) else { continue };
        check.chain(rows, &steps);
        let files = steps.iter().flat_map(|(recorded, _)| recorded.event.files());
        let name = |file: &FileRef| Named { rma: identity.number.clone(), file: file.clone() };
        named.extend(files.map(name));
        check.state(&steps, projection);
        check.kept(rows, &steps, kept);
        check.positions(&steps, owed);
        let expected = expected_ledger(&steps);
        check.same(
            "the ledger",
            &expected,
            booked.iter().map(|r| (r.1, r.2.clone(), r.3, r.4.clone())),
        );
        let expected = expected_outbox(&steps);
        check.same("the outbox", &expected, sent.iter().map(|r| (r.1, r.2.clone())));
    }
    findings
}

/// Each event with the state after it.
type Steps = Vec<(Recorded, Rma)>;

struct Check<'a> {
    identity: &'a Identity,
    findings: &'a mut Vec<Finding>,
}

impl Check<'_> {
    fn find(&mut self, what: impl Into<String>) {
        let rma = self.identity.number.clone();
        self.findings.push(Finding { rma, what: what.into() });
    }

    fn fold(&mut self, rows: &[EventRow]) -> Option<Steps> {
        let mut steps: Steps = Vec::with_capacity(rows.len());
        for row in rows {
            let recorded = match row.recorded() {
                Ok(recorded) => recorded,
                Err(error) => {
                    self.find(format!("event {} cannot be read: {error}", row.sequence));
                    return None;
                }
            };
            let after = match steps.last() {
                None => Rma::start(&recorded),
                Some((_, before)) => {
                    let mut rma = before.clone();
                    rma.advance(&recorded).map(|()| rma)
                }
            };
            match after {
                Ok(after) => steps.push((recorded, after)),
                Err(error) => {
                    self.find(format!("event {} does not follow: {error}", row.sequence));
                    return None;
                }
            }
        }
        if steps.is_empty() {
            self.find("it has no events");
            return None;
        }
        Some(steps)
    }

    fn chain(&mut self, rows: &[EventRow], steps: &Steps) {
        let mut previous = String::new();
        let mut recorded_at = None;
        for (row, (recorded, after)) in rows.iter().zip(steps) {
            if row.kind != recorded.event.kind() {
                self.find(format!("event {} is {} by its payload", row.sequence, row.kind));
            }
            let hash = event_hash(
                &previous,
                after.number,
                row.sequence,
                &row.kind,
                &recorded.stamp,
                &row.payload,
            );
            if hash != row.hash {
                self.find(format!("event {} breaks the chain of hashes", row.sequence));
            }
            if recorded_at.is_some_and(|before| row.recorded_at < before) {
                self.find(format!("event {} was recorded before the one it follows", row.sequence));
            }
            recorded_at = Some(row.recorded_at);
            previous.clone_from(&row.hash);
        }
    }

    fn state(&mut self, steps: &Steps, projection: &Projection) {
        let Some((_, rma)) = steps.last() else { return };
        let expected = Projection::of(rma);
        if expected != *projection {
            let (stored, folded) = (format!("{projection:?}"), format!("{expected:?}"));
            let differing = first_difference(&stored, &folded);
            self.find(format!("the stored state differs from its events: {differing}"));
        }
        let identity = self.identity.clone();
        let same = identity.number == rma.number.to_string()
            && u64::try_from(identity.number_value) == Ok(rma.number.value())
            && identity.case_number == rma.case_number.to_string()
            && identity.manufacturer == rma.manufacturer.as_str()
            && identity.serial_number == rma.serial_number.as_str()
            && identity.part_number == rma.part_number.as_str()
            && identity.account == rma.account;
        if !same {
            self.find("number, case, unit or account differ from the request's");
        }
        if let Some(terms) = &rma.terms {
            let kept = identity.bill_to == terms.bill_to
                && identity.site_id == terms.ship_to.id.0
                && identity.site == terms.ship_to.name
                && identity.country == terms.ship_to.country
                && identity.return_site_id == Some(terms.return_site.id.0);
            if !kept {
                self.find("bill-to or sites differ from the terms kept at issue");
            }
        }
    }

    /// The state kept in the row is the one its events fold to. One of another program is folded anew
    /// when it is used, and no finding.
    fn kept(&mut self, rows: &[EventRow], steps: &Steps, kept: &KeptState) {
        let Some(text) = &kept.state else { return };
        if states::is_another_programs(text) {
            return;
        }
        let (Some((_, rma)), Some(last)) = (steps.last(), rows.last()) else { return };
        let issued = rows.iter().rfind(|row| row.kind == states::ISSUED);
        let issue = issued.map(|row| row.payload.as_str());
        let same = kept.terms_sequence == issued.map(|row| row.sequence)
            && states::read(text, rma.version, issue)
                .is_some_and(|(state, hash)| state == *rma && hash == last.hash);
        if !same {
            self.find("the state kept in its row is not the one its events fold to");
        }
    }

    /// From every instant something was recorded to the next, what was owed is kept as the events known by
    /// then say. What is owed since the last stands in the projection.
    fn positions(&mut self, steps: &Steps, stored: &[PositionRow]) {
        let id = RmaId(self.identity.id);
        let next = steps.iter().skip(1).map(|(recorded, _)| recorded.stamp.recorded_at);
        let expected: Vec<PositionRow> = steps
            .iter()
            .zip(next)
            .filter_map(|((_, rma), to)| past_position(id, rma, to))
            .collect();
        if expected != stored {
            let same = expected.iter().zip(stored).take_while(|(a, b)| a == b).count();
            let at = [expected.get(same), stored.get(same)];
            let from = at.iter().flatten().map(|row| from_naive(row.recorded_from)).min();
            let from = from.map_or_else(String::new, |from| format!(" as known from {from}"));
            self.find(format!("what was owed{from} differs from its events"));
        }
    }

    fn same<T: PartialEq + fmt::Debug>(
        &mut self,
        what: &str,
        expected: &[T],
        stored: impl Iterator<Item = T>,
    ) {
        let stored: Vec<T> = stored.collect();
        if expected != stored {
            self.find(format!("{what} holds {stored:?}, the events say {expected:?}"));
        }
    }
}

fn expected_ledger(steps: &Steps) -> Vec<(i64, String, i64, String)> {
    let booked = |(recorded, _): &(Recorded, Rma)| {
        let (kind, amount) = match &recorded.event {
            Event::Charged { amount, .. } => ("charge", amount),
            Event::Credited { amount, .. } => ("credit", amount),
            _ => return None,
        };
        let currency = amount.currency.code().to_owned();
        Some((recorded.sequence, kind.to_owned(), amount.minor, currency))
    };
    steps.iter().filter_map(booked).collect()
}

fn expected_outbox(steps: &Steps) -> Vec<(i64, String)> {
    let sent = |(recorded, after): &(Recorded, Rma)| {
        notice(&recorded.event, after).map(|(kind, _)| (recorded.sequence, kind.to_string()))
    };
    steps.iter().filter_map(sent).collect()
}

/// The part around the first place two long texts differ in.
fn first_difference(stored: &str, folded: &str) -> String {
    let same = stored.chars().zip(folded.chars()).take_while(|(a, b)| a == b).count();
    let around =
        |text: &str| -> String { text.chars().skip(same.saturating_sub(30)).take(80).collect() };
    format!("stored …{}…, events …{}…", around(stored), around(folded))
}
