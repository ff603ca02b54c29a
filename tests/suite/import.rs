//! `homeward import`, at the door: files in, the database and the answer out.

use std::fmt::Debug;
use std::fs;
use std::path::Path;

use diesel::prelude::*;
use homeward::db::schema::{
    calendar_days, contracts, coverage, organizations, product_prices, site_days, sites, units,
};
use homeward::db::{AnyConnection, DbError};

use crate::support::command::{Ran, homeward};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::skipped;

const ORGANIZATIONS: &str = "name,kind,currency,bill_to,email\n\
    Acme Storage,customer,EUR,Acme Storage|Kade 1|1011 Amsterdam,ops@acme.example\n\
    仓储有限公司,customer,USD,仓储有限公司,\n";
const PRODUCTS: &str = "manufacturer,part_number,description,list_prices,contract_manufacturer\n\
    ST,ST31500541AS,Barracuda LP 1.5 TB,USD 149.00;EUR 139.50;JPY 16000,Celestia\n\
    HGST,HGST HMS5C4040ALE640,MegaScale 4 TB,,Celestia\n";
const SITES: &str = "code,name,kind,organization,contract_manufacturer,region,address,country,zone,\
    calendar,contact_email,closed_days,working_days\n\
    AMS1,Acme Amsterdam,customer,Acme Storage,,EMEA,Kade 1|1011 Amsterdam,NL,Europe/Amsterdam,NL,dock@acme.example,2026-12-24 Christmas Eve;2026-12-31 Stocktaking,2026-12-19\n\
    SHA1,上海,customer,仓储有限公司,,APAC,浦东新区 1 号,CN,Asia/Shanghai,CN,,,\n\
    DEPOT,Depot,depot,,,EMEA,Depotweg 2,NL,Europe/Amsterdam,NL,,,\n\
    HOME,Repair centre,repair_centre,,Celestia,EMEA,Dok 3,NL,Europe/Amsterdam,NL,,,\n";
const UNITS: &str = "manufacturer,serial_number,part_number,account,site,shipped_on,resold_on\n\
    ST,5XW004Q0,ST31500541AS,Acme Storage,AMS1,2013-04-10,2013-05-01\n\
    HGST,WD-WCATR2525283,HGST HMS5C4040ALE640,仓储有限公司,SHA1,2016-02-29,\n\
    ST,SPARE-1,ST31500541AS,,DEPOT,2016-01-01,\n";

/// Imports `content` as `subject`.
fn import(db: &TestDatabase, subject: &str, content: impl AsRef<[u8]>) -> Ran {
    import_with(db, subject, content, &[])
}

fn import_with(db: &TestDatabase, subject: &str, content: impl AsRef<[u8]>, more: &[&str]) -> Ran {
    fs::write(db.folder().join("in.csv"), content).expect("writing a file");
    let arguments = [&["import", subject, "in.csv"], more].concat();
    db.homeward(&arguments)
}

#[track_caller]
fn taken(ran: &Ran, says: &str) {
    assert!(ran.code == 0 && ran.out.contains(says), "{says:?} was not said: {ran:#?}");
}

/// Nothing was taken, and the error says all of `says`.
#[track_caller]
fn refused(ran: &Ran, says: &[&str]) {
    let missing: Vec<_> = says.iter().filter(|s| !ran.err.contains(**s)).collect();
    assert!(ran.code == 1 && ran.out.is_empty() && missing.is_empty(), "{missing:?}: {ran:#?}");
}

fn rows<T>(db: &TestDatabase, load: impl FnOnce(&mut AnyConnection) -> QueryResult<T>) -> T
where
    T: Debug,
{
    db.read(|c| load(c).map_err(DbError::from)).expect("reading what was stored")
}

fn register(db: &TestDatabase) {
    taken(&import(db, "organizations", ORGANIZATIONS), "2 added");
    taken(&import(db, "products", PRODUCTS), "2 added");
    taken(&import(db, "sites", SITES), "4 added");
}

fn unit_count(db: &TestDatabase) -> i64 {
    rows(db, |c| units::table.count().get_result(c))
}

