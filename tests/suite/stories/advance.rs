//! (a) returned on time, (h) cancelled after shipping, (k) received before the proof of delivery, and
//! what is not asked back at all.

use std::collections::{BTreeMap, BTreeSet};

use homeward::app::dock::Arrival;
use homeward::domain::dock::DockVerdict;
use homeward::domain::programme::Programme;
use homeward::domain::replacement_due::ReplacementDue;
use homeward::domain::rma::Command;
use homeward::domain::rma::tracks::{Mode, ReplacementCondition};

use crate::support::databases::each_database;
use crate::support::world::{World, boxed, on};

#[test]
fn a_returned_on_time_is_cleared_and_closed() {
    each_database("story (a)", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        w.at("2026-11-12 15:00");
        let case = w.open_case("A1");
        assert_eq!(case.to_string(), "2026-1112-000001");
        let rma = w.try_request(case, "A1").expect("T1").rma.number;
        assert_eq!(rma.to_string(), "R0000000001");
        w.tracks(rma, "requested none not_expected none none Open");
        let diagnosis = Some("no power".to_owned());
        w.run(rma, "engineer:eva", Command::Create { diagnosis });
        w.tracks(rma, "created none not_expected none none Open");

        let issued = w.run(rma, "logistics:lena", Command::Issue {}).rma;
        w.tracks(rma, "issued none awaiting none none Open");
        let terms = issued.terms.expect("terms");
        assert_eq!(terms.mode, Mode::AdvanceReplacement);
        assert_eq!(terms.list_price.to_string(), "USD 4200.00");
        assert_eq!(terms.return_site.code, "RC-MTY");
        // AMB-6: 10:00 at the depot is before the cut-off, so it is there on the next business day.
        assert_eq!(terms.replacement_due, Some(ReplacementDue::DeliverOn { on: on("2026-11-13") }));
        w.due(rma, "none");

        w.at("2026-11-12 22:00").send(rma, "B1");
        w.tracks(rma, "issued shipped awaiting none none Open");
        w.unit("A1", "retired MER-LOU CT-A1 2026-01-01..2026-11-11");
        w.unit("B1", "installed MER-LOU CT-A1 2026-11-12..2027-12-31");
        assert_eq!(w.granted_cover("B1"), Some(on("2027-02-10")), "90 days outlast the remainder");

        w.at("2026-11-16 15:00").deliver(rma);
        w.tracks(rma, "issued delivered awaiting none exposed Open");
        w.due(rma, "2026-12-01 RET-1 delivered 2026-11-16 US");
        w.owed(rma, "2026-12-01 exposed 0");

        let hand_over =
            Command::HandOver { carrier: None, tracking_number: Some("1Z1".to_owned()) };
        w.at("2026-11-20 16:00").run(rma, "customer:noc@meridian.example", hand_over);
        w.tracks(rma, "issued delivered in_transit none exposed Open");
        w.owed(rma, "2026-12-01 exposed 0");

        let verdict = w.at("2026-11-20 18:00").arrives("RC-MTY", Some(rma), Some("A1"));
        assert_eq!((verdict.verdict, verdict.rma), (DockVerdict::Receive, Some(rma)));
        w.tracks(rma, "issued delivered received none exposed Open");
        w.owed(rma, "nothing");
        w.boxes("A1", "receive 1");

        w.at("2026-11-21 18:00").accept(rma);
        w.tracks(rma, "issued delivered accepted none cleared Closed");
        w.ledger(rma, "");
        w.outbox(rma, "acknowledgement issued shipped delivered received closed");
        assert_eq!(w.at("2027-01-15 00:00").clock(), Default::default());
        w.verified();
    });
}

