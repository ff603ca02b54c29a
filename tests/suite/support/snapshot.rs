//! Every row of every table as text: what a refused command may not have touched.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use homeward::db::{Backend, Database, DbError};

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Nullable<Text>)]
    told: Option<String>,
}

fn ask(db: &Database, sql: &str) -> Option<String> {
    let told: Result<Told, DbError> = db.read(|c| Ok(diesel::sql_query(sql).get_result(c)?));
    told.expect(sql).told
}

/// The content of every table by its name.
pub fn snapshot(db: &Database) -> BTreeMap<String, String> {
    let tables = match db.backend() {
        Backend::Sqlite => {
            "SELECT group_concat(name) AS told FROM sqlite_master WHERE type = 'table' \
             AND name NOT LIKE 'sqlite%' AND name NOT LIKE '%diesel%'"
        }
        Backend::Postgres => {
            "SELECT string_agg(tablename::text, ',') AS told FROM pg_tables \
             WHERE schemaname = 'public' AND tablename NOT LIKE '%diesel%'"
        }
    };
    let tables = ask(db, tables).expect("tables");
    let content = |table: &str| match db.backend() {
        Backend::Sqlite => {
            let columns = ask(
                db,
                &format!(
                    "SELECT group_concat('quote(\"' || name || '\")', ' || '','' || ') AS told \
                     FROM pragma_table_info('{table}')"
                ),
            );
            let columns = columns.expect("columns");
            format!(
                "SELECT group_concat(r, '; ') AS told FROM (SELECT {columns} AS r FROM {table} ORDER BY 1)"
            )
        }
        Backend::Postgres => {
            format!("SELECT string_agg(t::text, '; ' ORDER BY t::text) AS told FROM {table} t")
        }
    };
    tables
        .split(',')
        .map(|table| (table.to_owned(), ask(db, &content(table)).unwrap_or_default()))
        .collect()
}

/// Nothing changed; else names the tables that did.
#[track_caller]
pub fn assert_same(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
    told: &str,
) {
    let differ: Vec<_> = before.keys().filter(|table| before[*table] != after[*table]).collect();
    assert!(differ.is_empty(), "{told} was refused and changed {differ:?}");
}

/// The columns of every table by its name.
pub fn columns(db: &Database) -> BTreeMap<String, Vec<String>> {
    let sql = match db.backend() {
        Backend::Sqlite => {
            "SELECT group_concat(m.name || '.' || c.name) AS told FROM sqlite_master m, \
             pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' \
             AND m.name NOT LIKE '%diesel%'"
        }
        Backend::Postgres => {
            "SELECT string_agg(table_name || '.' || column_name, ',') AS told \
             FROM information_schema.columns WHERE table_schema = 'public' \
             AND table_name NOT LIKE '%diesel%'"
        }
    };
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in ask(db, sql).expect("columns").split(',') {
        let (table, column) = one.split_once('.').expect("a table's column");
        columns.entry(table.to_owned()).or_default().push(column.to_owned());
    }
    columns
}

/// Where a text stands in the whole database, as `table.column`.
pub fn places(db: &Database, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (table, columns) in columns(db) {
        let counts = columns.iter().map(|column| {
            format!("count(CASE WHEN CAST(\"{column}\" AS TEXT) LIKE '%{text}%' THEN 1 END)")
        });
        let counts = counts.collect::<Vec<_>>().join(" || ',' || ");
        let told = ask(db, &format!("SELECT {counts} AS told FROM {table}"));
        let told = told.unwrap_or_default();
        let hits = columns.iter().zip(told.split(',')).filter(|(_, count)| *count != "0");
        found.extend(hits.map(|(column, _)| format!("{table}.{column}")));
    }
    found.sort();
    found
}