#[test]
fn a_register_comes_in_changes_and_stays() {
    each_database("importing a register", |db| {
        register(db);
        taken(
            &import(db, "units", UNITS),
            "3 added, 0 changed, 0 unchanged; 3 rows read, 0 refused",
        );
        for (subject, file, said) in [
            ("organizations", ORGANIZATIONS, "0 added, 0 changed, 2 unchanged"),
            ("products", PRODUCTS, "0 added, 0 changed, 2 unchanged"),
            ("sites", SITES, "0 added, 0 changed, 4 unchanged"),
            ("units", UNITS, "0 added, 0 changed, 3 unchanged"),
        ] {
            taken(&import(db, subject, file), said);
        }
        let changes = [
            (
                "organizations",
                ORGANIZATIONS.replace("ops@acme.example", ""),
                "0 added, 1 changed, 1 unchanged",
            ),
            (
                "products",
                PRODUCTS.replace("EUR 139.50", "EUR 129.50"),
                "0 added, 1 changed, 1 unchanged",
            ),
            ("sites", SITES.replace("Christmas Eve", "Closed"), "0 added, 1 changed, 3 unchanged"),
            ("units", UNITS.replace("2013-05-01", "2013-05-02"), "0 added, 1 changed, 2 unchanged"),
        ];
        for (subject, file, said) in changes {
            taken(&import(db, subject, file), said);
        }
        let prices: Vec<(String, i64)> = rows(db, |c| {
            use product_prices::{amount_minor, currency};
            product_prices::table.select((currency, amount_minor)).order(currency).load(c)
        });
        let expected = [("EUR", 12_950), ("JPY", 16_000), ("USD", 14_900)];
        assert_eq!(prices, expected.map(|(c, a)| (c.to_owned(), a)));
        let address: String = rows(db, |c| {
            sites::table.filter(sites::code.eq("AMS1")).select(sites::address).first(c)
        });
        assert_eq!(address, "Kade 1\n1011 Amsterdam");
        let days: Vec<(String, bool)> = rows(db, |c| {
            site_days::table
                .select((site_days::name, site_days::works))
                .order(site_days::day)
                .load(c)
        });
        let expected = [("", true), ("Closed", false), ("Stocktaking", false)];
        assert_eq!(days, expected.map(|(n, w)| (n.to_owned(), w)));
        let statuses: Vec<String> =
            rows(db, |c| units::table.select(units::status).order(units::serial_number).load(c));
        assert_eq!(statuses, ["installed", "stock", "installed"]);
    });
}

#[test]
fn a_unit_that_moved_on_is_not_moved_back() {
    each_database("units that moved on", |db| {
        register(db);
        taken(&import(db, "units", UNITS), "3 added");
        // What a replacement does: the spare goes to the customer, the defective unit is retired.
        let moved = db.write(|c| {
            let home: i64 =
                sites::table.filter(sites::code.eq("HOME")).select(sites::id).first(c)?;
            let ams: i64 =
                sites::table.filter(sites::code.eq("AMS1")).select(sites::id).first(c)?;
            let acme: i64 = organizations::table
                .filter(organizations::name.eq("Acme Storage"))
                .select(organizations::id)
                .first(c)?;
            diesel::update(units::table.filter(units::serial_number.eq("SPARE-1")))
                .set((
                    units::status.eq("installed"),
                    units::site_id.eq(ams),
                    units::organization_id.eq(acme),
                    units::cover_through_on.eq(chrono::NaiveDate::from_ymd_opt(2030, 1, 1)),
                ))
                .execute(c)?;
            diesel::update(units::table.filter(units::serial_number.eq("5XW004Q0")))
                .set((units::status.eq("retired"), units::site_id.eq(home)))
                .execute(c)?;
            Ok::<_, DbError>(())
        });
        moved.expect("moving units");
        let all = |db: &TestDatabase| {
            let query = units::table.select((
                units::serial_number,
                units::status,
                units::site_id,
                units::organization_id,
                units::cover_through_on,
            ));
            type Row = (String, String, i64, Option<i64>, Option<chrono::NaiveDate>);
            rows(db, |c| query.order(units::serial_number).load::<Row>(c))
        };
        let before = all(db);
        let again = import(db, "units", UNITS);
        taken(&again, "0 added, 0 changed, 3 unchanged");
        taken(&again, "2 units have moved on");
        assert_eq!(all(db), before);
        // What the file knows of its origin is still taken.
        taken(&import(db, "units", UNITS.replace("2013-05-01", "2013-06-01")), "1 changed");
        assert_eq!(all(db), before);
    });
}

