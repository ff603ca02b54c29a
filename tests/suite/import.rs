//! `homeward import`, at the door: files in, the database and the answer out.

mod files;
mod rows;
mod scale;

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
            let failed: i64 = units::table
                .filter(units::serial_number.eq("5XW004Q0"))
                .select(units::id)
                .first(c)?;
            diesel::update(units::table.filter(units::serial_number.eq("SPARE-1")))
                .set((
                    units::replaces_unit_id.eq(failed),
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
        let changed = UNITS.replace("2013-05-01", "2013-06-01").replace("2016-01-01", "2016-01-02");
        taken(&import(db, "units", changed), "0 added, 0 changed, 3 unchanged");
        // The customer's next list has the replacement as its own.
        let listed = UNITS.replace(",,DEPOT,2016-01-01", ",Acme Storage,AMS1,2015-01-01");
        taken(&import(db, "units", listed), "0 added, 0 changed, 3 unchanged");
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
