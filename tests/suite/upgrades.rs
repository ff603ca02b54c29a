//! What a newer schema makes of the rows that an older one held.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use homeward::app::attachments::Thing;
use homeward::app::unit_care::{self, Wanted};
use homeward::db::{AnyConnection, Backend, DbError, facts, unit_care as rows};
use homeward::domain::attachment::AttachmentKind;
use homeward::domain::ids::{Manufacturer, RmaNumber};
use homeward::domain::rma::Command;
use homeward::domain::rma::tracks::ReplacementCondition;

use crate::support::databases::{TestDatabase, each_database};
use crate::support::files::pdf;
use crate::support::world::{World, actor, serial, utc};

fn execute(db: &TestDatabase, sql: &str) {
    let done = db.write(|c| {
        match c {
            AnyConnection::Sqlite(c) => c.batch_execute(sql),
            AnyConnection::Postgres(c) => c.batch_execute(sql),
        }
        .map_err(DbError::from)
    });
    done.expect(sql);
}

/// Takes the schema back to version 0022.
fn taken_back_to_0022(db: &TestDatabase) {
    let down = match db.backend() {
        Backend::Sqlite => include_str!("../../migrations/sqlite/0023_past_positions/down.sql"),
        Backend::Postgres => include_str!("../../migrations/postgres/0023_past_positions/down.sql"),
    };
    execute(db, down);
    execute(db, "DELETE FROM __diesel_schema_migrations WHERE version = '0023'");
}

/// What is owed, then and now, comes over from the positions that an older schema kept open.
#[test]
fn ret_1_positions_of_version_0022_stand_in_the_rows_of_their_rmas() {
    each_database("positions of version 0022", |db| {
        let w = World::new(db);
        let [owed, back] = ["A1", "A2"].map(|unit| {
            w.install(unit, "MER-LOU");
            w.cover(unit, "MER-LOU", "next_day_delivery");
            w.at("2026-09-10 15:00").issued(unit)
        });
        for (number, sent) in [(owed, "B1"), (back, "B2")] {
            w.stock(sent, "DEP-LOU");
            w.at("2026-09-11 15:00").send(number, sent);
            w.at("2026-09-14 15:00").run(
                number,
                "carrier:ups",
                Command::Deliver { signed_by: None },
            );
        }
        // Known on the first two days: due on 28 September and on the 30th; on the last, on 14 October.
        for (at, business_days) in [("2026-09-15 15:00", 2), ("2026-10-02 15:00", 10)] {
            let extend = Command::Extend { business_days, reason: "customs".to_owned() };
            w.at(at).run(owed, "finance:fay", extend);
        }
        w.verified();
        let reports = || {
            ["2026-09-29", "2026-10-01", "2026-10-05"].map(|day| {
                let ran =
                    db.homeward(&["report", "run", "non-returns", "--as-of", day, "--out", "-"]);
                assert_eq!(ran.code, 0, "{ran:?}");
                ran.out
            })
        };
        let before = reports();
        assert_eq!(
            before.iter().map(|csv| csv.matches("\nR").count()).collect::<Vec<_>>(),
            [1, 2, 1]
        );
        taken_back_to_0022(db);
        let opened = db.homeward(&["verify"]);
        assert_eq!(opened.code, 0, "{opened:?}");
        assert_eq!(reports(), before);
        w.verified();
    });
}

/// Takes the schema back to version 0020, and, with the next program, on again.
fn reopened_by_0021(db: &TestDatabase, as_0020_left_it: &str) {
    let down = match db.backend() {
        Backend::Sqlite => include_str!("../../migrations/sqlite/0021_found_and_told/down.sql"),
        Backend::Postgres => include_str!("../../migrations/postgres/0021_found_and_told/down.sql"),
    };
    execute(db, down);
    execute(db, "DELETE FROM __diesel_schema_migrations WHERE version = '0021'");
    execute(db, as_0020_left_it);
    let opened = db.homeward(&["verify"]);
    assert_eq!(opened.code, 0, "{opened:?}");
}

#[derive(QueryableByName)]
struct Task {
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    next_task: Option<String>,
}

/// What the row of an RMA says that it waits for.
fn task(db: &TestDatabase, number: RmaNumber) -> Option<String> {
    let sql = format!("SELECT next_task FROM rmas WHERE number = '{number}'");
    let row = db.read(|c| diesel::sql_query(sql).get_result::<Task>(c).map_err(DbError::from));
    row.expect("the RMA").next_task
}