#[test]
fn calendars_come_in_and_sites_may_name_them() {
    each_database("importing calendars", |db| {
        let file = "calendar,kind,from,to,name\n\
            ACME-LAX,range,2026-01-01,2027-12-31,\n\
            ACME-LAX,weekend,,,Fri Sat\n\
            ACME-LAX,holiday,2026-12-24,2026-12-26,\"Winter, closed\"\n\
            ACME-LAX,working,2026-12-19,,\n\
            ACME-LAX,make_up_days,2026-12-31,,\n";
        taken(&import(db, "calendars", file), "calendars: 1 added, 0 changed, 0 unchanged; 5 rows");
        taken(&import(db, "calendars", file), "0 added, 0 changed, 1 unchanged");
        taken(&import(db, "calendars", file.replace("Fri Sat", "Sat Sun")), "1 changed");
        let days: i64 = rows(db, |c| calendar_days::table.count().get_result(c));
        assert_eq!(days, 4);
        let site = "code,name,kind,region,address,country,zone,calendar\n\
            LAX,Los Angeles,depot,AMER,1 Way,US,America/Los_Angeles,ACME-LAX\n";
        taken(&import(db, "sites", site), "1 added");
        refused(
            &import(db, "sites", site.replace("ACME-LAX", "ACME-LAY")),
            &["in.csv:2: column `calendar`: there is no calendar ACME-LAY", "ACME-LAX"],
        );
        // A calendar with a bad row is not taken in part, not even with --skip-bad.
        let worse = file.replace("2026-12-24", "2026-12-32");
        let ran = import_with(db, "calendars", &worse, &["--skip-bad"]);
        taken(&ran, "0 added, 0 changed, 0 unchanged; 5 rows read, 5 refused");
        assert!(ran.err.contains("in.csv:4: column `from`: 2026-12-32 is not a day"), "{ran:#?}");
        refused(
            &import(db, "calendars", "calendar,kind,from\nX1,weekend,\n"),
            &["no row of kind range"],
        );
    });
}

const CONTRACTS: &str = "contract_number,account,level,starts_on,ends_on,media_retention,manufacturer,serial_number\n\
    C-1,Acme Storage,next_day_delivery,2016-01-01,2016-12-31,true,ST,5XW004Q0\n\
    C-1,Acme Storage,next_day_delivery,2016-01-01,2016-12-31,true,ST,SPARE-1\n\
    C-2,仓储有限公司,same_day,2016-02-29,2020-02-29,,,\n";

#[test]
fn contracts_cover_their_units() {
    each_database("importing contracts", |db| {
        register(db);
        taken(&import(db, "units", UNITS), "3 added");
        taken(&import(db, "contracts", CONTRACTS), "2 added, 0 changed, 0 unchanged; 3 rows");
        taken(&import(db, "contracts", CONTRACTS), "0 added, 0 changed, 2 unchanged");
        // A replacement closes one unit's coverage and opens another's.
        let day = |y, m, d| chrono::NaiveDate::from_ymd_opt(y, m, d).expect("a date");
        let moved = db.write(|c| {
            let id = |serial: &'static str| {
                units::table.filter(units::serial_number.eq(serial)).select(units::id)
            };
            let failed: i64 = id("5XW004Q0").first(c)?;
            let other: i64 = id("WD-WCATR2525283").first(c)?;
            let contract: i64 = contracts::table
                .filter(contracts::number.eq("C-1"))
                .select(contracts::id)
                .first(c)?;
            diesel::update(coverage::table.filter(coverage::unit_id.eq(failed)))
                .set(coverage::through_on.eq(day(2016, 6, 1)))
                .execute(c)?;
            diesel::insert_into(coverage::table)
                .values((
                    coverage::contract_id.eq(contract),
                    coverage::unit_id.eq(other),
                    coverage::from_on.eq(day(2016, 6, 2)),
                    coverage::through_on.eq(day(2016, 12, 31)),
                ))
                .execute(c)?;
            Ok::<_, DbError>(())
        });
        moved.expect("moving the coverage");
        taken(&import(db, "contracts", CONTRACTS), "0 added, 0 changed, 2 unchanged");
        taken(&import(db, "contracts", CONTRACTS.replace("2016-12-31", "2017-12-31")), "1 changed");
        let kept: Vec<(chrono::NaiveDate, chrono::NaiveDate)> = rows(db, |c| {
            use coverage::{from_on, through_on};
            coverage::table.select((from_on, through_on)).order((from_on, through_on)).load(c)
        });
        let whole = (day(2016, 1, 1), day(2017, 12, 31));
        let (closed, opened) =
            ((day(2016, 1, 1), day(2016, 6, 1)), (day(2016, 6, 2), day(2017, 12, 31)));
        assert_eq!(kept, [closed, whole, opened]);
        for (from, to, says) in [
            (
                "2016-02-29,2020-02-29",
                "2016-02-29,2016-02-28",
                ":4: column `ends_on`: 2016-02-28 is before",
            ),
            ("same_day,", "same_week,", ":4: column `level`: \"same_week\" is not a service level"),
            (
                "true,ST,SPARE-1",
                "false,ST,SPARE-1",
                ":3: column `media_retention`: line 2 says true",
            ),
            ("SPARE-1", "5XW004Q0", ":3: column `serial_number`: line 2 has the same already"),
            ("SPARE-1", "NOWHERE", ":3: column `serial_number`: there is no unit \"NOWHERE\""),
            (
                "ST,SPARE-1",
                ",SPARE-1",
                ":3: column `manufacturer`: a serial number is given without",
            ),
            ("仓储有限公司", "仓储", ":4: column `account`: there is no organization"),
        ] {
            refused(&import(db, "contracts", CONTRACTS.replacen(from, to, 1)), &[says]);
        }
    });
}

