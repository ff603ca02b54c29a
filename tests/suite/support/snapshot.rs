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
