//! UPDATEs whose prepared statement is kept. diesel prepares every UPDATE anew, since one may be given
//! other columns each time; a connection's statements are found again by their text, so that this is
//! no danger, and preparing costs more than executing.

use diesel::connection::Connection;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sqlite::Sqlite;

use super::connection::AnyConnection;

/// Executes a statement as `execute` does, and keeps it prepared.
pub(super) trait ExecuteKept {
    fn execute_kept(self, connection: &mut AnyConnection) -> QueryResult<usize>;
}

impl<Q> ExecuteKept for Q
where
    Q: QueryFragment<Sqlite> + QueryFragment<Pg>,
{
    fn execute_kept(self, connection: &mut AnyConnection) -> QueryResult<usize> {
        match connection {
            AnyConnection::Sqlite(c) => c.execute_returning_count(&Kept(self)),
            AnyConnection::Postgres(c) => c.execute_returning_count(&Kept(self)),
        }
    }
}

struct Kept<Q>(Q);

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
