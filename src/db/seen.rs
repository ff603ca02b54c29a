//! An RMA as a caller looks at it: one statement finds it, sees that it is the caller's, and reads it.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::rmas::{Columns, Loaded, columns, loaded, row_of};
use super::schema::{rmas, site_days, sites};
use super::scope::{Scope, within};
use super::straight::LoadStraight;
use crate::domain::ids::RmaNumber;

/// An RMA, and what its dates are told with.
#[derive(Debug, Clone)]
pub struct Seen {
    pub loaded: Loaded,
    /// The code of its site's calendar, and whether the site has days of its own on top.
    pub calendar: String,
    pub has_own_days: bool,
}

/// The RMA of a number; none where it is absent or foreign.
pub fn rma(
    connection: &mut AnyConnection,
    scope: &Scope,
    number: RmaNumber,
) -> Result<Option<Seen>, DbError> {
    let value = i64::try_from(number.value()).unwrap_or(i64::MAX);
    let query = row_of(value).inner_join(sites::table.on(sites::id.eq(rmas::site_id)));
    let own_days = exists(site_days::table.filter(site_days::site_id.eq(rmas::site_id)));
    let columns = (columns(), (sites::calendar, own_days));
    let rows: Vec<(Columns, (String, bool))> =
        within!(query, scope, |mine| mine.select(columns).load_straight(connection))
            .during("looking at an RMA")?;
    let Some((row, (calendar, has_own_days))) = rows.into_iter().next() else { return Ok(None) };
    Ok(Some(Seen { loaded: loaded(connection, row)?, calendar, has_own_days }))
}
