//! A chassis's cover reaches its modules (ID-5), at the doors.

use diesel::prelude::*;
use homeward::app::import::Subject;
use homeward::db::DbError;
use serde_json::{Value, json};

use crate::http::{self, Stage, token};
use crate::support::bring_in::{bring_in, try_bring_in_at};
use crate::support::command::Ran;
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::Request;
use crate::support::world::{World, on, serial, utc};

const HEADER: &str =
    "manufacturer,serial_number,part_number,account,site,shipped_on,registered_on,chassis_serial";

/// A row of Meridian's: a serial, where it stands, the chassis it stands in.
fn row(serial: &str, site: &str, chassis: &str) -> String {
    // Shipped in 2024: the warranty is over.
    format!("Halden,{serial},HX-4300,Meridian Networks,{site},2024-01-10,2024-01-12,{chassis}\n")
}

fn import(db: &TestDatabase, rows: &[String], more: &[&str]) -> Ran {
    let csv = format!("{HEADER}\n{}", rows.concat());
    std::fs::write(db.folder().join("modules.csv"), csv).expect("a file");
    db.homeward(&[&["import", "units", "modules.csv"], more].concat())
}

fn take(db: &TestDatabase, rows: &[String], says: &str) {
    let ran = import(db, rows, &[]);
    assert!(ran.code == 0 && ran.out.contains(says), "{says}: {ran:?}");
}

/// CH-1 with the modules M-1 and M-2 in it, named before their chassis.
fn chassis_of_two(w: &World<'_>) {
    let rows =
        [row("M-1", "MER-LOU", "CH-1"), row("M-2", "MER-LOU", "CH-1"), row("CH-1", "MER-LOU", "")];
    take(w.db, &rows, "3 added");
    w.cover("CH-1", "MER-LOU", "next_day_delivery");
}

