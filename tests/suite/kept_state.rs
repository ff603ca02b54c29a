//! The state kept in an RMA's row is read where it is this program's, and folded from the events where
//! it is not.

use diesel::prelude::*;
use homeward::app::look;
use homeward::db::{DbError, states};
use homeward::domain::ids::RmaNumber;
use homeward::domain::rma::Command;

use crate::support::databases::each_database;
use crate::support::world::World;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    state: Option<String>,
}

fn execute(w: &World<'_>, sql: &str) {
    let done = w.db.write(|c| diesel::sql_query(sql).execute(c).map_err(DbError::from));
    assert_eq!(done.expect(sql), 1, "{sql}");
}

fn kept(w: &World<'_>) -> String {
    let row: Row = w
        .db
        .read(|c| diesel::sql_query("SELECT state FROM rmas").get_result(c).map_err(DbError::from))
        .expect("the row");
    row.state.expect("a state")
}

/// An advance replacement that is delivered, its unit owed.
fn delivered(w: &World<'_>) -> RmaNumber {
    w.advance_unit("A1", "MER-LOU");
    w.stock("B1", "DEP-LOU");
    let rma = w.at("2026-11-12 15:00").issued("A1");
    w.at("2026-11-12 22:00").send(rma, "B1");
    w.at("2026-11-16 15:00").deliver(rma);
    rma
}

#[test]
fn what_another_program_kept_is_folded_anew() {
    each_database("kept states", |db| {
        let w = World::new(db);
        let rma = delivered(&w);
        let look = |w: &World<'_>| look::rma(&w.app, rma).expect("the RMA").rma;
        let (state, before) = (kept(&w), look(&w));
        let version = before.version;
        let others = [
            "NULL".to_owned(),
            "'not a state'".to_owned(),
            format!("'{}'", state.replace("\"format\":", "\"format\":9")),
            format!("'{}'", state.replace("\"has_terms\":true", "\"has_terms\":false")),
            format!("'{}'", state.replace(&format!("\"version\":{version}"), "\"version\":1")),
            format!("'{}'", state.replace("\"exposed\"", "\"of a newer program\"")),
        ];
        for other in others {
            assert_ne!(other.trim_matches('\''), state);
            execute(&w, &format!("UPDATE rmas SET state = {other}"));
            assert_eq!(look(&w), before, "{other}");
        }
        // What is kept is what is read: an amount that no event holds.
        let spent = state.replace("\"charged_minor\":0", "\"charged_minor\":7");
        execute(&w, &format!("UPDATE rmas SET state = '{spent}'"));
        assert_eq!(look(&w).charged_minor, 7);

        // A row of a program that kept no states says neither, and its terms stay with it for good.
        execute(&w, "UPDATE rmas SET state = NULL, terms_sequence = NULL");
        let extend = Command::Extend { business_days: 2, reason: "customs".to_owned() };
        let after = w.at("2026-11-17 15:00").run(rma, "finance:fay", extend).rma;
        assert_eq!(look(&w), after);
        assert!(states::read(&kept(&w), after.version, None).is_none(), "its terms are missing");
        let extend = Command::Extend { business_days: 1, reason: "storm".to_owned() };
        let later = w.at("2026-11-17 16:00").run(rma, "finance:fay", extend).rma;
        assert_eq!(later.terms, before.terms);
        assert_eq!(look(&w), later);
        let verified = db.homeward(&["verify"]);
        assert_eq!(verified.code, 0, "{verified:?}");
        let other = kept(&w).replace("\"format\":", "\"format\":9");
        execute(&w, &format!("UPDATE rmas SET state = '{other}'"));
        let verified = db.homeward(&["verify"]);
        assert_eq!(verified.code, 0, "{verified:?}");
    });
}

/// A state's names. When they change, or come to mean something else, `FORMAT` of `db::states` is to be
/// raised: what older programs kept is folded anew then.
#[test]
fn the_format_is_raised_when_a_state_holds_something_else() {
    let db = crate::support::databases::TestDatabase::sqlite();
    let w = World::new(&db);
    delivered(&w);
    let value: serde_json::Value = serde_json::from_str(&kept(&w)).expect("JSON");
    let mut names = Vec::new();
    collect(&value, "", &mut names);
    insta::assert_snapshot!(
        "kept_state",
        format!("format {}\n{}", value["format"], names.join("\n"))
    );
}

fn collect(value: &serde_json::Value, path: &str, names: &mut Vec<String>) {
    for (name, inner) in value.as_object().into_iter().flatten() {
        let path = format!("{path}{name}");
        names.push(path.clone());
        collect(inner, &format!("{path}."), names);
    }
}
