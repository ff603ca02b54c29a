//! Statements given to the connection itself. Through the enum of both kinds, diesel writes a statement's text
//! anew for each thing it asks of it, twice or thrice for one that is prepared already; that is a tenth of a
//! command. On the connection itself a known statement is found by its type.

use diesel::connection::Connection;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel::query_dsl::methods::LoadQuery;
use diesel::sqlite::Sqlite;

use super::connection::AnyConnection;

/// As `execute`.
pub(super) trait ExecuteStraight {
    /// How many rows it changed.
    fn execute_straight(&self, connection: &mut AnyConnection) -> QueryResult<usize>;
}

impl<Q: QueryFragment<Sqlite> + QueryFragment<Pg> + QueryId> ExecuteStraight for Q {
    fn execute_straight(&self, connection: &mut AnyConnection) -> QueryResult<usize> {
        match connection {
            AnyConnection::Sqlite(c) => c.execute_returning_count(self),
            AnyConnection::Postgres(c) => c.execute_returning_count(self),
        }
    }
}

/// As `load`.
pub(super) trait LoadStraight<'q, U> {
    fn load_straight(self, connection: &mut AnyConnection) -> QueryResult<Vec<U>>;
}

impl<'q, Q, U> LoadStraight<'q, U> for Q
where
    Q: RunQueryDsl<SqliteConnection> + LoadQuery<'q, SqliteConnection, U>,
    Q: RunQueryDsl<PgConnection> + LoadQuery<'q, PgConnection, U>,
{
    fn load_straight(self, connection: &mut AnyConnection) -> QueryResult<Vec<U>> {
        match connection {
            AnyConnection::Sqlite(c) => self.load(c),
            AnyConnection::Postgres(c) => self.load(c),
        }
    }
}
