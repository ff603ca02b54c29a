//! Rows that are bad, each named; text that only looks bad, kept.

use super::*;

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
        kept.sort();
        expected.sort();
        assert_eq!(kept, expected);
    });
}
