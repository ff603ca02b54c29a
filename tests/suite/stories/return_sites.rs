//! RMA-11, ROL-8: where a unit goes back to is its contract manufacturer's, by the region of its site.

use homeward::app::import::Subject;
use homeward::domain::rma::Command;

use crate::support::bring_in::bring_in;
use crate::support::databases::each_database;
use crate::support::world::World;

/// A second manufacturer, without a site in the Americas, and a third without any.
fn more_manufacturers(w: &World<'_>) {
    bring_in(
        w.db,
        Subject::Products,
        "manufacturer,part_number,description,list_prices,contract_manufacturer\n\
         Halden,HX-7000,line card,USD 900.00;EUR 850.00;CNY 6400.00,Fab Two\n\
         Halden,HX-8000,fan tray,USD 90.00;EUR 85.00;CNY 640.00,Fab Three\n",
    );
    bring_in(
        w.db,
        Subject::Sites,
        "code,name,kind,organization,contract_manufacturer,region,address,country,zone,calendar,closed_days\n\
         RC-PEN,Fab Two Penang,repair_centre,,Fab Two,APAC,Bayan Lepas,MY,Asia/Kuala_Lumpur,MY,\n\
         RC-GDN,Fab Two Gdansk,repair_centre,,Fab Two,EMEA,ul. Marynarki 1|Gdansk,PL,Europe/Warsaw,PL,\n",
    );
}

/// Issues an RMA on a unit of this part at this site, and gives the site it is to go back to.
fn returned_to(w: &World<'_>, unit: &str, part: &str, site: &str) -> String {
    w.install_row(unit, part, site, "2026-01-10", "2026-01-12");
    w.cover(unit, site, "next_day_delivery");
    let rma = w.issued(unit);
    w.rma(rma).terms.expect("terms").return_site.code
}

#[test]
fn rma_11_two_contract_manufacturers_and_their_sites_by_region() {
    each_database("contract manufacturers", |db| {
        let w = World::new(db);
        more_manufacturers(&w);
        w.at("2026-11-12 15:00");
        for (unit, part, site, centre) in [
            ("A1", "HX-4300", "MER-LOU", "RC-MTY"),
            ("A2", "HX-4300", "NOR-AMS", "RC-TSR"),
            ("A3", "HX-4300", "YH-PVG", "RC-SUZ"),
            ("A4", "HX-7000", "NOR-AMS", "RC-GDN"),
            ("A5", "HX-7000", "YH-PVG", "RC-PEN"),
            // None of its own in the region: the first of that manufacturer's by code, and never
            // another manufacturer's next door.
            ("A6", "HX-7000", "MER-LOU", "RC-GDN"),
        ] {
            assert_eq!(returned_to(&w, unit, part, site), centre, "{part} from {site}");
        }
        w.verified();
    });
}

#[test]
fn rma_11_a_part_whose_manufacturer_has_no_site_is_not_issued() {
    each_database("no repair centre", |db| {
        let w = World::new(db);
        more_manufacturers(&w);
        w.at("2026-11-12 15:00").install_row(
            "A1",
            "HX-8000",
            "MER-LOU",
            "2026-01-10",
            "2026-01-12",
        );
        w.cover("A1", "MER-LOU", "next_day_delivery");
        let rma = w.created("A1");
        let refusal = w.refused(rma, "logistics:lena", Command::Issue {});
        assert!(refusal.reason.contains("RMA-11"), "{refusal}");
        w.verified();
    });
}
