//! What a file says differently of a known unit's sale moves its warranty: who said so, when, and from
//! which start to which, goes into the unit's history (WAR-1, WAR-2, WAR-4).

use crate::app::programmes::Versions;
use crate::db::times::to_naive;
use crate::db::unit_history::UnitHistoryRow;
use crate::db::units::{UnitChange, UnitRow};
use crate::db::{AnyConnection, DbError};
use crate::domain::programme::Programme;
use crate::domain::rma::Stamp;
use crate::domain::warranty::{Sale, Warranty};

/// Computes starts, each manufacturer's by its programme on the day of the import (UTC).
pub(super) struct Redating<'s> {
    stamp: &'s Stamp,
    /// Loaded when the first change is met.
    programmes: Option<Versions>,
}

impl<'s> Redating<'s> {
    pub fn new(stamp: &'s Stamp) -> Self {
        Self { stamp, programmes: None }
    }

    /// What the change says differently of the unit's sale; none where it is another matter.
    pub fn of(
        &mut self,
        connection: &mut AnyConnection,
        was: &UnitRow,
        change: &UnitChange<'_>,
    ) -> Result<Option<UnitHistoryRow>, DbError> {
        let same = was.shipped_on == change.shipped_on
            && was.distributor.as_deref() == change.distributor
            && was.resold_on == change.resold_on
            && was.registered_on == change.registered_on;
        if same {
            return Ok(None);
        }
        let before = sale_before(was);
        let after = Sale {
            shipped_on: change.shipped_on,
            through_distributor: change.distributor.is_some(),
            resold_on: change.resold_on,
            registered_on: change.registered_on,
            ..before.clone()
        };
        let programme = self.programme(connection, &was.manufacturer)?;
        // Dates that contradict each other give no start, and the history then shows none.
        let started = Warranty::of(&before, programme).ok();
        let starts = Warranty::of(&after, programme).ok();
        Ok(Some(UnitHistoryRow {
            unit_id: was.id,
            recorded_at: to_naive(self.stamp.recorded_at),
            actor: self.stamp.actor.to_string(),
            source: self.stamp.source.clone(),
            shipped_was: was.shipped_on,
            shipped_on: change.shipped_on,
            distributor_was: was.distributor.clone(),
            distributor: change.distributor.map(str::to_owned),
            resold_was: was.resold_on,
            resold_on: change.resold_on,
            registered_was: was.registered_on,
            registered_on: change.registered_on,
            start_was: started.map(|warranty| warranty.start_on),
            start_on: starts.as_ref().map(|warranty| warranty.start_on),
            rule: starts.map(|warranty| warranty.rule),
        }))
    }

    fn programme(
        &mut self,
        connection: &mut AnyConnection,
        manufacturer: &str,
    ) -> Result<&Programme, DbError> {
        let known = match self.programmes.take() {
            Some(known) => known,
            None => Versions::load(connection)?,
        };
        let day = self.stamp.recorded_at.date_naive();
        Ok(self.programmes.insert(known).on(manufacturer, day))
    }
}

fn sale_before(was: &UnitRow) -> Sale {
    Sale {
        shipped_on: was.shipped_on,
        through_distributor: was.distributor.is_some(),
        resold_on: was.resold_on,
        registered_on: was.registered_on,
        cover_through_on: was.cover_through_on,
        is_replacement: was.replaces_unit_id.is_some(),
    }
}
