//! The state kept in an RMA's row is read where it is this program's, and folded from the events where
//! it is not.

use std::collections::BTreeSet;

use diesel::prelude::*;
use homeward::app::{AppError, look};
use homeward::db::scope::Scope;
use homeward::db::{DbError, states};
use homeward::domain::ids::{OrganizationId, RmaNumber};
use homeward::domain::replacement_due::ReplacementDue;
use homeward::domain::rma::state::Receipt;
use homeward::domain::rma::tracks::Inbound;
use homeward::domain::rma::visit::{Visit, VisitOutcome, VisitPlan, VisitRecord, VisitState};
use homeward::domain::rma::{Command, Rma};

use crate::states::{STATES, state};
use crate::support::databases::each_database;
use crate::support::world::{World, utc};
use crate::world::{day, number};

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

/// A look in one statement tells what a look with the whole history tells: at a site with days of its own,
/// before there is a window, and to nobody whom it does not concern.
#[test]
fn a_look_in_one_statement_is_the_same() {
    each_database("looks", |db| {
        let w = World::new(db);
        let at_louisville = delivered(&w);
        w.advance_unit("A2", "MER-DAL");
        w.stock("B2", "DEP-LOU");
        let at_dallas = w.at("2026-11-17 15:00").issued("A2");
        w.at("2026-11-17 22:00").send(at_dallas, "B2");
        w.at("2026-11-19 15:00").deliver(at_dallas);
        w.advance_unit("A3", "MER-DAL");
        let asked_for = w.at("2026-11-20 15:00").request("A3");
        let seen = |scope: &Scope, rma| w.app.db.glance(|c| look::seen(&w.app, c, scope, rma));
        let same = |rma| {
            let whole = look::rma(&w.app, rma).expect("the RMA");
            let (state, because) = seen(&Scope::All, rma).expect("the RMA");
            assert_eq!((&state, &because), (&whole.rma, &whole.window_because));
            because
        };
        for (rma, own_days) in [(at_louisville, false), (at_dallas, true), (asked_for, false)] {
            let because = same(rma);
            let told = because.is_some_and(|because| because.contains("Stocktaking"));
            assert_eq!(told, own_days, "{rma}");
            let foreign = [
                Scope::Accounts(Vec::new()),
                Scope::Accounts(vec![OrganizationId(0), OrganizationId(-1)]),
                Scope::Opener {
                    account: OrganizationId(0),
                    email: "ada@meridian.example".to_owned(),
                },
            ];
            for scope in foreign {
                let refused = seen(&scope, rma).expect_err("not the caller's");
                assert!(
                    matches!(refused, AppError::NoSuchRma(number) if number == rma),
                    "{refused}"
                );
            }
        }
    });
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

/// What every state holds, by its names; the file is of one format. Where it does not fit any more,
/// `FORMAT` of `db::states` is to be raised, and the new format gets a file of its own: what older programs
/// kept is folded anew then.
#[test]
fn the_format_is_raised_when_a_state_holds_something_else() {
    let (mut filled, mut empty) = (BTreeSet::new(), BTreeSet::new());
    let mut formats = BTreeSet::new();
    let named = STATES.iter().map(|name| state(name).rma);
    for rma in named.chain([fullest()]) {
        let text = states::kept(&rma, "hash").expect("a state's text");
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        formats.insert(value["format"].as_u64().expect("a format"));
        collect(&value, "", &mut filled, &mut empty);
    }
    let names = filled.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
    // A name that is empty in all of them would hide what is inside it.
    let hidden: Vec<_> = empty.difference(&filled).collect();
    assert_eq!(hidden, Vec::<&String>::new());
    let format = formats.pop_first().expect("a format");
    assert_eq!(formats, BTreeSet::new(), "one format");
    insta::assert_snapshot!(format!("kept_state_of_format_{format}"), names);
}

/// With what none of the named states comes to.
fn fullest() -> Rma {
    let mut rma = state("forwarded").rma;
    rma.parent = Some(number(1));
    rma.forgiven = Some(Inbound::LostByUs);
    rma.transfer.as_mut().expect("a transfer").arrived_on = Some(day("2026-12-01"));
    let shelved = STATES.iter().find_map(|name| state(name).rma.shelved).expect("a receipt");
    rma.shelved = Some(Receipt { transfer: rma.transfer.clone(), ..shelved });
    let at = utc("2026-11-16 15:00");
    rma.visit = Visit {
        state: VisitState::Planned,
        due: Some(ReplacementDue::DeliverBy { at }),
        plan: Some(VisitPlan { engineer: "Noor".to_owned(), at }),
        records: vec![VisitRecord {
            engineer: "Noor".to_owned(),
            arrived_at: at,
            outcome: VisitOutcome::CouldNot,
            reason: Some("a key is missing".to_owned()),
        }],
        reason: Some("before that".to_owned()),
    };
    rma
}

/// Every name with a value in it, at any depth, and those met without one.
fn collect(
    value: &serde_json::Value,
    path: &str,
    filled: &mut BTreeSet<String>,
    empty: &mut BTreeSet<String>,
) {
    use serde_json::Value;
    let has_none = match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    if has_none {
        empty.insert(path.to_owned());
        return;
    }
    if !path.is_empty() {
        filled.insert(path.to_owned());
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        let dot = if path.is_empty() { "" } else { "." };
        collect(inner, &format!("{path}{dot}{name}"), filled, empty);
    }
    for inner in value.as_array().into_iter().flatten() {
        collect(inner, &format!("{path}[]"), filled, empty);
    }
}
