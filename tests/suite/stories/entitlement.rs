//! What a unit is entitled to is read for the failure's day where the unit stands.

use homeward::domain::rma::tracks::Mode;

use crate::support::databases::each_database;
use crate::support::world::World;

/// The mode an RMA gets that is requested at `at` (UTC) on a contract whose last day is 2026-11-16.
fn mode(w: &World<'_>, unit: &str, site: &str, at: &str) -> Mode {
    w.install(unit, site);
    w.cover_row(unit, site, "next_day_delivery", "2026-11-16", false);
    let rma = w.at(at).created(unit);
    // Issued days later: that is no fault of the customer's.
    w.at("2026-11-20 03:00").run(rma, "logistics:lena", homeward::domain::rma::Command::Issue {});
    w.rma(rma).mode().expect("issued")
}

#[test]
fn ent_2_a_contracts_last_day_ends_at_midnight_where_the_unit_stands() {
    each_database("a contract's last day", |db| {
        let w = World::new(db);
        let advance = Mode::AdvanceReplacement;
        // Shanghai's 16th ends at 16:00 UTC: the contract ended yesterday there, and not yet in UTC.
        assert_eq!(mode(&w, "A1", "YH-PVG", "2026-11-16 15:59"), advance);
        assert_eq!(mode(&w, "A2", "YH-PVG", "2026-11-16 16:00"), Mode::ReturnToFactory);
        // Louisville's 16th ends at 05:00 UTC on the 17th: it runs on when UTC says it is over.
        assert_eq!(mode(&w, "A3", "MER-LOU", "2026-11-17 04:59"), advance);
        assert_eq!(mode(&w, "A4", "MER-LOU", "2026-11-17 05:00"), Mode::ReturnToFactory);
        w.verified();
    });
}

#[test]
fn amb_25_core_inside_the_warranty_is_a_return_to_factory() {
    each_database("core in warranty", |db| {
        let w = World::new(db);
        w.install("A1", "MER-LOU");
        w.cover("A1", "MER-LOU", "core");
        let rma = w.at("2026-11-12 15:00").issued("A1");
        let terms = w.rma(rma).terms.expect("terms");
        assert_eq!(
            (terms.mode, terms.entitlement.rule.as_str()),
            (Mode::ReturnToFactory, "AMB-25")
        );
        w.verified();
    });
}

#[test]
fn amb_25_out_of_warranty_core_gives_nothing() {
    each_database("core out of warranty", |db| {
        let w = World::new(db);
        w.install_row("A1", "HX-4300", "MER-LOU", "2024-01-10", "2024-01-12");
        w.cover("A1", "MER-LOU", "core");
        let rma = w.at("2026-11-12 15:00").created("A1");
        w.run(rma, "logistics:lena", homeward::domain::rma::Command::Issue {});
        w.tracks(rma, "on_hold none not_expected none none Open");
        w.verified();
    });
}
