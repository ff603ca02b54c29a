//! UPDATEs whose prepared statement is kept. diesel prepares every UPDATE anew, since one may be given
//! other columns each time; a connection's statements are found again by their text, so that this is
//! no danger, and preparing costs more than executing.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel::sqlite::Sqlite;

use super::connection::AnyConnection;
use super::straight::LoadStraight;

/// Executes a statement that returns a key of each row it changes, and keeps it prepared.
pub(super) trait ExecuteKept {
    /// How many rows it changed.
    fn execute_kept(self, connection: &mut AnyConnection) -> QueryResult<usize>;
}

impl<Q> ExecuteKept for Q
where
    Q: Query<SqlType = BigInt> + QueryFragment<Sqlite> + QueryFragment<Pg>,
{
    // Loaded, not executed: diesel executes by reference, and asks the reference whether it may be kept,
    // which asks what is inside.
    fn execute_kept(self, connection: &mut AnyConnection) -> QueryResult<usize> {
        Kept(self).load_straight(connection).map(|changed: Vec<i64>| changed.len())
    }
}

/// A query that is kept prepared, found again by its text.
pub(super) struct Kept<Q>(pub Q);

impl<Q: Query> Query for Kept<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> RunQueryDsl<C> for Kept<Q> {}

impl<Q, DB> QueryFragment<DB> for Kept<Q>
where
    Q: QueryFragment<DB>,
    DB: diesel::backend::Backend,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q> QueryId for Kept<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
