//! The register's facts, as use cases get them.

use chrono::NaiveDate;
use homeward::app::{App, register};
use homeward::db::Database;
use homeward::db::facts::site_of_code;
use homeward::db::sites::{SiteRecord, insert_site};
use homeward::domain::zone::Zone;

use crate::support::databases::each_database;

#[test]
fn a_site_keeps_its_own_days_on_top_of_its_calendar() {
    each_database("site facts", |db| {
        let day = |d| NaiveDate::from_ymd_opt(2026, 12, d).expect("a date");
        let days =
            [(day(24), (false, "Christmas Eve".to_owned())), (day(19), (true, String::new()))];
        let record = SiteRecord {
            code: "AMS1".into(),
            name: "Amsterdam".into(),
            kind: "depot".into(),
            organization_id: None,
            contract_manufacturer: None,
            region: "EMEA".into(),
            address: "Kade 1\n1011 Amsterdam".into(),
            country: "NL".into(),
            zone: "Europe/Amsterdam".into(),
            calendar: "NL".into(),
            contact_name: None,
            contact_email: None,
            contact_phone: None,
            cut_off: None,
        };
        db.write(|c| insert_site(c, &record, &days.clone().into())).expect("a site");
        let calendars = db.read(register::calendars).expect("calendars");
        let app = App::new(Database::clone(db), calendars, Zone::UTC);
        let site = db.read(|c| site_of_code(c, "AMS1")).expect("reading").expect("the site");
        let site = app.place(&site).expect("a place");
        assert_eq!(Some(site.zone), Zone::parse("Europe/Amsterdam").ok());
        let works = |d| site.calendar.is_business_day(day(d)).expect("a known day");
        assert_eq!(
            [18, 19, 20, 23, 24, 25, 28].map(works),
            [true, true, false, true, false, false, true]
        );
        assert!(db.read(|c| site_of_code(c, "AMS2")).expect("reading").is_none());
    });
}