#[test]
fn h_cancelled_after_shipping_the_replacement_comes_back_unopened() {
    each_database("story (h)", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        w.at("2026-11-16 15:00").deliver(rma);
        let cancel = || Command::Cancel { reason: "fixed by a restart".to_owned() };
        let refusal = w.refused(rma, "customer:noc@meridian.example", cancel());
        assert_eq!(refusal.rule, "T4");

        let back = w.at("2026-11-18 15:00").arrives("DEP-LOU", None, Some("B1"));
        assert_eq!((back.verdict, back.rma), (DockVerdict::ReplacementBack, Some(rma)));
        w.tracks(rma, "cancelled returned not_expected none cleared Closed");
        w.owed(rma, "nothing");
        w.unit("A1", "installed MER-LOU CT-A1 2026-01-01..2026-11-11 CT-A1 2026-11-12..2027-12-31");
        w.unit("B1", "stock DEP-LOU");
        w.outbox(rma, "acknowledgement issued shipped delivered cancelled closed");

        // Both are what they were: the unit may fail again, and the stock may go out again.
        let again = w.at("2026-11-23 15:00").shipped("A1", "B1");
        w.tracks(again, "issued shipped awaiting none none Open");
        w.unit("B1", "installed MER-LOU CT-A1 2026-11-23..2027-12-31");
        w.verified();
    });
}

#[test]
fn h_a_replacement_the_customer_would_not_take_comes_back() {
    each_database("story (h), refused at the door", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        let fail = Command::FailDelivery { reason: "refused by the addressee".to_owned() };
        w.at("2026-11-13 15:00").run(rma, "carrier:swift", fail);
        w.tracks(rma, "issued failed awaiting none none Open");
        w.at("2026-11-18 15:00").arrives("DEP-LOU", Some(rma), Some("B1"));
        w.tracks(rma, "cancelled returned not_expected none none Closed");
        w.unit("B1", "stock DEP-LOU");
        w.verified();
    });
}

#[test]
fn t6_a_replacement_lost_on_its_way_is_sent_again_and_the_entitlement_follows() {
    each_database("a lost replacement", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        w.stock("C1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        let fail = || Command::FailDelivery { reason: "lost by the carrier".to_owned() };
        w.at("2026-11-16 15:00").run(rma, "carrier:swift", fail());
        w.at("2026-11-17 15:00").send(rma, "C1");
        w.tracks(rma, "issued shipped awaiting none none Open");
        w.unit("A1", "retired MER-LOU CT-A1 2026-01-01..2026-11-11");
        w.unit("B1", "retired MER-LOU CT-A1 2026-11-12..2026-11-16");
        w.unit("C1", "installed MER-LOU CT-A1 2026-11-17..2027-12-31");
        assert_eq!(w.granted_cover("C1"), Some(on("2027-02-15")));
        w.at("2026-11-18 15:00").deliver(rma);
        w.due(rma, "2026-12-03 RET-1 delivered 2026-11-18 US");

        // And one that only went astray is sent once more as it is.
        w.advance_unit("A2", "MER-LOU");
        w.stock("B2", "DEP-LOU");
        let astray = w.shipped("A2", "B2");
        w.run(astray, "carrier:swift", fail());
        w.at("2026-11-20 15:00").run(astray, "depot:dirk", crate::support::world::ship());
        w.tracks(astray, "issued shipped awaiting none none Open");
        w.unit("B2", "installed MER-LOU CT-A2 2026-11-18..2027-12-31");
        w.verified();
    });
}