#[test]
fn every_bad_row_is_named_and_nothing_is_kept() {
    each_database("bad rows", |db| {
        register(db);
        let header = "manufacturer,serial_number,part_number,account,site,shipped_on,resold_on\n";
        let good = "ST,GOOD,ST31500541AS,Acme Storage,AMS1,2013-04-10,\n";
        for (row, says) in [
            (
                "ST,S1,ST31500541AS,Acme Storage,AMS1,2026-02-30,",
                "column `shipped_on`: 2026-02-30 is not a day",
            ),
            (
                "ST,S1,ST31500541AS,Acme Storage,AMS1,30/02/2026,",
                "column `shipped_on`: \"30/02/2026\" is not a date; write it as YYYY-MM-DD",
            ),
            ("ST,S1,ST31500541AS,Acme Storage,AMS1,0013-04-10,", "not between 1900-01-01"),
            ("ST,S1,ST31500541AS,Acme Storage,AMS1,,", "column `shipped_on`: \"\" is not a date"),
            (
                "ST, S1,ST31500541AS,Acme Storage,AMS1,2013-04-10,",
                "column `serial_number`: the serial number \" S1\" begins or ends with a blank",
            ),
            ("ST,S1\u{a0},ST31500541AS,Acme Storage,AMS1,2013-04-10,", "column `serial_number`"),
            (
                "ST,,ST31500541AS,Acme Storage,AMS1,2013-04-10,",
                "column `serial_number`: the serial number is empty",
            ),
            (
                "ST,S1,ST31500541AS,Acme Storage,AMS1,2013-04-10,2013-04-09",
                "column `resold_on`: 2013-04-09 is before the unit was shipped on 2013-04-10 (AMB-2)",
            ),
            (
                "ST,S1,ST0,Acme Storage,AMS1,2013-04-10,",
                "column `part_number`: there is no product \"ST0\" of ST",
            ),
            ("XX,S1,ST0,Acme Storage,AMS1,2013-04-10,", "no product of \"XX\" is known"),
            (
                "ST,S1,ST31500541AS,Acme,AMS1,2013-04-10,",
                "column `account`: there is no organization \"Acme\"",
            ),
            (
                "ST,S1,ST31500541AS,Acme Storage,AMS2,2013-04-10,",
                "column `site`: there is no site \"AMS2\"",
            ),
            (
                "ST,S1,ST31500541AS,Acme Storage,SHA1,2013-04-10,",
                "column `site`: the site belongs to another",
            ),
            (
                "ST,S1,ST31500541AS,,AMS1,2013-04-10,",
                "column `site`: a unit without an account is stock",
            ),
            (
                "ST,S1,ST31500541AS,Acme Storage,DEPOT,2013-04-10,",
                "column `site`: a unit of an account",
            ),
            (
                "ST,GOOD,ST31500541AS,Acme Storage,AMS1,2013-04-10,",
                "column `serial_number`: line 2 has the same already",
            ),
            ("ST,S1,ST31500541AS", "the row has 3 values, the first line 7"),
            (
                "ST,S1,ST31500541AS,Acme Storage,AMS1,2013-04-10,,",
                "the row has 8 values, the first line 7",
            ),
            (
                "ST,S\u{0}1,ST31500541AS,Acme Storage,AMS1,2013-04-10,",
                "column `serial_number`: byte ",
            ),
            ("ST,S\u{1}1,ST31500541AS,Acme Storage,AMS1,2013-04-10,", "control character U+0001"),
        ] {
            let ran =
                import(db, "units", format!("{header}{good}{row}\n{}", good.replace("GOOD", "G2")));
            refused(&ran, &["in.csv:3: ", says, "1 of 3 rows are bad; nothing was stored"]);
        }
        assert_eq!(unit_count(db), 0);
    });
}