#[test]
fn svc_5_visits_that_an_older_schema_left_out_of_the_queue_come_into_it() {
    each_database("visits of version 0020", |db| {
        let w = World::new(db);
        let [owed, planned, unsent] = ["A1", "A2", "A3"].map(|unit| {
            w.install(unit, "MER-LOU");
            w.cover(unit, "MER-LOU", "next_day_onsite");
            w.at("2026-11-12 15:00").issued(unit)
        });
        for (number, sent) in [(owed, "B1"), (planned, "B2")] {
            w.stock(sent, "DEP-LOU");
            w.attach(Thing::Rma(number), AttachmentKind::CarrierLabel, "depot:dan", pdf(sent));
            w.send(number, sent);
        }
        let plan = Command::PlanVisit { engineer: "Eva".to_owned(), at: utc("2026-11-13 15:00") };
        w.run(planned, "logistics:lena", plan);
        let waits = || [owed, planned, unsent].map(|number| task(db, number));
        let as_folded = [Some("plan_visit"), Some("visit_today"), Some("allocate")];
        let as_folded = as_folded.map(|task| task.map(str::to_owned));
        assert_eq!(waits(), as_folded);
        reopened_by_0021(
            db,
            "UPDATE rmas SET next_task = NULL WHERE next_task IN ('plan_visit', 'visit_today')",
        );
        assert_eq!(waits(), as_folded);
        w.verified();
    });
}

#[test]
fn ent_7_covers_of_before_a_unit_went_and_came_back_are_of_former_days() {
    each_database("covers of version 0019", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        let ours: Manufacturer = "Halden".parse().expect("a manufacturer");
        let give = |account: &str, site: &str, at: &str| {
            let to = Wanted::Transfer { account: account.to_owned(), site: site.to_owned() };
            let stamp = unit_care::stamp(&actor("customer_care:cora"), "desk", utc(at));
            let unit = (&ours, &serial("A1"));
            db.write(|c| unit_care::care(&w.app, c, unit, (&to, "sold"), &stamp)).expect("a sale");
        };
        give("Noordzee Telecom B.V.", "NOR-AMS", "2026-03-16 15:00");
        give("Meridian Networks", "MER-LOU", "2026-04-16 15:00");
        w.cover("A1", "MER-LOU", "next_day_delivery");
        let covers = || {
            let covers = db.read(|c| {
                let unit = facts::unit(c, &ours, &serial("A1"))?.expect("A1");
                facts::covers(c, unit.id)
            });
            let mut covers: Vec<(bool, String)> = covers
                .expect("its covers")
                .into_iter()
                .map(|row| (row.former, row.cover.through_on.to_string()))
                .collect();
            covers.sort();
            covers
        };
        let right = [(false, "2027-12-31".to_owned()), (true, "2026-03-15".to_owned())];
        assert_eq!(covers(), right);
        // 0019 asked who owns the unit now: again the account that had given it away.
        reopened_by_0021(db, "UPDATE coverage SET former = FALSE");
        assert_eq!(covers(), right);
        w.verified();
    });
}

#[test]
fn ent_7_what_an_older_program_took_back_to_stock_parts_its_owners() {
    each_database("restocked by an older program", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        w.at("2026-11-16 15:00").deliver(rma);
        let ours: Manufacturer = "Halden".parse().expect("a manufacturer");
        let stamp = unit_care::stamp(&actor("customer_care:cora"), "desk", w.now());
        let (unit, what) = ((&ours, &serial("B1")), (&Wanted::MarkGreyMarket, "a broker"));
        db.write(|c| unit_care::care(&w.app, c, unit, what, &stamp)).expect("a mark");
        let back = Command::ReceiveReplacement {
            serial_number: serial("B1"),
            condition: ReplacementCondition::Unopened,
        };
        w.at("2026-11-18 15:00").run(rma, "dock:dora", back);
        let kept = || {
            let rows = db.read(|c| {
                let unit = facts::unit(c, &ours, &serial("B1"))?.expect("B1");
                rows::of_unit(c, unit.id)
            });
            rows.expect("its care").pop().expect("the return")
        };
        let right = kept();
        assert_eq!(right.account_was.as_deref(), Some("Meridian Networks"));
        let older =
            "UPDATE unit_care SET account_was = NULL, account_was_id = NULL, site_was = NULL";
        reopened_by_0021(db, older);
        let since = kept();
        assert_eq!(
            (since.account_was, since.account_was_id),
            (right.account_was, right.account_was_id)
        );
    });
}