/// T9b: the one that was lost turns up at a dock after all, in whatever state another has been sent.
#[test]
fn t9b_a_lost_replacement_that_turns_up_goes_back_to_the_shelf() {
    each_database("a lost replacement turns up", |db| {
        let w = World::new(db);
        let fail = || Command::FailDelivery { reason: "lost by the carrier".to_owned() };
        for stock in ["B1", "C1", "D1", "B2", "C2"] {
            w.stock(stock, "DEP-LOU");
        }
        w.advance_unit("A1", "MER-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        w.at("2026-11-16 15:00").run(rma, "carrier:swift", fail());
        w.at("2026-11-17 15:00").send(rma, "C1");
        w.at("2026-11-18 15:00").deliver(rma);
        let back = w.at("2026-11-20 15:00").arrives("DEP-LOU", None, Some("B1"));
        assert_eq!((back.verdict, back.rma), (DockVerdict::ReplacementBack, Some(rma)));
        // The RMA goes on with the unit the customer has.
        w.tracks(rma, "issued delivered awaiting none exposed Open");
        w.due(rma, "2026-12-03 RET-1 delivered 2026-11-18 US");
        w.unit("B1", "stock DEP-LOU CT-A1 2026-11-12..2026-11-16");
        w.unit("C1", "installed MER-LOU CT-A1 2026-11-17..2027-12-31");
        let again = w.arrives("DEP-LOU", Some(rma), Some("B1"));
        assert_ne!(again.verdict, DockVerdict::ReplacementBack);

        // Found while nothing else has been sent yet: the entitlement waits with the defective unit.
        w.advance_unit("A2", "MER-LOU");
        let rma = w.at("2026-11-23 15:00").shipped("A2", "B2");
        w.at("2026-11-24 15:00").run(rma, "carrier:swift", fail());
        w.run(rma, "depot:dirk", Command::Backorder { expected_on: None });
        let back = w.at("2026-11-25 15:00").arrives("DEP-LOU", Some(rma), Some("B2"));
        assert_eq!((back.verdict, back.rma), (DockVerdict::ReplacementBack, Some(rma)));
        w.tracks(rma, "issued backordered awaiting none none Open");
        w.unit("B2", "stock DEP-LOU");
        w.unit("A2", "installed MER-LOU CT-A2 2026-01-01..2026-11-22 CT-A2 2026-11-23..2027-12-31");
        w.at("2026-11-26 15:00").send(rma, "C2");
        w.unit("C2", "installed MER-LOU CT-A2 2026-11-26..2027-12-31");
        w.verified();
    });
}

#[test]
fn t9b_a_lost_replacement_found_broken_is_not_the_customers_dead_one() {
    each_database("lost, found, broken", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        w.stock("C1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        let fail = Command::FailDelivery { reason: "lost by the carrier".to_owned() };
        w.at("2026-11-13 15:00").run(rma, "carrier:swift", fail);
        w.at("2026-11-16 15:00").send(rma, "C1");
        w.at("2026-11-17 15:00").deliver(rma);
        let condition = ReplacementCondition::Defective;
        let back = w.arrives_as(Arrival { condition, ..boxed("DEP-LOU", None, Some("B1")) });
        assert_eq!((back.verdict, back.rma), (DockVerdict::ReplacementBack, Some(rma)));
        assert_eq!(w.rma(rma).dead_on_arrival, None, "C1 works");
        w.tracks(rma, "issued delivered awaiting none exposed Open");
        w.unit("B1", "retired MER-LOU CT-A1 2026-11-12..2026-11-15");
        w.verified();
    });
}

#[test]
fn h_cancelled_before_shipping_gives_the_allocated_unit_back() {
    each_database("cancelled before shipping", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").issued("A1");
        let serial_number = "B1".parse().expect("a serial");
        w.run(rma, "depot:dirk", Command::Allocate { serial_number });
        w.unit("B1", "allocated DEP-LOU");
        let cancel = Command::Cancel { reason: "fixed by a restart".to_owned() };
        w.run(rma, "customer:noc@meridian.example", cancel);
        w.tracks(rma, "cancelled none not_expected none none Closed");
        w.unit("B1", "stock DEP-LOU");
        w.unit("A1", "installed MER-LOU CT-A1 2026-01-01..2027-12-31");
        w.verified();
    });
}

#[test]
fn k_received_before_the_proof_of_delivery_nothing_is_ever_owed() {
    each_database("story (k)", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        w.at("2026-11-16 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        w.tracks(rma, "issued shipped received none none Open");
        w.at("2026-11-17 15:00").accept(rma);
        w.tracks(rma, "issued shipped accepted none none Open");
        w.at("2026-11-18 15:00");
        w.run_late(rma, "carrier:swift", crate::support::world::deliver(), "2026-11-13 15:00");
        w.tracks(rma, "issued delivered accepted none none Closed");
        w.due(rma, "none");
        w.owed(rma, "nothing");
        w.outbox(rma, "acknowledgement issued shipped received delivered closed");
        w.verified();
    });
}

