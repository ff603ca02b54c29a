//! The register's facts, as use cases get them.

use chrono::NaiveDate;
use homeward::app::register;
use homeward::db::sites::{SiteRecord, insert_site};
use homeward::domain::ids::SiteId;
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
        };
        db.write(|c| insert_site(c, &record, &days.clone().into())).expect("a site");
        let sites = db
            .read(|c| {
                let calendars = register::calendars(c)?;
                register::sites(c, &calendars)
            })
            .expect("the sites");
        let [site] = sites.as_slice() else { panic!("{sites:?}") };
        assert_eq!(site.address, ["Kade 1", "1011 Amsterdam"]);
        assert_eq!(Some(site.zone), Zone::parse("Europe/Amsterdam").ok());
        let works = |d| site.calendar.is_business_day(day(d)).expect("a known day");
        assert_eq!(
            [18, 19, 20, 23, 24, 25, 28].map(works),
            [true, true, false, true, false, false, true]
        );
        let absent = db.read(|c| {
            let calendars = register::calendars(c)?;
            register::site(c, &calendars, SiteId(site.id.0 + 1))
        });
        assert!(absent.expect("reading").is_none());
    });
}
