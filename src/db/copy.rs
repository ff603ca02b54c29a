//! Every table as rows of JSON, out of one database and into another of either kind.
//!
//! A row is an array in the order of the table's columns: numbers as they are, truths as 0 and 1, days and
//! instants (naive UTC) as text, bytes as hexadecimal digits. Tables stand in an order in which each refers to earlier ones only; rows
//! that refer to their own table are why foreign keys wait for the end of a load.

use chrono::NaiveDateTime;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde::{Deserialize, Serialize};

use super::connection::{AnyConnection, connect, enable_wal, make_folder};
use super::error::{DbError, During};
use super::migrate;
use super::url::DatabaseUrl;
use super::write::write_on;
use crate::words;

/// Every table there is, but for the schema's own list of versions.
pub const TABLES: [&str; 38] = [
    "organizations",
    "products",
    "product_prices",
    "sites",
    "site_days",
    "calendars",
    "calendar_days",
    "contracts",
    "units",
    "unit_history",
    "coverage",
    "placements",
    "programmes",
    "counters",
    "cases",
    "rmas",
    "rma_events",
    "owed_positions",
    "ledger",
    "dock_receipts",
    "outbox",
    "tokens",
    "partner_links",
    "users",
    "sessions",
    "idempotency_keys",
    "case_notes",
    "schedules",
    "slots",
    "runs",
    "questionnaires",
    "interviews",
    "tasks",
    "case_overrides",
    "case_closings",
    "unit_care",
    "attachments",
    "house_state",
];

/// Rows fetched at once.
const PAGE: usize = 2_000;