#[test]
fn rma_12_nothing_is_asked_back_from_a_country_nothing_can_leave() {
    each_database("a country without returns", |db| {
        let w = World::new(db);
        let no_return_countries = BTreeSet::from(["CN".to_owned()]);
        w.programme(&Programme {
            version: "cn".to_owned(),
            no_return_countries,
            ..Programme::default()
        });
        w.advance_unit("A1", "YH-PVG");
        w.stock("B1", "DEP-SHA");
        let rma = w.at("2026-11-12 03:00").shipped("A1", "B1");
        w.tracks(rma, "issued shipped not_required_country none none Open");
        w.at("2026-11-13 03:00").deliver(rma);
        w.tracks(rma, "issued delivered not_required_country none none Closed");
        w.due(rma, "none");
        w.outbox(rma, "acknowledgement issued shipped delivered closed");

        // It comes all the same: taken in, and closed again.
        w.at("2026-12-01 03:00").arrives("RC-SUZ", None, Some("A1"));
        w.tracks(rma, "issued delivered received none none Open");
        w.accept(rma);
        w.tracks(rma, "issued delivered accepted none none Closed");
        w.verified();
    });
}

#[test]
fn rma_12_a_customer_that_keeps_its_media_is_asked_for_nothing() {
    each_database("media retention", |db| {
        let w = World::new(db);
        w.install("A1", "MER-LOU");
        w.cover_row("A1", "MER-LOU", "same_day", "2027-12-31", true);
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        w.tracks(rma, "issued shipped not_required_media_retained none none Open");
        w.at("2026-11-12 18:00").deliver(rma);
        w.tracks(rma, "issued delivered not_required_media_retained none none Closed");
        w.owed(rma, "nothing");
        w.verified();
    });
}

#[test]
fn ret_1_a_sites_own_closing_days_move_the_due_date() {
    each_database("a site's own days", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-DAL");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        w.at("2026-11-16 15:00").deliver(rma);
        // 12-01 by the calendar; Dallas is closed on 11-30 and 12-01.
        w.due(rma, "2026-12-03 RET-1 delivered 2026-11-16 US");
        w.verified();
    });
}

#[test]
fn ret_1_each_sites_calendar_and_zone_date_its_own_return() {
    each_database("three countries", |db| {
        let w = World::new(db);
        w.programme(&Programme { version: "x".to_owned(), ..Programme::default() });
        w.advance_unit("A-NL", "NOR-AMS");
        w.stock("B-NL", "DEP-VEN");
        w.advance_unit("A-CN", "YH-PVG");
        w.stock("B-CN", "DEP-SHA");
        let nl = w.at("2026-11-12 15:00").shipped("A-NL", "B-NL");
        w.at("2026-11-16 15:00").deliver(nl);
        w.due(nl, "2026-11-30 RET-1 delivered 2026-11-16 NL");
        // 17:00 UTC on the 16th is the 17th in Shanghai.
        let cn = w.at("2026-11-16 03:00").shipped("A-CN", "B-CN");
        w.at("2026-11-16 17:00").deliver(cn);
        w.due(cn, "2026-12-01 RET-1 delivered 2026-11-17 CN");
        assert_eq!(w.rma(cn).terms.expect("terms").list_price.to_string(), "CNY 31500.00");
        w.verified();
    });
}

#[test]
fn rma_12_a_country_has_more_days_and_the_terms_of_the_issue_stay() {
    each_database("country extensions", |db| {
        let w = World::new(db);
        w.programme(&Programme {
            version: "v1".to_owned(),
            country_extensions: BTreeMap::from([("CN".to_owned(), 5)]),
            ..Programme::default()
        });
        w.advance_unit("A1", "YH-PVG");
        w.stock("B1", "DEP-SHA");
        let rma = w.at("2026-11-12 03:00").shipped("A1", "B1");
        // A newer version is for what is issued from now on.
        w.programme(&Programme {
            version: "v2".to_owned(),
            return_days: 3,
            ..Programme::default()
        });
        w.at("2026-11-16 03:00").deliver(rma);
        w.due(rma, "2026-12-07 RET-1 delivered 2026-11-16 CN");
        assert_eq!(w.rma(rma).terms.expect("terms").programme, "v1");
        w.advance_unit("A2", "YH-PVG");
        w.stock("B2", "DEP-SHA");
        let next = w.shipped("A2", "B2");
        w.deliver(next);
        w.due(next, "2026-11-19 RET-1 delivered 2026-11-16 CN");
        w.verified();
    });
}
