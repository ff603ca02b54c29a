//! The report of installed units against the milestones of their products' lives (SYS-11).

use homeward::app::import::Subject;

use crate::support::bring_in::bring_in;
use crate::support::command::Ran;
use crate::support::databases::{TestDatabase, each_database};

const PRODUCTS: &str = "\
manufacturer,part_number,description,list_prices,contract_manufacturer,frs_on,eol_on,eoe_on,eos_on,replacement_part
ACME,LEAP,Router,,Fabrikam,2018-02-28,2024-02-29,2026-02-28,2028-02-29,RT-200
ACME,RT-200,Router 2,,Fabrikam,2023-01-01,,,,
ACME,PLAIN,=1+1,,Fabrikam,,,,,
Other,LEAP,Another's,,Fabrikam,,2024-08-27,,,@SUM
";

const REST: &[(Subject, &str)] = &[
    (
        Subject::Organizations,
        "name,kind,currency,bill_to\nNorthwind,customer,USD,AP\nContoso,customer,USD,AP\n",
    ),
    (Subject::Products, PRODUCTS),
    (
        Subject::Sites,
        "code,name,kind,organization,region,address,country,zone,calendar\n\
         NW-1,Northwind Austin,customer,Northwind,AMER,1 Main St,US,America/Chicago,US\n\
         CO-1,Contoso Reno,customer,Contoso,AMER,2 Main St,US,America/Los_Angeles,US\n\
         DEP,Depot,depot,,AMER,3 Depot Rd,US,America/Chicago,US\n",
    ),
    (
        Subject::Units,
        "manufacturer,serial_number,part_number,account,site,shipped_on\n\
         ACME,A1,LEAP,Northwind,NW-1,2020-02-29\n\
         ACME,A2,RT-200,Northwind,NW-1,2024-02-28\n\
         ACME,A3,PLAIN,Northwind,NW-1,2020-01-01\n\
         ACME,B1,LEAP,Contoso,CO-1,2020-01-01\n\
         ACME,S1,LEAP,,DEP,2020-01-01\n\
         Other,O1,LEAP,Northwind,NW-1,2020-01-01\n",
    ),
];

fn register(db: &TestDatabase) {
    for (subject, csv) in REST {
        bring_in(db, *subject, csv);
    }
}

fn report(db: &TestDatabase, as_of: &str, more: &[&str]) -> Ran {
    let begin = ["report", "run", "product-life", "--as-of", as_of, "--out", "-"];
    db.homeward(&[&begin, more].concat())
}