#[test]
fn skip_bad_keeps_the_good_rows_and_still_names_the_bad() {
    each_database("skipping bad rows", |db| {
        register(db);
        let mut file =
            String::from("manufacturer,serial_number,part_number,account,site,shipped_on\n");
        for n in 0..1_000 {
            let day = if n % 2 == 0 { "2013-04-10" } else { "2013-13-10" };
            file.push_str(&format!("ST,S{n},ST31500541AS,Acme Storage,AMS1,{day}\n"));
        }
        let ran = import(db, "units", &file);
        refused(&ran, &["500 of 1000 rows are bad", "in.csv:3: ", "… and 300 more problems"]);
        assert_eq!(ran.err.lines().filter(|l| l.starts_with("in.csv:")).count(), 200);
        let ran = import_with(db, "units", &file, &["--skip-bad"]);
        taken(&ran, "500 added, 0 changed, 0 unchanged; 1000 rows read, 500 refused");
        assert!(ran.err.contains("in.csv:3: column `shipped_on`"), "{ran:#?}");
        assert_eq!(unit_count(db), 500);
    });
}

#[test]
fn lines_are_right_after_quoted_newlines_and_blank_lines() {
    let db = TestDatabase::sqlite();
    let file = "name,kind,currency,bill_to\r\n\
        A,customer,EUR,\"A\r\nStreet 1\r\nTown\"\r\n\r\n\r\n\
        B,customer,EUR,\"B\nStreet\"\r\n\
        C,customer,ZZZ,C\r\n";
    refused(
        &import(&db, "organizations", file),
        &["in.csv:9: column `currency`: \"ZZZ\" is not an ISO 4217 currency code", "1 of 3 rows"],
    );
}

#[test]
fn every_value_of_a_product_a_site_and_an_organization_is_judged() {
    let db = TestDatabase::sqlite();
    register(&db);
    for (subject, file, from, to, says) in [
        (
            "products",
            PRODUCTS,
            "JPY 16000",
            "JPY 160.00",
            "column `list_prices`: \"160.00\" has more decimals than JPY",
        ),
        ("products", PRODUCTS, "JPY 16000", "JPY 99999999999999999999", "is too large an amount"),
        ("products", PRODUCTS, "JPY 16000", "JPY -1", "\"-1\" is not an amount"),
        ("products", PRODUCTS, "JPY 16000", "USD 1", "there are two prices in USD"),
        ("products", PRODUCTS, "JPY 16000", "16000", "\"16000\" is not a price"),
        ("products", PRODUCTS, "JPY 16000", "XYZ 1", "\"XYZ\" is not an ISO 4217"),
        (
            "sites",
            SITES,
            "DEPOT,Depot,depot",
            "DEPOT,Depot,warehouse",
            ":4: column `kind`: \"warehouse\" is not a kind of site",
        ),
        (
            "sites",
            SITES,
            ",NL,Europe",
            ",nl,Europe",
            ":2: column `country`: \"nl\" is not an ISO 3166-1",
        ),
        ("sites", SITES, ",NL,Europe", ",UK,Europe", "did you mean GB?"),
        (
            "sites",
            SITES,
            "Europe/Amsterdam",
            "Amsterdam",
            "column `zone`: \"Amsterdam\" is no IANA time zone: did you mean Europe/Amsterdam?",
        ),
        (
            "sites",
            SITES,
            "dock@acme.example",
            "dock@acme",
            "column `contact_email`: \"dock@acme\" is not an e-mail address",
        ),
        ("sites", SITES, "dock@acme.example", "a..b@c.de", "is not an e-mail address"),
        (
            "sites",
            SITES,
            "customer,Acme Storage",
            "customer,",
            "a customer site must have an organization",
        ),
        (
            "sites",
            SITES,
            "repair_centre,,Celestia",
            "repair_centre,,",
            "a repair centre must have a contract manufacturer",
        ),
        (
            "sites",
            SITES,
            "2026-12-24 Christmas Eve",
            "2026-12-24",
            "the closed day 2026-12-24 needs a name",
        ),
        (
            "sites",
            SITES,
            "2026-12-19",
            "2026-12-24",
            "column `working_days`: 2026-12-24 is a closed day as well",
        ),
        ("sites", SITES, "Kade 1|1011 Amsterdam", " | ", "column `address`: the value is empty"),
        (
            "organizations",
            ORGANIZATIONS,
            "customer",
            "vendor",
            "\"vendor\" is not a kind of organization",
        ),
        ("organizations", ORGANIZATIONS, "EUR", "XAU", "\"XAU\" is not an ISO 4217"),
        (
            "organizations",
            ORGANIZATIONS,
            "仓储有限公司,customer",
            "Acme Storage,customer",
            ":3: column `name`: line 2 has the same already",
        ),
    ] {
        assert!(file.contains(from), "{from}");
        refused(&import(&db, subject, file.replacen(from, to, 1)), &["in.csv:", says]);
    }
}

