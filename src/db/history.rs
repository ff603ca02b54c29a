//! The events of RMAs: loaded whole, appended only, chained by hash.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During, stored};
use super::schema::rma_events;
use super::straight::ExecuteStraight;
use super::times::{from_naive, to_naive};
use crate::domain::ids::{RmaId, RmaNumber};
use crate::domain::rma::hash::event_hash;
use crate::domain::rma::{Event, Recorded, Stamp};

/// One stored event, as it stands in the database.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = rma_events)]
pub struct EventRow {
    pub rma_id: i64,
    pub sequence: i64,
    pub kind: String,
    pub occurred_at: NaiveDateTime,
    pub recorded_at: NaiveDateTime,
    pub actor: String,
    pub source: String,
    pub payload: String,
    pub hash: String,
}

impl EventRow {
    /// Reads the row back into the event it was written from.
    pub fn recorded(&self) -> Result<Recorded, DbError> {
        let event: Event = serde_json::from_str(&self.payload).map_err(|error| {
            let detail = format!("event {} of RMA row {}: {error}", self.sequence, self.rma_id);
            DbError::Corrupt { operation: "reading an event", detail }
        })?;
        Ok(Recorded { sequence: self.sequence, stamp: self.stamp()?, event })
    }

    pub fn stamp(&self) -> Result<Stamp, DbError> {
        Ok(Stamp {
            occurred_at: from_naive(self.occurred_at),
            recorded_at: from_naive(self.recorded_at),
            actor: stored("reading an event's actor", &self.actor)?,
            source: self.source.clone(),
        })
    }
}

/// All events of one RMA, in the order of their sequences.
pub fn history(connection: &mut AnyConnection, rma: RmaId) -> Result<Vec<EventRow>, DbError> {
    rma_events::table
        .filter(rma_events::rma_id.eq(rma.0))
        .order(rma_events::sequence)
        .load(connection)
        .during("loading an RMA's events")
}

/// The events of all RMAs whose row is between `after` (exclusive) and `through` (inclusive), in the
/// order of RMA and sequence.
pub fn histories(
    connection: &mut AnyConnection,
    after: RmaId,
    through: RmaId,
) -> Result<Vec<EventRow>, DbError> {
    rma_events::table
        .filter(rma_events::rma_id.gt(after.0).and(rma_events::rma_id.le(through.0)))
        .order((rma_events::rma_id, rma_events::sequence))
        .load(connection)
        .during("loading RMAs' events")
}

/// Events as they are to be stored: each numbered and chained to the one before it.
#[derive(Debug)]
pub(super) struct Chain<'a> {
    stamp: &'a Stamp,
    links: Vec<Link>,
}

#[derive(Debug)]
struct Link {
    sequence: i64,
    kind: &'static str,
    payload: String,
    hash: String,
}

impl<'a> Chain<'a> {
    /// Chains events to `previous`: the sequence and the hash of the last one stored.
    pub fn of(
        number: RmaNumber,
        previous: (i64, &str),
        stamp: &'a Stamp,
        events: &[Event],
    ) -> Result<Self, DbError> {
        let (mut sequence, mut hash) = (previous.0, previous.1.to_owned());
        let mut links = Vec::with_capacity(events.len());
        for event in events {
            sequence += 1;
            let payload = serde_json::to_string(event).map_err(|error| DbError::Corrupt {
                operation: "writing an event",
                detail: error.to_string(),
            })?;
            hash = event_hash(&hash, number, sequence, event.kind(), stamp, &payload);
            links.push(Link { sequence, kind: event.kind(), payload, hash: hash.clone() });
        }
        Ok(Self { stamp, links })
    }

    /// The hash that the next event is chained to.
    pub fn last_hash(&self) -> &str {
        self.links.last().map_or("", |link| &link.hash)
    }
}

/// Appends events to an RMA's history.
pub(super) fn append(
    connection: &mut AnyConnection,
    rma: RmaId,
    chain: Chain<'_>,
) -> Result<(), DbError> {
    let Chain { stamp, links } = chain;
    for Link { sequence, kind, payload, hash } in links {
        diesel::insert_into(rma_events::table)
            .values(EventRow {
                rma_id: rma.0,
                sequence,
                kind: kind.to_owned(),
                occurred_at: to_naive(stamp.occurred_at),
                recorded_at: to_naive(stamp.recorded_at),
                actor: stamp.actor.to_string(),
                source: stamp.source.clone(),
                payload,
                hash,
            })
            .execute_straight(connection)
            .during("storing an event")?;
    }
    Ok(())
}
