//! How the databases read what is asked often: by an index that holds no more than is asked for.

use std::sync::{Arc, Mutex};

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use diesel::sql_types::Text;
use homeward::db::cases;
use homeward::db::lists::{self, Ask, BoxFilter, BoxSort, QueueFilter, QueueSort};
use homeward::db::reports::{Known, non_returns};
use homeward::db::scope::Scope;
use homeward::db::tasks::{self, TaskQueue, Which};
use homeward::db::{AnyConnection, DbError};
use homeward::domain::rma::LogisticsTask;

use crate::support::databases::TestDatabase;
use crate::support::skipped;

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// Has `ask` ask, and loads the plan of the one statement that `of` finds among what it asked.
fn explained(
    db: &TestDatabase,
    ask: impl Fn(&mut AnyConnection),
    of: impl Fn(&str) -> Option<String>,
    load: impl Fn(&mut AnyConnection, &str) -> QueryResult<Vec<String>>,
) -> Vec<String> {
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let hears = Arc::clone(&heard);
    let found = db.read(|connection| {
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                hears.lock().expect("one listener").push(query.to_string());
            }
        });
        ask(connection);
        connection.set_instrumentation(None::<fn(InstrumentationEvent<'_>)>);
        let heard = heard.lock().expect("one listener");
        let statements: Vec<String> = heard.iter().filter_map(|sql| of(sql)).collect();
        let [statement] = statements.as_slice() else { panic!("one statement: {heard:?}") };
        Ok::<_, DbError>(load(connection, statement)?)
    });
    found.expect("a plan")
}

/// The steps in which SQLite carries out what `ask` asks.
fn steps(db: &TestDatabase, ask: impl Fn(&mut AnyConnection)) -> Vec<String> {
    let explain = |sql: &str| {
        let (sql, _) = sql.split_once(" -- binds:").expect("its binds");
        Some(format!("EXPLAIN QUERY PLAN {sql}"))
    };
    explained(db, ask, explain, |connection, sql| {
        let steps: Vec<Step> = diesel::sql_query(sql).load(connection)?;
        Ok(steps.into_iter().map(|step| step.detail).collect())
    })
}

fn uses(steps: &[String], index: &str) -> bool {
    steps.iter().any(|step| step.split_whitespace().any(|word| word == index))
}

fn sorts(steps: &[String]) -> bool {
    steps.iter().any(|step| step.contains("TEMP B-TREE"))
}

/// A day to ask for, and what may be known of it.
fn owed_of() -> (NaiveDate, [Known; 2]) {
    let day = NaiveDate::from_ymd_opt(2026, 11, 17).expect("a day");
    let end = day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(1);
    (day, [Known::Now, Known::Before(end)])
}

/// What is owed is read in the order of the RMAs, today's and a past day's: nothing is put in order, and of
/// the RMAs those that owe something are read.
#[test]
fn ret_2_the_non_return_report_sorts_nothing() {
    let db = TestDatabase::sqlite();
    let (day, both) = owed_of();
    for known in both {
        let plan = steps(&db, |connection| {
            non_returns(connection, day, known, |_| Ok::<(), DbError>(())).expect("no rows");
        });
        assert!(uses(&plan, "rmas_owed"), "{known:?}: {plan:?}");
        assert!(!sorts(&plan), "{known:?}: {plan:?}");
    }
}

/// Nor does PostgreSQL, though it knows nothing of its tables yet.
#[test]
fn ret_2_the_non_return_report_sorts_nothing_on_postgres() {
    let db = match TestDatabase::postgres() {
        Ok(db) => db,
        Err(how) => return skipped("the report's plan on PostgreSQL", how),
    };
    let (day, both) = owed_of();
    for known in both {
        let plan = postgres_plan(&db, |connection| {
            non_returns(connection, day, known, |_| Ok::<(), DbError>(())).expect("no rows");
        });
        assert!(plan.contains("using rmas_owed"), "{known:?}: {plan}");
        assert!(!plan.contains("Sort  ("), "{known:?}: {plan}");
    }
}

#[derive(QueryableByName)]
struct Planned {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

/// How PostgreSQL carries out the query that `ask` has copied, under the settings it made.
fn postgres_plan(db: &TestDatabase, ask: impl Fn(&mut AnyConnection)) -> String {
    let explain = |sql: &str| {
        let (query, _) = sql.strip_prefix("COPY (")?.rsplit_once(") TO STDOUT")?;
        Some(format!("EXPLAIN {query}"))
    };
    let plan = explained(db, ask, explain, |connection, sql| {
        let steps: Vec<Planned> = diesel::sql_query(sql).load(connection)?;
        Ok(steps.into_iter().map(|step| step.line).collect())
    });
    plan.join("\n")
}

#[test]
fn sys_4_a_queue_reads_what_waits_alone() {
    let db = TestDatabase::sqlite();
    let plan = |filter: &QueueFilter, sort| {
        steps(&db, |connection| {
            let ask = Ask::first(sort, 50);
            lists::queue(connection, &Scope::All, filter, &ask, chrono::Utc::now())
                .expect("a page");
        })
    };
    let all = QueueFilter::default();
    for task in [None, Some(LogisticsTask::Ship)] {
        let filter = QueueFilter { task, ..all.clone() };
        for (sort, index) in
            [(QueueSort::CreatedAt, "rmas_waiting"), (QueueSort::Number, "rmas_waiting_number")]
        {
            let steps = plan(&filter, sort);
            assert!(uses(&steps, index) && !sorts(&steps), "{task:?}: {steps:#?}");
        }
    }
    // A region's queue begins at its sites.
    let region = QueueFilter { region: Some("EMEA".to_owned()), ..all };
    for sort in [QueueSort::CreatedAt, QueueSort::Number] {
        let steps = plan(&region, sort);
        assert!(uses(&steps, "sites_region") && uses(&steps, "rmas_waiting_site"), "{steps:#?}");
    }
}

#[test]
fn sys_5_tasks_are_read_from_where_they_wait() {
    let db = TestDatabase::sqlite();
    let plan = |queue: Option<TaskQueue>, is_open: Option<bool>| {
        steps(&db, |connection| {
            let which = Which { queue, is_open, limit: 51, ..Which::default() };
            tasks::tasks(connection, &which).expect("tasks");
        })
    };
    let care = Some(TaskQueue::CustomerCare);
    for (queue, is_open, index) in [
        (None, Some(true), "tasks_waiting"),
        (care, Some(true), "tasks_open"),
        (care, Some(false), "tasks_settled"),
    ] {
        let steps = plan(queue, is_open);
        assert!(uses(&steps, index) && !sorts(&steps), "{queue:?} {is_open:?}: {steps:#?}");
    }
}

#[test]
fn amb_14_a_box_is_found_by_what_was_read_on_it_and_not_by_reading_all() {
    let db = TestDatabase::sqlite();
    // Words of its own, and the spellings of a number.
    for read in ["1Z999", "R0021056835"] {
        let steps = steps(&db, |connection| {
            let filter = BoxFilter { read: Some(read.to_owned()), ..BoxFilter::default() };
            let ask = Ask::first(BoxSort::RecordedAt, 50);
            lists::boxes(connection, &Scope::All, &filter, &ask).expect("a page");
        });
        for index in ["dock_receipts_box", "dock_receipts_marked", "dock_receipts_serial"] {
            assert!(uses(&steps, index), "{read}: {steps:#?}");
        }
    }
    let steps = steps(&db, |connection| {
        cases::box_seen(connection, "1Z999", None).expect("an answer");
    });
    assert!(uses(&steps, "dock_receipts_box"), "{steps:#?}");
}