/// `serial stage next on days approaching` of each row, in the order of the file.
fn rows(ran: &Ran) -> Vec<String> {
    assert_eq!(ran.code, 0, "{ran:?}");
    let mut reader = csv::Reader::from_reader(ran.out.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let at = |name: &str| header.iter().position(|column| column == name).expect("the column");
    let wanted =
        ["serial_number", "stage", "next_milestone", "next_on", "days_left", "approaching"].map(at);
    let line = |record: csv::StringRecord| wanted.map(|column| record[column].to_owned()).join(" ");
    reader.records().map(|record| line(record.expect("a row"))).collect()
}

#[test]
fn a_milestone_is_reached_on_its_day_and_near_for_its_days_of_notice() {
    each_database("product life", |db| {
        register(db);
        let of = |as_of: &str| {
            let ran = report(db, as_of, &["--account", "Northwind"]);
            rows(&ran).into_iter().find(|row| row.starts_with("A1 ")).expect("the unit")
        };
        // 2024 has a 29 February: 180 days before it is 2 September 2023.
        for (as_of, says) in [
            ("2023-09-01", "A1 current eol 2024-02-29 181 no"),
            ("2023-09-02", "A1 current eol 2024-02-29 180 yes"),
            ("2024-02-28", "A1 current eol 2024-02-29 1 yes"),
            ("2024-02-29", "A1 end_of_life eoe 2026-02-28 730 no"),
            ("2024-03-01", "A1 end_of_life eoe 2026-02-28 729 no"),
            ("2025-09-01", "A1 end_of_life eoe 2026-02-28 180 yes"),
            ("2026-02-27", "A1 end_of_life eoe 2026-02-28 1 yes"),
            ("2026-02-28", "A1 end_of_engineering eos 2028-02-29 731 no"),
        ] {
            assert_eq!(of(as_of), says, "{as_of}");
        }
    });
}

#[test]
fn a_report_is_of_one_account_and_of_what_was_shipped_by_then() {
    each_database("product life of an account", |db| {
        register(db);
        let northwind = report(db, "2024-02-28", &["--account", "Northwind"]);
        assert_eq!(
            rows(&northwind),
            [
                "A1 current eol 2024-02-29 1 yes",
                "A2 current    no",
                "A3 unknown    no",
                "O1 current eol 2024-08-27 181 no",
            ]
        );
        // The day a unit is shipped on is its first; stock is nobody's.
        let before = rows(&report(db, "2024-02-27", &["--account", "Northwind"]));
        assert_eq!(before.len(), 3, "{before:?}");
        assert!(!before.iter().any(|row| row.starts_with("A2 ")), "{before:?}");
        let all = rows(&report(db, "2024-02-28", &[]));
        assert_eq!(all.len(), 5, "{all:?}");
        // What a spreadsheet would calculate does not begin a field.
        assert!(northwind.out.contains(",'=1+1,"), "{northwind:?}");
        assert!(northwind.out.contains(",'@SUM,"), "{northwind:?}");
        let again = report(db, "2024-02-28", &["--account", "Northwind"]);
        assert_eq!(again.out, northwind.out);
        let absent = report(db, "2024-02-28", &["--account", "Northwnd"]);
        assert_eq!(absent.code, 1, "{absent:?}");
        assert!(absent.err.contains("there is no account \"Northwnd\""), "{absent:?}");
        let to_come = report(db, "9000-01-01", &[]);
        assert_eq!(to_come.code, 1, "{to_come:?}");
        assert!(to_come.err.contains("9000-01-01 has not begun in UTC"), "{to_come:?}");
    });
}

#[test]
fn the_days_of_notice_are_the_programme_s_of_that_day() {
    each_database("days of notice", |db| {
        register(db);
        let add = |version: &str, days: u32, from: &str| {
            let text = format!("version = {version:?}\nmilestone_notice_days = {days}\n");
            std::fs::write(db.folder().join("p.toml"), text).expect("a file");
            db.homeward(&["programme", "add", "ACME", "p.toml", "--effective-on", from])
        };
        assert_eq!(add("near", 1, "2024-02-01").code, 0);
        assert_eq!(add("none", 0, "2024-02-28").code, 0);
        let refused = add("far", 10_001, "2024-02-28");
        assert_eq!(refused.code, 1, "{refused:?}");
        assert!(refused.err.contains("milestone_notice_days is 10001"), "{refused:?}");
        let of = |as_of: &str| {
            let ran = report(db, as_of, &["--account", "Contoso"]);
            (rows(&ran).remove(0), ran.out.trim_end().rsplit(',').next().map(str::to_owned))
        };
        let some = |version: &str| Some(version.to_owned());
        assert_eq!(of("2024-01-31"), ("B1 current eol 2024-02-29 29 yes".into(), some("2026.1")));
        assert_eq!(of("2024-02-27"), ("B1 current eol 2024-02-29 2 no".into(), some("near")));
        assert_eq!(of("2024-02-28"), ("B1 current eol 2024-02-29 1 no".into(), some("none")));
    });
}

#[test]
fn milestones_follow_each_other_and_no_part_replaces_itself() {
    each_database("milestones of a file", |db| {
        let header = PRODUCTS.lines().next().expect("a header");
        for (dates, says) in [
            ("2020-01-02,2020-01-01,,,", "column `eol_on`: 2020-01-01 is before 2020-01-02"),
            (",2020-01-02,2020-01-01,,", "column `eoe_on`: 2020-01-01 is before 2020-01-02"),
            (",,2020-01-02,2020-01-01,", "column `eos_on`: 2020-01-01 is before 2020-01-02"),
            ("2020-01-02,,,2020-01-01,", "column `eos_on`: 2020-01-01 is before 2020-01-02"),
            (",,2023-02-29,,", "column `eoe_on`: 2023-02-29 is not a day"),
            (",,,,X", "column `replacement_part`: a product does not replace itself"),
        ] {
            let csv = format!("{header}\nACME,X,Router,,Fabrikam,{dates}\n");
            std::fs::write(db.folder().join("in.csv"), csv).expect("a file");
            let ran = db.homeward(&["import", "products", "in.csv"]);
            assert_eq!(ran.code, 1, "{ran:?}");
            assert!(ran.err.contains(says), "{says}: {ran:?}");
        }
        // All on one day is in order.
        let csv = format!(
            "{header}\nACME,X,Router,,Fabrikam,2020-02-29,2020-02-29,2020-02-29,2020-02-29,Y\n"
        );
        for says in ["1 added", "1 unchanged"] {
            std::fs::write(db.folder().join("in.csv"), &csv).expect("a file");
            let ran = db.homeward(&["import", "products", "in.csv"]);
            assert_eq!(ran.code, 0, "{ran:?}");
            assert!(ran.out.contains(says), "{ran:?}");
        }
    });
}

#[test]
fn milestones_and_replacement_parts_survive_a_backup() {
    each_database("product life in a backup", |db| {
        register(db);
        let before = report(db, "2026-03-01", &[]);
        assert!(before.out.contains("end_of_engineering"), "{before:?}");
        assert!(before.out.contains("RT-200"), "{before:?}");
        assert_eq!(db.homeward(&["backup", "house.hwb"]).code, 0);
        let other = TestDatabase::sqlite();
        let file = db.folder().join("house.hwb").display().to_string();
        let restored = other.homeward(&["restore", &file]);
        assert_eq!(restored.code, 0, "{restored:?}");
        assert_eq!(report(&other, "2026-03-01", &[]).out, before.out);
    });
}
