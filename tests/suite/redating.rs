//! A resale or a registration reported later moves the warranty, and the unit's history says so.

use homeward::app::import::Subject;
use serde_json::Value;

use crate::support::bring_in::bring_in;
use crate::support::command::Ran;
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::{Request, Service};

const HEADER: &str = "manufacturer,serial_number,part_number,account,site,shipped_on,distributor,resold_on,registered_on";

fn register(db: &TestDatabase) {
    for (subject, csv) in [
        (
            Subject::Organizations,
            "name,kind,currency,bill_to\nNorthwind,customer,USD,AP\nContoso,customer,USD,AP\n",
        ),
        (
            Subject::Products,
            "manufacturer,part_number,description,list_prices,contract_manufacturer\n\
             ACME,RT-100,Router,USD 10.00,Fabrikam\n",
        ),
        (
            Subject::Sites,
            "code,name,kind,organization,region,address,country,zone,calendar\n\
             NW-1,Northwind Austin,customer,Northwind,AMER,1 Main St,US,America/Chicago,US\n\
             NW-2,Northwind Dallas,customer,Northwind,AMER,2 Main St,US,America/Chicago,US\n",
        ),
    ] {
        bring_in(db, subject, csv);
    }
}

/// Imports SN001 with these dates, as a distributor's file would.
fn report(db: &TestDatabase, site: &str, resold: &str, registered: &str) -> Ran {
    let row = format!("ACME,SN001,RT-100,Northwind,{site},2023-12-01,Dist,{resold},{registered}");
    std::fs::write(db.folder().join("pos.csv"), format!("{HEADER}\n{row}\n")).expect("a file");
    let ran = db.homeward(&["import", "units", "pos.csv", "--as", "logistics:lou"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran
}

fn show(db: &TestDatabase) -> String {
    let ran = db.homeward(&["unit", "show", "SN001"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out
}

/// The lines after the heading, without the instants.
fn history(db: &TestDatabase) -> Vec<String> {
    let shown = show(db);
    let (_, lines) = shown.split_once("\nhistory\n").expect("the heading");
    let instant = "2026-11-21 12:00:00Z".len();
    lines
        .lines()
        .map(|line| {
            if line.starts_with(' ') { line.trim() } else { &line[instant..] }.trim().to_owned()
        })
        .collect()
}

#[test]
fn a_resale_moves_the_start_and_the_history_says_who_and_when() {
    each_database("a resale reported later", |db| {
        register(db);
        assert!(report(db, "NW-1", "", "").out.contains("1 added"));
        assert!(history(db).is_empty());
        // Unknown: 90 days after 2023-12-01, over a leap day.
        let before = show(db);
        let says = "warranty        2024-02-29 to 2025-02-28 (AMB-2, terms 2026.1, provisional)";
        assert!(before.contains(says), "{before}");
        assert!(report(db, "NW-1", "2024-01-15", "").out.contains("1 changed"));
        let sold = [
            "logistics:lou  pos.csv",
            "resold: - -> 2024-01-15",
            "warranty start: 2024-02-29 -> 2024-01-15 (WAR-2)",
        ];
        assert_eq!(history(db), sold);
        let says = "warranty        2024-01-15 to 2025-01-14 (WAR-2, terms 2026.1)";
        assert!(show(db).contains(says), "{}", show(db));
        // The same file again, and one that only moves the unit, tell nothing of its sale.
        assert!(report(db, "NW-1", "2024-01-15", "").out.contains("1 unchanged"));
        assert!(report(db, "NW-2", "2024-01-15", "").out.contains("1 changed"));
        assert_eq!(history(db), sold);
        // A registration never moves the start (AMB-5); a late resale is capped (WAR-2).
        report(db, "NW-2", "2024-01-15", "2024-03-01");
        report(db, "NW-2", "2024-08-01", "2024-03-01");
        let later = [
            "logistics:lou  pos.csv",
            "registered: - -> 2024-03-01",
            "warranty start: 2024-01-15 as before (WAR-2)",
            "logistics:lou  pos.csv",
            "resold: 2024-01-15 -> 2024-08-01",
            "warranty start: 2024-01-15 -> 2024-02-29 (WAR-2)",
        ];
        assert_eq!(history(db), [&sold[..], &later].concat());
    });
}

#[test]
fn a_resale_before_the_shipment_is_refused_and_leaves_no_history() {
    each_database("a resale that cannot be", |db| {
        register(db);
        report(db, "NW-1", "", "");
        let row = "ACME,SN001,RT-100,Northwind,NW-1,2023-12-01,Dist,2023-11-30,";
        std::fs::write(db.folder().join("pos.csv"), format!("{HEADER}\n{row}\n")).expect("a file");
        let ran = db.homeward(&["import", "units", "pos.csv"]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains("2023-11-30 is before the unit was shipped"), "{ran:?}");
        assert!(history(db).is_empty());
        let absent = db.homeward(&["unit", "show", "SN404"]);
        assert_eq!(absent.code, 1, "{absent:?}");
        assert!(absent.err.contains("there is no unit with serial \"SN404\""), "{absent:?}");
    });
}

#[test]
fn the_api_shows_the_history_to_whoever_sees_the_unit_and_a_backup_keeps_it() {
    each_database("a unit's history over HTTP", |db| {
        register(db);
        report(db, "NW-1", "", "");
        let token = |account: &str| {
            let ran =
                db.homeward(&["token", "create", "--role", "account_admin", "--account", account]);
            ran.out.trim().to_owned()
        };
        let admin = ["token", "create", "--role", "administrator", "--user", "ada@vendor.example"];
        let admin = db.homeward(&admin).out.trim().to_owned();
        let service = Service::start(db);
        let row = "ACME,SN001,RT-100,Northwind,NW-1,2023-12-01,Dist,2024-01-15,2024-01-16";
        let upload = Request::new("POST", "/api/v1/imports/units")
            .token(&admin)
            .header("content-type", "text/csv")
            .header("idempotency-key", "pos")
            .bytes(format!("{HEADER}\n{row}\n"));
        for _ in 0..2 {
            assert_eq!(service.send(&upload).expect(200)["changed"], 1);
        }
        let unit = Request::get("/api/v1/units/ACME/SN001");
        let seen = service.send(&unit.clone().token(&token("Northwind"))).expect(200);
        let [one]: &[Value; 1] =
            seen["history"].as_array().expect("a list")[..].try_into().expect("one change");
        for (field, value) in [
            ("actor", "administrator:ada@vendor.example"),
            ("source", "units.csv"),
            ("start_was", "2024-02-29"),
            ("start_on", "2024-01-15"),
            ("resold_on", "2024-01-15"),
            ("registered_on", "2024-01-16"),
            ("rule", "WAR-2"),
        ] {
            assert_eq!(one[field], value, "{one}");
        }
        assert!(one["resold_was"].is_null(), "{one}");
        service.send(&unit.token(&token("Contoso"))).problem(404, "not-found");
        let before = history(db);
        assert_eq!(db.homeward(&["backup", "house.hwb"]).code, 0);
        let other = TestDatabase::sqlite();
        let file = db.folder().join("house.hwb").display().to_string();
        assert_eq!(other.homeward(&["restore", &file]).code, 0);
        assert_eq!(history(&other), before);
    });
}