fn entitled(db: &TestDatabase, serial: &str, on: &str) -> Value {
    let ran = db.homeward(&["explain", "entitlement", "--serial", serial, "--on", on, "--json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    serde_json::from_str(&ran.out).expect("JSON")
}

fn shown(db: &TestDatabase, serial: &str) -> String {
    let ran = db.homeward(&["unit", "show", serial]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out
}

#[test]
fn id_5_a_module_is_entitled_through_its_chassis_and_to_the_best_of_both() {
    each_database("the cover of a chassis", |db| {
        let w = World::new(db);
        chassis_of_two(&w);
        let found = entitled(db, "M-1", "2026-11-16");
        assert_eq!(
            found["because"],
            "On Mon 16 Nov 2026 contract CT-CH-1 (next_day_delivery) covers the chassis CH-1 and the unit in it \
             from Thu 1 Jan 2026 to Fri 31 Dec 2027; it promises a replacement delivered the next business day"
        );
        assert_eq!(found["rule"], "ENT-3");
        // Outside the contract's days nothing reaches the module.
        assert_eq!(entitled(db, "M-1", "2025-12-31")["verdict"], "not_entitled");
        // Its own contract serves where it promises more, the chassis's where that does.
        w.cover("M-1", "MER-LOU", "core_plus");
        w.cover("M-2", "MER-LOU", "same_day");
        for (module, level) in [("M-1", "next_day_delivery"), ("M-2", "same_day")] {
            assert_eq!(entitled(db, module, "2026-11-16")["service_level"], level, "{module}");
        }
        assert!(shown(db, "M-1").contains("in chassis      CH-1\n"));
        assert!(
            shown(db, "M-1").contains(
                "CT-CH-1 next_day_delivery 2026-01-01 to 2027-12-31, through chassis CH-1"
            )
        );
        assert!(shown(db, "CH-1").contains("modules         M-1, M-2\n"));
    });
}

#[test]
fn id_5_a_case_on_the_chassis_an_rma_for_the_module_and_its_place_for_the_replacement() {
    each_database("a module replaced", |db| {
        let w = World::new(db);
        chassis_of_two(&w);
        w.stock("B-1", "DEP-LOU");
        w.at("2026-11-16 15:00");
        let case = w.open_case("CH-1");
        let number = w.try_request(case, "M-1").expect("an RMA for a module").rma.number;
        let diagnosis = Some("a dead port".to_owned());
        w.run(number, "engineer:eva", homeward::domain::rma::Command::Create { diagnosis });
        w.run(number, "logistics:lena", homeward::domain::rma::Command::Issue {});
        let rma = w.app.db.read(|c| {
            homeward::app::look::seen(&w.app, c, &homeward::db::scope::Scope::All, number)
        });
        let terms = rma.expect("an RMA").0.terms.expect("terms");
        let kept = serde_json::to_value(&terms.entitlement.source).expect("JSON");
        assert_eq!(
            (&kept["number"], &kept["through_chassis"]),
            (&json!("CT-CH-1"), &json!("CH-1"))
        );
        w.send(number, "B-1");
        // The chassis's cover reaches the new serial from its shipping on, and the old one no longer.
        assert_eq!(entitled(db, "B-1", "2026-11-16")["service_level"], "next_day_delivery");
        assert_eq!(entitled(db, "M-1", "2026-11-16")["verdict"], "not_entitled");
        assert_eq!(entitled(db, "M-1", "2026-11-15")["service_level"], "next_day_delivery");
        assert!(shown(db, "CH-1").contains("modules         B-1, M-2\n"));
        // Back unopened: the module is in its place again.
        w.at("2026-11-18 15:00").arrives("RC-MTY", Some(number), Some("B-1"));
        assert!(shown(db, "CH-1").contains("modules         M-1, M-2\n"));
        assert_eq!(entitled(db, "M-1", "2026-11-16")["service_level"], "next_day_delivery");
        assert!(!shown(db, "B-1").contains("in chassis"));
    });
}

#[test]
fn id_5_modules_stay_in_the_place_of_a_chassis_that_is_replaced() {
    each_database("a chassis replaced", |db| {
        let w = World::new(db);
        chassis_of_two(&w);
        w.stock("B-1", "DEP-LOU");
        w.at("2026-11-16 15:00").shipped("CH-1", "B-1");
        assert!(shown(db, "B-1").contains("modules         M-1, M-2\n"));
        let found = entitled(db, "M-2", "2026-11-17");
        assert!(
            found["because"].as_str().expect("a sentence").contains("the chassis B-1"),
            "{found}"
        );
        // The customer's old list does not bring them back, and puts nothing new into what is gone.
        let old = [row("M-1", "MER-LOU", "CH-1"), row("CH-1", "MER-LOU", "")];
        take(db, &old, "2 unchanged");
        take(db, &old[..1], "1 unchanged");
        assert!(shown(db, "B-1").contains("modules         M-1, M-2\n"));
        let ran = import(db, &[row("M-3", "MER-LOU", "CH-1")], &[]);
        assert!(ran.err.contains("CH-1 is retired; name the unit that replaced it"), "{ran:?}");
        take(db, &[row("M-3", "MER-LOU", "B-1")], "1 added");
        let before = entitled(db, "M-2", "2026-11-15");
        assert!(
            before["because"].as_str().expect("a sentence").contains("the chassis CH-1"),
            "{before}"
        );
    });
}

#[test]
fn id_5_places_change_with_the_file_and_only_where_it_speaks_of_them() {
    each_database("moving modules", |db| {
        let w = World::new(db);
        chassis_of_two(&w);
        take(db, &[row("M-1", "MER-LOU", "CH-1"), row("CH-1", "MER-LOU", "")], "2 unchanged");
        // A file without the column leaves the module where it is.
        bring_in(
            db,
            Subject::Units,
            "manufacturer,serial_number,part_number,account,site,shipped_on,registered_on\n\
             Halden,M-1,HX-4300,Meridian Networks,MER-LOU,2024-01-10,2024-01-13\n",
        );
        assert!(shown(db, "M-1").contains("in chassis      CH-1\n"));
        take(db, &[row("M-1", "MER-LOU", "")], "1 changed");
        assert!(!shown(db, "M-1").contains("in chassis"));
        take(
            db,
            &[row("CH-2", "MER-DAL", ""), row("M-2", "MER-DAL", "CH-2")],
            "1 added, 1 changed",
        );
        assert!(shown(db, "CH-2").contains("modules         M-2\n"));
        assert!(!shown(db, "CH-1").contains("modules"));
        // A chassis that is another account's since takes no module along.
        bring_in(
            db,
            Subject::Units,
            "manufacturer,serial_number,part_number,account,site,shipped_on\n\
             Halden,CH-2,HX-4300,Noordzee Telecom B.V.,NOR-AMS,2024-01-10\n",
        );
        assert!(!shown(db, "M-2").contains("in chassis"));
        assert_eq!(w.app.db.read(homeward::db::placements::any).ok(), Some(true));
    });
}

#[test]
fn id_5_bad_places_are_named_and_nothing_is_kept() {
    each_database("bad chassis", |db| {
        let w = World::new(db);
        chassis_of_two(&w);
        w.install("N-1", "NOR-AMS");
        w.stock("B-1", "DEP-LOU");
        let line = |serial, chassis| row(serial, "MER-LOU", chassis);
        for (rows, says) in [
            (
                vec![line("X-1", "X-1")],
                "in.csv:2: column `chassis_serial`: a unit cannot stand in itself",
            ),
            (vec![line("X-1", "NOWHERE")], "there is no unit \"NOWHERE\" of Halden"),
            (vec![line("X-1", "M-1")], "M-1 stands in a chassis itself; one level is kept"),
            (vec![line("X-1", "X-2"), line("X-2", "X-1")], "X-2 stands in a chassis itself"),
            (vec![line("X-1", "X-2"), line("X-2", "CH-1")], "X-2 stands in a chassis itself"),
            (vec![line("X-1", "N-1")], "N-1 is of another account or stands at another site"),
            (
                vec![row("X-1", "MER-DAL", "CH-1")],
                "CH-1 is of another account or stands at another site",
            ),
            (vec![line("X-1", "B-1")], "B-1 is stock, not installed"),
            (vec![line("CH-1", "X-2"), line("X-2", "")], "2 units stand in it"),
            (vec![line("X-1", " CH-1")], "column `chassis_serial`: the serial number \" CH-1\""),
        ] {
            let ran = import(db, &rows, &[]);
            let says = says.replace("in.csv", "modules.csv");
            assert!(ran.code == 1 && ran.err.contains(&says), "{says}: {ran:?}");
            let found = w.app.db.read(|c| homeward::db::facts::units_of_serial(c, &serial("X-1")));
            assert!(found.expect("the register").is_empty(), "{says}");
        }
        // The good rows alone, where that is asked for.
        let rows = [line("X-1", "M-1"), line("X-2", "CH-1")];
        let ran = import(db, &rows, &["--skip-bad"]);
        assert!(ran.code == 0 && ran.out.contains("1 added"), "{ran:?}");
        assert!(shown(db, "CH-1").contains("modules         M-1, M-2, X-2\n"));
    });
}

#[test]
fn id_5_over_http() {
    let db = TestDatabase::sqlite();
    let stage = Stage::set(&db, 1);
    let csv = "manufacturer,serial_number,part_number,account,site,shipped_on,chassis_serial\n\
               ACME,MOD-1,RT-100,Northwind,NW-1,2024-01-10,SN001\n";
    let import = Request::new("POST", "/api/v1/imports/units")
        .token(&stage.admin)
        .header("content-type", "text/csv")
        .bytes(csv);
    stage.service.send(&import).expect(200);
    let customer = token(&db, &["--role", "account_admin", "--account", "Northwind"]);
    let unit = stage.get(&customer, "/api/v1/units/ACME/MOD-1");
    assert_eq!(unit["chassis"], "SN001", "{unit}");
    let cover = &unit["entitlement"]["contracts"][0];
    assert_eq!((&cover["number"], &cover["through_chassis"]), (&json!("C-SN"), &json!("SN001")));
    let chassis = stage.get(&customer, "/api/v1/units/ACME/SN001");
    assert_eq!(chassis["modules"], json!(["MOD-1"]), "{chassis}");
    let case = stage.open_case(&customer, "SN001");
    let done = stage.post(&customer, "/api/v1/rmas", &http::rma(&case, "MOD-1"), 201);
    let number = done["number"].as_str().expect("a number");
    stage.command(number, &json!({ "command": "create", "diagnosis": "a dead port" }));
    stage.command(number, &json!({ "command": "issue" }));
    let rma = stage.get(&customer, &format!("/api/v1/rmas/{number}"));
    let source = &rma["terms"]["entitlement"]["source"];
    assert_eq!(source["through_chassis"], "SN001", "{rma}");
}

#[test]
fn id_5_a_chassis_that_stayed_with_its_owner_takes_in_no_strangers_module() {
    each_database("a chassis that stayed", |db| {
        let w = World::new(db);
        chassis_of_two(&w);
        w.request("CH-1");
        let theirs = |serial: &str, chassis: &str| {
            row(serial, "NOR-AMS", chassis).replace("Meridian Networks", "Noordzee Telecom B.V.")
        };
        // The open RMA keeps CH-1 with its owner, whatever the file says.
        let rows = [theirs("CH-1", ""), theirs("M-9", "CH-1")];
        take(db, &rows, "1 units have moved on since");
        assert!(!shown(db, "M-9").contains("in chassis"));
        assert!(shown(db, "CH-1").contains("modules         M-1, M-2\n"));
        assert!(around_of(&w, "M-9").is_empty());
    });
}

fn around_of(w: &World<'_>, unit: &str) -> Vec<homeward::db::placements::Placement> {
    w.app
        .db
        .read(|c| {
            let unit = homeward::db::facts::units_of_serial(c, &serial(unit))?.pop();
            homeward::db::placements::around(c, &[unit.expect("a unit").id.0])
        })
        .expect("places")
}

#[test]
fn id_5_a_unit_already_known_is_covered_from_the_day_the_file_places_it() {
    each_database("placed later", |db| {
        let w = World::new(db);
        take(db, &[row("CH-1", "MER-LOU", ""), row("M-1", "MER-LOU", "")], "2 added");
        w.cover("CH-1", "MER-LOU", "next_day_delivery");
        let rows = [row("M-1", "MER-LOU", "CH-1"), row("M-2", "MER-LOU", "CH-1")];
        take(db, &rows, "1 added, 1 changed");
        assert_eq!(entitled(db, "M-1", "2026-02-02")["verdict"], "not_entitled");
        assert_eq!(entitled(db, "M-2", "2026-02-02")["rule"], "ENT-3");
        let today = around_of(&w, "M-1")[0].from_on;
        assert!(today > on("2026-02-02"), "{today}");
        assert_eq!(entitled(db, "M-1", &today.to_string())["rule"], "ENT-3");
    });
}

#[test]
fn id_5_a_module_and_its_chassis_at_two_sites_are_parted() {
    each_database("moved to another site", |db| {
        let w = World::new(db);
        chassis_of_two(&w);
        // A file that does not speak of chassis moves one module away from its own.
        let moved = |serials: &[&str]| {
            let header = HEADER.trim_end_matches(",chassis_serial");
            let rows = serials.iter().map(|serial| row(serial, "MER-DAL", ""));
            let rows: String = rows.map(|row| row.replace(",\n", "\n")).collect();
            bring_in(db, Subject::Units, &format!("{header}\n{rows}"));
        };
        moved(&["M-1"]);
        assert!(!shown(db, "M-1").contains("in chassis"));
        let today = chrono::Utc::now().date_naive().to_string();
        assert_eq!(entitled(db, "M-1", &today)["verdict"], "not_entitled");
        // Those that move together stay together.
        moved(&["CH-1", "M-2"]);
        assert!(shown(db, "CH-1").contains("modules         M-2\n"));
    });
}
/// In the evening of one day in Kentucky it is the next in UTC.
#[test]
fn id_5_the_day_of_a_move_is_that_of_where_the_unit_stands() {
    each_database("a move in the evening", |db| {
        let w = World::new(db);
        take(db, &[row("CH-1", "MER-LOU", ""), row("M-1", "MER-LOU", "")], "2 added");
        let at = |instant: &str, name: &str, row: String| {
            let csv = format!("{HEADER}\n{row}");
            let done = try_bring_in_at(db, Subject::Units, (name, &csv), utc(instant));
            done.expect("a file");
        };
        let place = || {
            let places = around_of(&w, "M-1");
            assert_eq!(places.len(), 1, "{places:?}");
            (places[0].from_on, places[0].through_on)
        };
        at("2026-11-22 01:40", "in", row("M-1", "MER-LOU", "CH-1"));
        assert_eq!(place(), (on("2026-11-21"), None));
        at("2026-11-26 02:10", "out", row("M-1", "MER-LOU", ""));
        assert_eq!(place(), (on("2026-11-21"), Some(on("2026-11-24"))));
        at("2026-11-27 03:00", "in again", row("M-1", "MER-LOU", "CH-1"));
        // The chassis alone goes to another site, by a file that does not speak of chassis: in Kentucky it is
        // the 29th already, in Texas the 28th still.
        let header = HEADER.trim_end_matches(",chassis_serial");
        let away = row("CH-1", "MER-DAL", "").replace(",\n", "\n");
        let csv = format!("{header}\n{away}");
        let moved = try_bring_in_at(db, Subject::Units, ("away", &csv), utc("2026-11-29 05:30"));
        moved.expect("a file");
        let places = || {
            let places = around_of(&w, "M-1").into_iter();
            places.map(|place| (place.from_on, place.through_on)).collect::<Vec<_>>()
        };
        let first = (on("2026-11-21"), Some(on("2026-11-24")));
        let second = (on("2026-11-26"), Some(on("2026-11-28")));
        assert_eq!(places(), [first, second]);
        // The module follows into its chassis there, and both go back into another in Kentucky.
        at("2026-11-30 05:30", "after it", row("M-1", "MER-DAL", "CH-1"));
        let third = (on("2026-11-29"), None);
        assert_eq!(places(), [first, second, third]);
        let rows = row("CH-2", "MER-LOU", "") + &row("M-1", "MER-LOU", "CH-2");
        at("2026-12-03 05:30", "back", rows);
        let third = (on("2026-11-29"), Some(on("2026-12-01")));
        assert_eq!(places(), [first, second, third, (on("2026-12-03"), None)]);
    });
}

/// A units file that gives thousands of chassis to another account parts each from its modules.
#[test]
fn id_5_thousands_of_chassis_leave_their_modules_in_one_file() {
    const CHASSIS: usize = 3_000;
    const MODULES: usize = 6;
    each_database("thousands of chassis", |db| {
        let w = World::new(db);
        take(w.db, &[row("CH-1", "MER-LOU", ""), row("M-1", "MER-LOU", "CH-1")], "2 added");
        // As if a file for each had been brought in before.
        let counted = |last: usize| {
            format!(
                "WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted \
                 WHERE n < {last})"
            )
        };
        for (serial, many) in [("BC-", CHASSIS), ("BM-", CHASSIS * MODULES)] {
            let units = format!(
                "{} INSERT INTO units (manufacturer, serial_number, part_number, organization_id, \
                 site_id, status, shipped_on, registered_on) \
                 SELECT u.manufacturer, '{serial}' || n, u.part_number, u.organization_id, \
                 u.site_id, u.status, u.shipped_on, u.registered_on \
                 FROM units u, counted WHERE u.serial_number = 'M-1'",
                counted(many)
            );
            execute(&w, &units);
        }
        let places = format!(
            "{} INSERT INTO placements (unit_id, chassis_id, from_on) \
             SELECT m.id, c.id, '2026-01-01' FROM counted \
             JOIN units m ON m.serial_number = 'BM-' || n \
             JOIN units c ON c.serial_number = 'BC-' || (1 + (n - 1) / {MODULES})",
            counted(CHASSIS * MODULES)
        );
        execute(&w, &places);
        let sold: Vec<String> = (1..=CHASSIS)
            .map(|n| {
                row(&format!("BC-{n}"), "NOR-AMS", "")
                    .replace("Meridian Networks", "Noordzee Telecom B.V.")
            })
            .collect();
        take(w.db, &sold, "3000 changed");
        let left = around_of(&w, "BC-1500").iter().filter(|p| p.through_on.is_none()).count();
        assert_eq!(left, 0);
        assert_eq!(around_of(&w, "CH-1").len(), 1, "those of one account stay together");
    });
}

fn execute(w: &World<'_>, sql: &str) {
    let done = w.db.write(|c| diesel::sql_query(sql).execute(c).map_err(DbError::from));
    assert!(done.expect(sql) > 0, "{sql}");
}