#[test]
fn files_that_are_no_such_csv_are_refused_before_a_database_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("folder.csv")).expect("a folder");
    let utf16: Vec<u8> = "name,kind".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files: &[(&str, Vec<u8>, &str)] = &[
        (
            "empty.csv",
            Vec::new(),
            "the file is empty; its first line has to name the columns: name, kind",
        ),
        ("blank.csv", b"\n\n".to_vec(), "the file is empty"),
        ("mark.csv", b"\xEF\xBB\xBF".to_vec(), "the file is empty"),
        ("utf16.csv", utf16.clone(), "UTF-16"),
        ("utf16mark.csv", [b"\xFF\xFE".to_vec(), utf16].concat(), "UTF-16"),
        ("book.csv", b"PK\x03\x04rest".to_vec(), "workbook"),
        (
            "header.csv",
            b"n\xE4me,kind,currency,bill_to\n".to_vec(),
            "line 1: byte 2 of the file (0xE4) is not UTF-8",
        ),
        (
            "unknown.csv",
            b"name,kind,currency,bill_too\n".to_vec(),
            "the column \"bill_too\" is not known; did you mean `bill_to`?; the column `bill_to` is missing",
        ),
        (
            "doubled.csv",
            b"name,kind,name,currency,bill_to\n".to_vec(),
            "the column `name` is there twice",
        ),
        (
            "semicolons.csv",
            b"name;kind;currency;bill_to\n".to_vec(),
            "separate the columns by commas",
        ),
        (
            "blankname.csv",
            b"name, kind,currency,bill_to\n".to_vec(),
            "\" kind\" is not known; did you mean `kind`?",
        ),
        ("folder.csv", Vec::new(), "this is a folder"),
        ("absent.csv", Vec::new(), "there is no such file"),
    ];
    for (name, content, says) in files {
        let path = folder.path().join(name);
        if !path.is_dir() && *name != "absent.csv" {
            fs::write(&path, content).expect("a file");
        }
        let mut command = homeward(folder.path(), "sqlite://made.db");
        let ran: Ran =
            command.args(["import", "organizations", name]).output().expect("running").into();
        refused(&ran, &[name, says]);
    }
    assert!(!folder.path().join("made.db").exists());
}

#[test]
fn bytes_that_are_not_utf8_are_named_by_line_and_place() {
    let db = TestDatabase::sqlite();
    let header = b"name,kind,currency,bill_to\n".as_slice();
    let latin1 = [header, b"A,customer,EUR,A\nM\xFCller,customer,EUR,M\xFCller\n"].concat();
    refused(
        &import(&db, "organizations", &latin1),
        &[
            "in.csv:3: column `name`: byte 46 of the file (0xFC) is not UTF-8; save the file as UTF-8",
        ],
    );
    let half = [header, b"A,customer,EUR,A \xE4\xBB"].concat();
    refused(
        &import(&db, "organizations", half),
        &["in.csv:2: column `bill_to`: byte 45 of the file (0xE4) is not UTF-8"],
    );
    let inner = [header, b"A,customer,EUR,\"A\nB\nC\xFF\"\n"].concat();
    refused(&import(&db, "organizations", inner), &["in.csv:4: column `bill_to`: byte "]);
    taken(&import_with(&db, "organizations", latin1, &["--skip-bad"]), "1 added");
    let marked = [b"\xEF\xBB\xBF", header, b"B,customer,EUR,B\n"].concat();
    taken(&import(&db, "organizations", marked), "1 added");
}