words! {
    /// What a column holds, the same on both databases.
    Kind("kind of column") {
        Integer = "integer",
        Text = "text",
        Boolean = "boolean",
        Date = "date",
        Timestamp = "timestamp",
        Bytes = "bytes",
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

#[derive(QueryableByName)]
struct Described {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    declared: String,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// A table's columns, in their order; none where there is no such table.
pub fn columns(connection: &mut AnyConnection, table: &str) -> Result<Vec<Column>, DbError> {
    const OPERATION: &str = "reading a table's columns";
    let sql = match connection {
        AnyConnection::Sqlite(_) => {
            format!("SELECT name, type AS declared FROM pragma_table_info('{table}') ORDER BY cid")
        }
        AnyConnection::Postgres(_) => format!(
            "SELECT column_name::text AS name, data_type::text AS declared \
             FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = '{table}' \
             ORDER BY ordinal_position"
        ),
    };
    let rows: Vec<Described> = diesel::sql_query(sql).load(connection).during(OPERATION)?;
    rows.into_iter()
        .map(|row| {
            let kind = match row.declared.to_ascii_lowercase().as_str() {
                "integer" | "bigint" | "smallint" => Kind::Integer,
                "text" => Kind::Text,
                "boolean" => Kind::Boolean,
                "date" => Kind::Date,
                "timestamp" | "timestamp without time zone" => Kind::Timestamp,
                "blob" | "bytea" => Kind::Bytes,
                other => {
                    let detail = format!("{table}.{} is of type {other}", row.name);
                    return Err(DbError::Corrupt { operation: OPERATION, detail });
                }
            };
            Ok(Column { name: row.name, kind })
        })
        .collect()
}

/// The newest version of the schema that is applied; none in an empty database.
pub fn schema_version(connection: &mut AnyConnection) -> Result<Option<String>, DbError> {
    Ok(migrate::applied(connection)?.into_iter().max())
}

/// Gives every row of a table, a line of JSON each, in the order of its first columns. To be called on
/// one unchanging state; what is held at once is a page.
pub fn rows<E: From<DbError>>(
    connection: &mut AnyConnection,
    table: &str,
    columns: &[Column],
    mut each: impl FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    const OPERATION: &str = "reading a table's rows";
    let order = if columns.len() > 1 { "1, 2" } else { "1" };
    match connection {
        AnyConnection::Sqlite(c) => {
            let list: Vec<String> = columns.iter().map(on_sqlite).collect();
            let list = list.join(", ");
            let order = columns.iter().take(2).map(|c| c.name.as_str()).collect::<Vec<_>>();
            let sql = format!(
                "SELECT json_array({list}) AS line FROM {table} ORDER BY {}",
                order.join(", ")
            );
            let rows = diesel::sql_query(sql).load_iter::<Line, _>(c).during(OPERATION)?;
            for row in rows {
                each(&row.during(OPERATION)?.line)?;
            }
        }
        AnyConnection::Postgres(c) => {
            let list: Vec<String> = columns.iter().map(on_postgres).collect();
            let keys: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            c.batch_execute(&format!(
                "DECLARE all_rows NO SCROLL CURSOR FOR SELECT json_build_array({})::text AS line \
                 FROM (SELECT {} FROM {table} ORDER BY {order}) ordered",
                list.join(", "),
                keys.join(", ")
            ))
            .during(OPERATION)?;
            // A row with bytes may be as large as many others.
            let size = if columns.iter().any(|c| c.kind == Kind::Bytes) { 1 } else { PAGE };
            loop {
                let page = format!("FETCH {size} FROM all_rows");
                let page: Vec<Line> = diesel::sql_query(page).load(c).during(OPERATION)?;
                for row in &page {
                    each(&row.line)?;
                }
                if page.len() < size {
                    break;
                }
            }
            c.batch_execute("CLOSE all_rows").during(OPERATION)?;
        }
    }
    Ok(())
}

fn on_sqlite(column: &Column) -> String {
    let name = &column.name;
    match column.kind {
        // No bytes are no digits, not none at all.
        Kind::Bytes => format!("iif({name} IS NULL, NULL, lower(hex({name})))"),
        _ => name.clone(),
    }
}

fn on_postgres(column: &Column) -> String {
    let name = &column.name;
    match column.kind {
        Kind::Integer | Kind::Text => name.clone(),
        Kind::Boolean => format!("{name}::int"),
        Kind::Date => format!("{name}::text"),
        Kind::Timestamp => format!("to_char({name}, 'YYYY-MM-DD HH24:MI:SS.US')"),
        Kind::Bytes => format!("encode({name}, 'hex')"),
    }
}

/// Runs `load` in one write on a database that holds nothing, with its schema at `version`; afterwards the
/// schema is this program's, and `finish` says what else is to be noted. All of it is kept, or nothing.
///
/// # Errors
/// [`DbError::Occupied`] where there are rows, `Newer` for a version this program does not know.
pub fn into_empty<T, E: From<DbError>>(
    url: &DatabaseUrl,
    version: &str,
    load: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    finish: impl FnOnce(&mut AnyConnection) -> Result<(), E>,
) -> Result<T, E> {
    migrate::known(url, version)?;
    make_folder(url)?;
    let mut connection = connect(url)?;
    enable_wal(&mut connection)?;
    write_on(&mut connection, |connection| {
        migrate::lock(connection)?;
        if let Some(found) = occupied(connection)? {
            return Err(DbError::Occupied { database: url.to_string(), found }.into());
        }
        if schema_version(connection)?.is_some_and(|there| there != version) {
            migrate::migrate_all(connection, url, migrate::Direction::Down)?;
        }
        migrate::up_to(connection, url, version)?;
        keys_wait(connection, true)?;
        let loaded = load(connection)?;
        keys_wait(connection, false)?;
        series_go_on(connection)?;
        migrate::migrate_all(connection, url, migrate::Direction::Up)?;
        finish(connection)?;
        Ok(loaded)
    })
}

/// The first table that has rows, with their number.
fn occupied(connection: &mut AnyConnection) -> Result<Option<String>, DbError> {
    for table in TABLES {
        if columns(connection, table)?.is_empty() {
            continue;
        }
        let rows = count(connection, table)?;
        if rows > 0 {
            return Ok(Some(format!("{rows} {table}")));
        }
    }
    Ok(None)
}

/// How many rows a table has.
pub fn count(connection: &mut AnyConnection, table: &str) -> Result<u64, DbError> {
    let sql = format!("SELECT count(*) AS number FROM {table}");
    let count: Count = diesel::sql_query(sql).get_result(connection).during("counting rows")?;
    Ok(count.number.unsigned_abs())
}

/// Adds rows, as [`rows`] gave them.
pub fn insert(
    connection: &mut AnyConnection,
    table: &str,
    columns: &[Column],
    rows: &[Vec<serde_json::Value>],
) -> Result<(), DbError> {
    const OPERATION: &str = "storing a table's rows";
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let names = names.join(", ");
    let text = serde_json::to_string(rows)
        .map_err(|error| DbError::Corrupt { operation: OPERATION, detail: error.to_string() })?;
    let sql = match connection {
        AnyConnection::Sqlite(_) => {
            let value = |(at, column): (usize, &Column)| match column.kind {
                Kind::Bytes => format!("unhex(json_extract(value, '$[{at}]'))"),
                _ => format!("json_extract(value, '$[{at}]')"),
            };
            let values: Vec<String> = columns.iter().enumerate().map(value).collect();
            format!("INSERT INTO {table} ({names}) SELECT {} FROM json_each(?)", values.join(", "))
        }
        AnyConnection::Postgres(_) => {
            let value = |(at, column): (usize, &Column)| {
                let cast = match column.kind {
                    Kind::Integer => "bigint",
                    Kind::Bytes => return format!("decode(line->>{at}, 'hex')"),
                    other => other.as_str(),
                };
                format!("(line->>{at})::{cast}")
            };
            let values: Vec<String> = columns.iter().enumerate().map(value).collect();
            format!(
                "INSERT INTO {table} ({names}) SELECT {} FROM json_array_elements($1::json) AS line",
                values.join(", ")
            )
        }
    };
    diesel::sql_query(sql).bind::<Text, _>(text).execute(connection).map(drop).during(OPERATION)
}

/// An instant as both databases keep it: SQLite compares instants as texts, and writes them so.
pub fn instant(text: &str) -> Option<String> {
    let at = NaiveDateTime::parse_from_str(text, "%F %T%.f").ok()?;
    Some(at.format("%F %T%.f").to_string())
}

/// Whether foreign keys are looked at when the load is over, or with every statement again.
fn keys_wait(connection: &mut AnyConnection, wait: bool) -> Result<(), DbError> {
    const OPERATION: &str = "putting the foreign keys off";
    let c = match connection {
        AnyConnection::Sqlite(c) => {
            // Off by itself when the transaction ends, where the keys are looked at.
            let sql = if wait { "PRAGMA defer_foreign_keys = ON" } else { "" };
            return c.batch_execute(sql).during(OPERATION);
        }
        AnyConnection::Postgres(c) => c,
    };
    if !wait {
        c.batch_execute("SET CONSTRAINTS ALL IMMEDIATE").during(OPERATION)?;
    }
    let manner = if wait { "DEFERRABLE INITIALLY DEFERRED" } else { "NOT DEFERRABLE" };
    c.batch_execute(&format!(
        "DO $$ DECLARE key record; BEGIN \
         FOR key IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint \
             WHERE contype = 'f' AND connamespace = current_schema()::regnamespace LOOP \
           EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I {manner}', key.owner, key.conname); \
         END LOOP; END $$"
    ))
    .during(OPERATION)
}

/// PostgreSQL counts its own numbers up beside the rows; SQLite looks at them.
fn series_go_on(connection: &mut AnyConnection) -> Result<(), DbError> {
    let AnyConnection::Postgres(c) = connection else { return Ok(()) };
    c.batch_execute(
        "DO $$ DECLARE series record; BEGIN \
         FOR series IN SELECT table_name AS owner FROM information_schema.columns \
             WHERE table_schema = current_schema() AND column_name = 'id' \
               AND is_identity = 'YES' LOOP \
           EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), \
               coalesce(max(id), 1), max(id) IS NOT NULL) FROM %I', series.owner, series.owner); \
         END LOOP; END $$",
    )
    .during("counting on from the rows")
}
