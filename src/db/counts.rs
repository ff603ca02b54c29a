//! How many there are of everything: what a replay's own tally is held against.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use sha2::{Digest, Sha256};

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::rma_events;
use crate::domain::hex::hex;
use crate::domain::ids::RmaId;

/// Counts by a word.
pub type ByWord = BTreeMap<String, i64>;

/// The tables, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableCounts {
    pub cases: i64,
    pub rmas: i64,
    pub open: i64,
    /// RMAs on a replacement that was dead on arrival.
    pub children: i64,
    /// Serials with more than one RMA.
    pub twice: i64,
    /// `track: state`.
    pub tracks: ByWord,
    pub events: ByWord,
    pub outbox: ByWord,
    pub receipts: ByWord,
    /// `currency charged` and `currency credited`: the ledger's sums in minor units.
    pub ledger: ByWord,
    /// The same sums as the RMAs' rows have them.
    pub projected: ByWord,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    word: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

const OUTSIDE: &str = "SELECT 'cases' AS word, count(*) AS number FROM cases \
    UNION ALL SELECT 'rmas', count(*) FROM rmas \
    UNION ALL SELECT 'units', count(*) FROM units";
const SINGLE: &str = "SELECT 'cases' AS word, count(*) AS number FROM cases \
    UNION ALL SELECT 'rmas', count(*) FROM rmas \
    UNION ALL SELECT 'open', count(*) FROM rmas WHERE is_open \
    UNION ALL SELECT 'children', count(*) FROM rmas WHERE parent_id IS NOT NULL \
    UNION ALL SELECT 'twice', count(*) FROM (SELECT 1 AS one FROM rmas \
        GROUP BY manufacturer, serial_number HAVING count(*) > 1) again";
const TRACKS: &str = "SELECT 'authorisation: ' || authorisation AS word, count(*) AS number \
        FROM rmas GROUP BY authorisation \
    UNION ALL SELECT 'outbound: ' || outbound, count(*) FROM rmas GROUP BY outbound \
    UNION ALL SELECT 'inbound: ' || inbound, count(*) FROM rmas GROUP BY inbound \
    UNION ALL SELECT 'repair: ' || repair, count(*) FROM rmas GROUP BY repair \
    UNION ALL SELECT 'analysis: ' || analysis, count(*) FROM rmas GROUP BY analysis \
    UNION ALL SELECT 'exposure: ' || exposure, count(*) FROM rmas GROUP BY exposure";
const EVENTS: &str = "SELECT kind AS word, count(*) AS number FROM rma_events GROUP BY kind";
const OUTBOX: &str = "SELECT kind AS word, count(*) AS number FROM outbox GROUP BY kind";
const RECEIPTS: &str =
    "SELECT verdict AS word, count(*) AS number FROM dock_receipts GROUP BY verdict";
const LEDGER: &str = "SELECT currency || ' ' || kind AS word, \
    CAST(sum(amount_minor) AS BIGINT) AS number FROM ledger GROUP BY currency, kind";
const PROJECTED: &str = "SELECT currency || ' charge' AS word, \
        CAST(sum(charged_minor) AS BIGINT) AS number FROM rmas \
        WHERE charged_minor <> 0 GROUP BY currency \
    UNION ALL SELECT currency || ' credit', CAST(sum(credited_minor) AS BIGINT) FROM rmas \
        WHERE credited_minor <> 0 GROUP BY currency";

fn by_word(connection: &mut AnyConnection, sql: &str) -> Result<ByWord, DbError> {
    let rows: Vec<Counted> = diesel::sql_query(sql).load(connection).during("counting")?;
    Ok(rows.into_iter().map(|row| (row.word, row.number)).collect())
}

/// Counts every table of RMAs.
pub fn count(connection: &mut AnyConnection) -> Result<TableCounts, DbError> {
    let single = by_word(connection, SINGLE)?;
    let of = |word: &str| single.get(word).copied().unwrap_or_default();
    Ok(TableCounts {
        cases: of("cases"),
        rmas: of("rmas"),
        open: of("open"),
        children: of("children"),
        twice: of("twice"),
        tracks: by_word(connection, TRACKS)?,
        events: by_word(connection, EVENTS)?,
        outbox: by_word(connection, OUTBOX)?,
        receipts: by_word(connection, RECEIPTS)?,
        ledger: by_word(connection, LEDGER)?,
        projected: by_word(connection, PROJECTED)?,
    })
}

/// How many cases, RMAs and units there are: all 0 in a database nothing was brought into yet.
pub fn occupants(connection: &mut AnyConnection) -> Result<ByWord, DbError> {
    by_word(connection, OUTSIDE)
}

/// One hash over every event's own, in the order of RMA and sequence: two histories with the same
/// one are the same, event for event.
pub fn history_hash(connection: &mut AnyConnection) -> Result<String, DbError> {
    const PAGE: i64 = 2_000;
    let mut digest = Sha256::new();
    let mut after = RmaId(0);
    loop {
        let rows: Vec<(i64, String)> = rma_events::table
            .filter(rma_events::rma_id.gt(after.0).and(rma_events::rma_id.le(after.0 + PAGE)))
            .order((rma_events::rma_id, rma_events::sequence))
            .select((rma_events::rma_id, rma_events::hash))
            .load(connection)
            .during("reading the events' hashes")?;
        let more: Option<i64> = rma_events::table
            .filter(rma_events::rma_id.gt(after.0 + PAGE))
            .select(rma_events::rma_id)
            .order(rma_events::rma_id)
            .first(connection)
            .optional()
            .during("reading the events' hashes")?;
        for (_, hash) in rows {
            digest.update(hash.as_bytes());
        }
        match more {
            Some(next) => after = RmaId(next - 1),
            None => break,
        }
    }
    Ok(hex(&digest.finalize()))
}