#[test]
fn an_open_quote_is_named_where_it_opens_even_with_skip_bad() {
    let db = TestDatabase::sqlite();
    let file =
        "name,kind,currency,bill_to\nA,customer,EUR,A\nB,customer,EUR,\"B\nC,customer,EUR,C\n";
    for more in [&[][..], &["--skip-bad"]] {
        let ran = import_with(&db, "organizations", file, more);
        refused(&ran, &["the quote opened on line 3 is never closed"]);
    }
    let endless = format!("{file}{}", "x".repeat(2 << 20));
    refused(&import(&db, "organizations", endless), &["begins on line 3 is longer than 1 MiB"]);
}

#[test]
fn a_file_of_a_header_alone_is_fine() {
    let db = TestDatabase::sqlite();
    let ran = import(&db, "organizations", "name,kind,currency,bill_to");
    taken(&ran, "0 added, 0 changed, 0 unchanged; 0 rows read, 0 refused");
}

#[test]
fn hostile_text_is_kept_as_it_stands() {
    each_database("hostile text", |db| {
        let names = [
            "Robert'); DROP TABLE units;--",
            "=cmd|' /C calc'!A0",
            "\\N",
            "\\.",
            "a\\tb",
            "\"quoted\"",
            "🏠".repeat(50).leak(),
        ];
        let mut file = String::from("name,kind,currency,bill_to\n");
        for name in names {
            file.push_str(&format!("\"{}\",customer,EUR,x\n", name.replace('"', "\"\"")));
        }
        taken(&import(db, "organizations", &file), "7 added");
        taken(&import(db, "organizations", &file), "7 unchanged");
        // Serial numbers go in through the bulk path.
        taken(&import(db, "products", PRODUCTS), "2 added");
        taken(
            &import(
                db,
                "sites",
                SITES.lines().filter(|l| !l.contains("customer")).collect::<Vec<_>>().join("\n"),
            ),
            "2 added",
        );
        let mut file = String::from(
            "manufacturer,serial_number,part_number,account,site,shipped_on,distributor\n",
        );
        for name in names {
            let name = name.replace('"', "\"\"");
            file.push_str(&format!("ST,\"{name}\",ST31500541AS,,DEPOT,2016-01-01,\"{name}\"\n"));
        }
        taken(&import(db, "units", &file), "7 added");
        taken(&import(db, "units", &file), "7 unchanged");
        let mut kept: Vec<String> = rows(db, |c| units::table.select(units::serial_number).load(c));
        let mut expected = names.map(str::to_owned).to_vec();
        (kept.sort(), expected.sort());
        assert_eq!(kept, expected);
    });
}

#[test]
fn a_newer_database_and_bad_settings_are_refused() {
    let db = TestDatabase::sqlite();
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
    db.write(|c| diesel::sql_query(newer).execute(c).map_err(DbError::from))
        .expect("a newer version");
    refused(&import(&db, "organizations", ORGANIZATIONS), &["written by a newer Homeward", "9999"]);

    fs::write(db.folder().join("homeward.toml"), "database_urll = 'x'\n").expect("a file");
    refused(&import(&db, "organizations", ORGANIZATIONS), &["database_urll", "homeward.toml"]);
    fs::remove_file(db.folder().join("homeward.toml")).expect("removing");
    let run = |url: &str, variable: (&str, &str), arguments: &[&str]| -> Ran {
        let mut command = homeward(db.folder(), url);
        command.env(variable.0, variable.1).args(["import", "organizations", "in.csv"]);
        command.args(arguments).output().expect("running").into()
    };
    let none = ("HOMEWARD_LOG", "warn");
    refused(&run("mysql://root:s3cret@h/d", none, &[]), &["no known scheme"]);
    refused(
        &run("sqlite://x.db", ("HOMEWARD_OPERATOR__ZONE", "Mars/Olympus"), &[]),
        &["Mars/Olympus"],
    );
    refused(&run("sqlite://x.db", ("HOMEWARD_OPERATR__ZONE", "UTC"), &[]), &["operatr"]);
    refused(&run("sqlite://x.db", none, &["--config", "none.toml"]), &["none.toml is not there"]);
    // A flag goes before the environment, the environment before the file.
    fs::write(db.folder().join("homeward.toml"), "database_url = 'bad'\n").expect("a file");
    assert_eq!(run("sqlite://x.db", none, &[]).code, 0);
    assert_eq!(run("bad", none, &["--database-url", "sqlite://y.db"]).code, 0);
    assert!(db.folder().join("x.db").exists() && db.folder().join("y.db").exists());
}

#[test]
fn help_names_the_columns() {
    let db = TestDatabase::sqlite();
    let ran = db.homeward(&["import", "units", "--help"]);
    assert_eq!(ran.code, 0);
    for column in ["manufacturer ", "serial_number ", "resold_on?", "registered_on?"] {
        assert!(ran.out.contains(column), "{column}: {}", ran.out);
    }
    let ran = db.homeward(&["import", "calendars", "--help"]);
    assert!(ran.out.contains("make_up_days"), "{}", ran.out);
}

/// The installed base as a file of units, with the products it names.
fn installed_base(folder: &Path) -> Option<(String, String)> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/drives");
    let drives = std::env::var_os("HOMEWARD_TEST_DRIVES").map_or(beside, Into::into);
    let path = drives.join("installed_base.csv");
    let mut reader = csv::Reader::from_path(&path).ok()?;
    let mut units =
        String::from("manufacturer,serial_number,part_number,account,site,shipped_on\n");
    let mut products = std::collections::BTreeSet::new();
    for record in reader.records() {
        let record = record.expect("a record");
        let (serial, part, maker, shipped) = (&record[0], &record[1], &record[2], &record[4]);
        units.push_str(&format!("{maker},{serial},{part},Acme Storage,AMS1,{shipped}\n"));
        products.insert(format!("{maker},{part},Drive,,Celestia\n"));
    }
    let header = "manufacturer,part_number,description,list_prices,contract_manufacturer\n";
    fs::write(folder.join("units.csv"), &units).expect("writing the units");
    Some((format!("{header}{}", products.into_iter().collect::<String>()), units))
}

#[test]
fn a_whole_installed_base_comes_in() {
    each_database("the installed base", |db| {
        let Some((products, units)) = installed_base(db.folder()) else {
            return skipped(
                "importing the installed base",
                "it needs ../shared/data/drives/installed_base.csv, or its folder in HOMEWARD_TEST_DRIVES",
            );
        };
        register(db);
        taken(&import(db, "products", products), "added");
        taken(&db.homeward(&["import", "units", "units.csv"]), "87068 added, 0 changed");
        assert_eq!(unit_count(db), 87_068);
        let changed = units.replacen(",2013-04-10\n", ",2013-04-11\n", 10);
        taken(&import(db, "units", changed), "0 added, 10 changed, 87058 unchanged");
    });
}

/// A file system of its own, 2 MB small, where that may be made (root on Linux).
#[test]
fn a_full_disk_says_so_and_keeps_nothing() {
    let what = "importing to a full disk";
    let how = "it needs root on Linux, to mount a small tmpfs";
    let folder = tempfile::tempdir().expect("a folder");
    let disk = folder.path().join("disk");
    fs::create_dir(&disk).expect("a folder");
    let mount = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
        .arg(&disk)
        .output();
    if !mount.is_ok_and(|m| m.status.success()) {
        return skipped(what, how);
    }
    let mut file = String::from("name,kind,currency,bill_to\n");
    for n in 0..20_000 {
        file.push_str(&format!("Organization {n:0>100},customer,EUR,x\n"));
    }
    fs::write(folder.path().join("in.csv"), file).expect("a file");
    let url = format!("sqlite://{}", disk.join("small.db").display());
    let mut command = homeward(folder.path(), &url);
    let ran: Ran =
        command.args(["import", "organizations", "in.csv"]).output().expect("running").into();
    let again: Ran = {
        fs::write(folder.path().join("none.csv"), "name,kind,currency,bill_to\nA,customer,EUR,A\n")
            .expect("a file");
        let mut command = homeward(folder.path(), &url);
        command.args(["import", "organizations", "none.csv"]).output().expect("running").into()
    };
    let unmounted = std::process::Command::new("umount").arg(&disk).output();
    refused(&ran, &["no room left", "nothing of this write was kept"]);
    taken(&again, "1 added, 0 changed, 0 unchanged");
    assert!(unmounted.is_ok_and(|u| u.status.success()));
}
