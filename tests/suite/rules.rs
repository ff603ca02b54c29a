//! Rules by their ids: dates, identifiers, warranty, and what moves the return window. The worked
//! examples are those of the rulebook's Part 5.

use chrono::NaiveDate;
use homeward::domain::entitlement::{ContractCover, Source, Verdict, resolve};
use homeward::domain::ids::{CaseNumber, RmaNumber};
use homeward::domain::money::{Currency, Money};
use homeward::domain::programme::{AnchorRule, DayCount, Programme};
use homeward::domain::replacement_due::{ReplacementDue, replacement_due};
use homeward::domain::return_window::{Anchor, AnchorKind, Window};
use homeward::domain::rma::event::Event;
use homeward::domain::rma::tracks::{Authorisation, Exposure, Inbound, Outbound, WrongUnit};
use homeward::domain::rma::{Command, Role};
use homeward::domain::service_level::{Promise, ServiceLevel};
use homeward::domain::warranty::{Sale, Warranty, WarrantyError, anniversary};
use homeward::domain::zone::Zone;
use proptest::prelude::*;

use super::world::*;

fn due(anchor: &str, kind: AnchorKind, country: &str, zone: &str) -> NaiveDate {
    let ship_to = place("SHIP", country, country, zone);
    let programme = Programme::default();
    let window = Window { programme: &programme, ship_to: &ship_to, return_zone: Zone::UTC };
    window.due(Anchor { kind, on: day(anchor) }, day(anchor)).expect("a due date").due_on
}

#[test]
fn ret_1_examples_1_to_4_and_6() {
    use AnchorKind::{Delivered, Issued};
    let us = |anchor| due(anchor, Delivered, "US", "America/New_York");
    let nl = |anchor| due(anchor, Delivered, "NL", "Europe/Amsterdam");
    assert_eq!(us("2026-11-16"), day("2026-12-01"));
    assert_eq!(due("2026-11-12", Issued, "US", "America/New_York"), day("2026-11-27"));
    assert_eq!(nl("2026-11-16"), day("2026-11-30"));
    assert_eq!(us("2026-12-18"), day("2027-01-05"));
    assert_eq!(nl("2026-12-18"), day("2027-01-05"));
    assert_eq!(us("2026-11-14"), day("2026-11-30"));
    assert_eq!(due("2026-06-05", Delivered, "SA", "Asia/Riyadh"), day("2026-06-18"));
}

#[test]
fn ret_1_calendar_days_and_rma_12_extensions() {
    let mut programme = Programme { return_count: DayCount::Calendar, ..Programme::default() };
    programme.country_extensions.insert("US".to_owned(), 5);
    let ship_to = place("SHIP", "US", "US", "America/New_York");
    let window = Window { programme: &programme, ship_to: &ship_to, return_zone: Zone::UTC };
    let anchor = Anchor { kind: AnchorKind::Delivered, on: day("2026-11-16") };
    let due = window.due(anchor, day("2026-11-16")).expect("a due date");
    // 26 November by the calendar, then five business days past Thanksgiving.
    assert_eq!((due.due_on, due.added_days), (day("2026-12-03"), 5));
    assert_eq!(due.rule, "RET-1");
}

#[test]
fn amb_1_the_later_of_issue_and_delivery_and_the_other_anchors() {
    let run = |anchor, delivered: &str| {
        let programme = Programme { return_anchor: anchor, ..Programme::default() };
        let mut w = World::new(programme, World::facts(Some(ServiceLevel::SameDay)));
        w.shipped().at(delivered).ok(Role::Carrier, deliver());
        let due = w.rma.due.clone().expect("a due date");
        (due.due_on, due.anchor.kind)
    };
    let delivered = "2026-11-16T15:00:00Z";
    assert_eq!(run(AnchorRule::Delivered, delivered), (day("2026-12-01"), AnchorKind::Delivered));
    assert_eq!(run(AnchorRule::Issued, delivered), (day("2026-11-27"), AnchorKind::Issued));
    assert_eq!(run(AnchorRule::Shipped, delivered), (day("2026-11-27"), AnchorKind::Shipped));
    // The local date at the ship-to site counts: 02:00 UTC is still the 15th in New York.
    let local = run(AnchorRule::Delivered, "2026-11-16T02:00:00Z");
    assert_eq!(local.0, day("2026-11-30"));
}

#[test]
fn amb_1_a_return_to_factory_is_dated_for_information_only() {
    let mut w = World::factory();
    w.issued();
    assert_eq!((w.due_on(), w.rma.exposure), (day("2026-11-27"), Exposure::None));
    assert_eq!(w.rma.next_clock_at(), None);
}

#[test]
fn amb_1_story_n_a_late_proof_moves_an_estimated_date_and_takes_a_review_back() {
    let mut w = World::advance();
    // Shipped on Thursday 12 November; the tenth business day after it is Friday 27.
    w.shipped().at("2026-11-28T04:59:59Z");
    assert_eq!(w.rma.due_command(w.now), None);
    w.at("2026-11-28T05:00:00Z");
    assert_eq!(w.rma.due_command(w.now), Some(Command::EstimateDelivery {}));
    w.run_clock();
    assert_eq!((w.rma.outbound, w.rma.shipment.estimated), (Outbound::Delivered, true));
    // Estimated on 17 November: ten days more are 2 December; five from today are 4 December.
    let due = w.rma.due.clone().expect("a due date");
    assert_eq!((due.due_on, due.anchor.kind), (day("2026-12-04"), AnchorKind::Estimated));
    assert_eq!(due.rule, "AMB-1");
    assert_eq!(due.remind_on, [day("2026-12-02"), day("2026-12-04")]);

    let mut early = w.clone();
    let mut order = early.order(Role::Carrier, deliver());
    order.occurred_at = utc("2026-11-13T15:00:00Z");
    let decision = early.decide(&order).expect("a proof");
    early.keep(&order, decision);
    assert_eq!(early.due_on(), day("2026-12-04"), "a proof never moves the date earlier");

    w.at("2026-12-08T12:00:00Z").run_clock();
    assert_eq!(w.rma.exposure, Exposure::InReview);
    let late = |w: &mut World| {
        let mut order = w.order(Role::Carrier, deliver());
        order.occurred_at = utc("2026-12-04T15:00:00Z");
        let decision = w.decide(&order).expect("a proof");
        w.keep(&order, decision);
    };
    let mut charged = w.clone();
    charged.ok(Role::Finance, charge(LIST_PRICE));
    assert!(!charged.rma.is_open);
    late(&mut w);
    assert_eq!((w.rma.exposure, w.due_on()), (Exposure::Exposed, day("2026-12-18")));
    late(&mut charged);
    assert_eq!(charged.rma.exposure, Exposure::CreditReview);
    charged.ok(Role::Finance, credit(LIST_PRICE));
    assert_eq!(charged.rma.exposure, Exposure::Exposed, "owed as before, in time");
}

#[test]
fn t6_a_failed_delivery_takes_the_estimate_and_its_charge_back() {
    let mut w = World::advance();
    w.shipped().at("2026-12-01T12:00:00Z").run_clock();
    w.at("2026-12-20T12:00:00Z").run_clock();
    w.ok(Role::Finance, charge(LIST_PRICE)).ok(Role::Carrier, fail_delivery());
    assert_eq!(w.rma.exposure, Exposure::CreditReview);
    w.ok(Role::Finance, credit(LIST_PRICE));
    assert_eq!(w.rma.exposure, Exposure::Cleared, "nothing was advanced yet");
    w.ok(Role::Depot, allocate("SN-SPARE-2")).ok(Role::Depot, ship());
    w.at("2027-01-04T15:00:00Z").ok(Role::Carrier, deliver());
    assert_eq!((w.rma.exposure, w.due_on()), (Exposure::Exposed, day("2027-01-19")));
}

#[test]
fn t10_reminders_coalesce_and_the_day_ends_at_the_return_site() {
    let mut w = World::advance();
    w.exposed();
    let reminded = |events: &[Event]| -> Vec<i64> {
        let left = events.iter().filter_map(|event| match event {
            Event::Reminded { business_days_left, .. } => Some(*business_days_left),
            _ => None,
        });
        left.collect()
    };
    assert_eq!(w.rma.next_clock_at(), Some(utc("2026-11-23T05:00:00Z")));
    assert_eq!(reminded(&w.at("2026-11-23T05:00:00Z").run_clock()), [5]);
    assert_eq!(reminded(&w.run_clock()), [0i64; 0]);
    // The second was missed: on the due day one goes out for both.
    assert_eq!(reminded(&w.at("2026-12-01T05:00:00Z").run_clock()), [0]);
    // Monterrey is an hour behind New York: its 1 December ends at 06:00 UTC.
    assert_eq!(w.rma.next_clock_at(), Some(utc("2026-12-02T06:00:00Z")));
    w.at("2026-12-02T05:59:59Z");
    assert!(w.run_clock().is_empty());
    w.at("2026-12-02T06:00:00Z").run_clock();
    assert_eq!(w.rma.exposure, Exposure::InReview);
}

#[test]
fn t10_a_site_that_moves_does_not_repeat_its_reminders() {
    let mut w = World::advance();
    w.facts.ship_to = Some(place("TYO", "JP", "JP", "Asia/Tokyo"));
    w.exposed();
    w.facts.ship_to = Some(place("LAX", "US", "US", "America/Los_Angeles"));
    w.now = w.rma.next_clock_at().expect("a reminder");
    assert_eq!(w.run_clock().len(), 1);
}

#[test]
fn amb_30_example_20_received_on_the_due_day_or_after() {
    let mut w = World::advance();
    w.exposed();
    // 23:50 on the due day in Monterrey.
    w.at("2026-12-02T05:50:00Z").ok(Role::Dock, receive(OWN));
    assert!(w.rma.received_on <= Some(w.due_on()));
    w.ok(Role::Inspector, Command::Accept {});
    assert_eq!((w.rma.exposure, w.rma.is_open), (Exposure::Cleared, false));

    // 00:05 the next day: late, processed as normal; no charge if none is posted.
    let mut w = World::advance();
    w.exposed().at("2026-12-02T06:05:00Z").run_clock();
    let mut charged = w.clone();
    w.ok(Role::Dock, receive(OWN));
    assert_eq!(w.no(Role::Finance, charge(1)).rule, "AMB-30");
    w.ok(Role::Inspector, Command::Accept {});
    assert_eq!(w.rma.exposure, Exposure::Cleared);
    charged.ok(Role::Finance, charge(LIST_PRICE)).ok(Role::Dock, receive(OWN));
    charged.ok(Role::Inspector, Command::Accept {});
    assert_eq!(charged.rma.exposure, Exposure::CreditReview);
    charged.ok(Role::Finance, keep_charge());
    assert_eq!((charged.rma.exposure, charged.rma.is_open), (Exposure::Charged, false));
}

#[test]
fn amb_15_part_of_the_price_may_be_charged_and_never_more() {
    let mut w = World::advance();
    w.in_review().ok(Role::Finance, charge(100_000)).ok(Role::Dock, receive(OWN));
    w.ok(Role::Inspector, discrepant());
    assert_eq!(w.rma.exposure, Exposure::Charged);
    w.ok(Role::Dock, receive(OWN)).ok(Role::Inspector, Command::Accept {});
    assert_eq!(w.no(Role::Finance, credit(100_001)).rule, "T14");
    w.ok(Role::Finance, credit(40_000));
    assert_eq!((w.rma.balance_minor(), w.rma.exposure), (60_000, Exposure::Credited));
}

#[test]
fn t9_the_dock_gives_back_the_days_it_held_a_wrong_unit() {
    let mut w = World::advance();
    w.exposed().at("2026-11-20T18:00:00Z").ok(Role::Dock, receive(OWN));
    w.at("2026-11-25T18:00:00Z").ok(Role::Inspector, discrepant());
    assert_eq!(w.due_on(), day("2026-12-04"), "three business days");
    w.ok(Role::Inspector, Command::ResolveDiscrepancy { outcome: WrongUnit::ReturnedToSender });
    assert_eq!(w.rma.inbound, Inbound::Awaiting);
}

#[test]
fn t9_a_misread_label_keeps_the_day_the_box_came() {
    let mut w = World::factory();
    w.issued().at("2026-11-30T18:00:00Z").ok(Role::Dock, receive("SN-DEFECTLVE"));
    w.at("2026-12-07T18:00:00Z");
    w.ok(Role::Inspector, Command::ResolveDiscrepancy { outcome: WrongUnit::RightUnit });
    assert_eq!(w.rma.inbound, Inbound::Accepted);
    // WAR-5, example 8: twenty business days in Monterrey from the day it came.
    assert_eq!(w.rma.received_on, Some(day("2026-11-30")));
    assert_eq!(w.rma.repair_due_on, Some(day("2026-12-29")));
}

#[test]
fn t9a_an_exclusion_found_on_a_wrong_unit_falls_with_it() {
    let mut w = World::advance();
    w.exposed().ok(Role::Dock, receive(OWN));
    let exclusion = homeward::domain::rma::tracks::Exclusion::ThirdPartyOptics;
    let evidence = "a foreign optic".to_owned();
    w.ok(Role::Inspector, Command::FindExclusion { exclusion, evidence });
    w.ok(Role::Inspector, discrepant());
    assert_eq!((w.rma.exposure, w.rma.review), (Exposure::Exposed, None));
}

#[test]
fn t12_example_23_bought_before_and_after_the_charge() {
    let mut w = World::advance();
    w.exposed().at("2026-11-20T15:00:00Z").ok(Role::Customer, purchase());
    assert_eq!(w.rma.exposure, Exposure::Purchased);
    assert_eq!((w.rma.authorisation, w.rma.is_open), (Authorisation::Cancelled, false));
    assert_eq!(w.rma.charged_minor, 0);

    let mut w = World::advance();
    w.charged().ok(Role::Customer, purchase());
    assert_eq!((w.rma.exposure, w.rma.balance_minor()), (Exposure::Purchased, 0));
    assert_eq!(w.no(Role::Dock, receive(OWN)).rule, "T8", "the customer's property");

    // Bought while the replacement was on its way, and lost there: it is sent again.
    let programme = Programme { return_anchor: AnchorRule::Shipped, ..Programme::default() };
    let mut w = World::new(programme, World::facts(Some(ServiceLevel::SameDay)));
    w.shipped().ok(Role::Customer, purchase()).ok(Role::Carrier, fail_delivery());
    assert!(w.rma.is_open);
    w.ok(Role::Depot, allocate("SN-SPARE-2")).ok(Role::Depot, ship());
    w.ok(Role::Carrier, deliver());
    assert!(!w.rma.is_open);
}

#[test]
fn t13_story_c_a_claim_found_not_found_and_rejected() {
    let mut w = World::advance();
    w.exposed().at("2026-11-20T15:00:00Z").ok(Role::Customer, claim("2026-11-19"));
    assert_eq!(w.rma.claim.as_ref().unwrap().decide_by, day("2026-12-04"));
    assert_eq!(w.rma.next_clock_at(), None, "the exposure stands still");
    w.at("2026-12-04T15:00:00Z");

    let mut found = w.clone();
    found.ok(Role::Logistics, Command::UpholdClaim { found: true });
    assert_eq!(found.rma.received_on, Some(day("2026-11-19")), "received on the proof's date");
    let mut lost = w.clone();
    lost.ok(Role::Logistics, Command::UpholdClaim { found: false });
    assert_eq!((lost.rma.exposure, lost.rma.is_open), (Exposure::Cleared, false));
    // Nine business days stood still between 20 November and 4 December.
    w.ok(Role::Logistics, reject());
    assert_eq!((w.rma.inbound, w.due_on()), (Inbound::Awaiting, day("2026-12-14")));

    let mut charged = World::advance();
    charged.charged().ok(Role::Customer, claim("2026-11-19"));
    charged.ok(Role::Logistics, Command::UpholdClaim { found: false });
    assert_eq!(charged.rma.exposure, Exposure::CreditReview);
}

#[test]
fn t13_a_claim_rejected_after_the_delivery_leaves_the_unit_owed() {
    let mut w = World::advance();
    w.shipped().ok(Role::Customer, claim("2026-11-12"));
    w.at("2026-11-16T15:00:00Z").ok(Role::Carrier, deliver());
    assert_eq!(w.rma.exposure, Exposure::None);
    w.ok(Role::Logistics, reject());
    assert_eq!((w.rma.exposure, w.due_on()), (Exposure::Exposed, day("2026-12-01")));
}

#[test]
fn rma_12_what_is_not_asked_back_ends_with_the_delivery() {
    let mut programme = Programme::default();
    programme.no_return_countries.insert("US".to_owned());
    let mut w = World::new(programme, World::facts(Some(ServiceLevel::SameDay)));
    w.shipped().ok(Role::Carrier, deliver());
    assert_eq!((w.rma.inbound, w.rma.is_open), (Inbound::NotRequiredCountry, false));

    let mut w = World::advance();
    let kept = ContractCover { media_retention: true, ..contract(ServiceLevel::SameDay) };
    w.facts.issue.as_mut().unwrap().verdict = verdict(&sale(), &[kept], &w.programme);
    w.shipped().ok(Role::Carrier, deliver());
    assert_eq!((w.rma.inbound, w.rma.is_open), (Inbound::NotRequiredMediaRetained, false));
}

#[test]
fn stories_k_and_h_a_unit_before_the_proof_and_a_replacement_unopened() {
    let mut w = World::advance();
    w.shipped().ok(Role::Dock, receive(OWN)).ok(Role::Inspector, Command::Accept {});
    w.at("2026-11-16T15:00:00Z").ok(Role::Carrier, deliver());
    assert_eq!((w.rma.exposure, w.rma.is_open), (Exposure::None, false));

    let condition = homeward::domain::rma::tracks::ReplacementCondition::Unopened;
    let mut w = World::advance();
    w.charged();
    w.ok(Role::Dock, Command::ReceiveReplacement { serial_number: serial(SPARE), condition });
    assert_eq!(w.rma.authorisation, Authorisation::Cancelled);
    assert_eq!(w.rma.exposure, Exposure::CreditReview);
}

#[test]
fn amb_2_amb_3_amb_4_examples_13_and_15() {
    let programme = Programme::default();
    let direct = Sale { shipped_on: day("2026-03-15"), ..sale() };
    let term = Warranty::of(&direct, &programme).expect("a warranty");
    assert_eq!((term.last_covered_on, term.rule.as_str()), (day("2027-03-14"), "WAR-1"));
    assert!(term.covers(day("2027-03-14"), direct.shipped_on));
    assert!(!term.covers(day("2027-03-15"), direct.shipped_on), "the claim is out");

    let resold = |on: Option<&str>| {
        let sale = Sale { through_distributor: true, resold_on: on.map(day), ..sale() };
        Warranty::of(&sale, &programme)
    };
    let term = resold(Some("2026-02-20")).expect("a warranty");
    assert_eq!((term.start_on, term.last_covered_on), (day("2026-02-20"), day("2027-02-19")));
    let term = resold(Some("2026-06-01")).expect("a warranty");
    assert_eq!((term.start_on, term.last_covered_on), (day("2026-04-10"), day("2027-04-09")));
    assert!(!term.provisional);
    let term = resold(None).expect("a warranty");
    assert_eq!((term.start_on, term.provisional), (day("2026-04-10"), true));
    assert!(term.covers(day("2026-01-10"), day("2026-01-10")), "cover runs from shipment");
    assert!(!term.covers(day("2026-01-09"), day("2026-01-10")));
    assert!(matches!(resold(Some("2026-01-09")), Err(WarrantyError::ResoldBeforeShipped { .. })));
}

#[test]
fn amb_4_an_anniversary_without_its_day_rolls_forward() {
    assert_eq!(anniversary(day("2028-02-29"), 12), Some(day("2029-03-01")));
    assert_eq!(anniversary(day("2028-02-29"), 48), Some(day("2032-02-29")));
    assert_eq!(anniversary(day("2026-01-31"), 1), Some(day("2026-03-01")));
    assert_eq!(anniversary(NaiveDate::MAX, 12), None);
    let leap = Sale { shipped_on: day("2028-02-29"), ..sale() };
    let term = Warranty::of(&leap, &Programme::default()).expect("a warranty");
    assert_eq!(term.last_covered_on, day("2029-02-28"));
}

#[test]
fn amb_5_and_amb_25_what_a_unit_is_entitled_to() {
    let programme = Programme::default();
    let on = |sale: &Sale, contracts: &[ContractCover], programme: &Programme| {
        resolve(sale, contracts, day("2026-11-10"), programme).expect("a verdict")
    };
    let unregistered = Sale { registered_on: None, ..sale() };
    assert!(matches!(on(&unregistered, &[], &programme), Verdict::NotRegistered(_)));
    let Verdict::Entitled(best) = on(&sale(), &[contract(ServiceLevel::Core)], &programme) else {
        panic!("Core inside the warranty is a return to factory");
    };
    assert_eq!((best.promise, best.rule.as_str()), (Promise::ReturnToFactory, "AMB-25"));
    assert_eq!(best.source, Source::Warranty);
    let alone = Programme { best_of_both: false, ..Programme::default() };
    let core = [contract(ServiceLevel::Core)];
    assert!(matches!(on(&sale(), &core, &alone), Verdict::NotEntitled(_)));
    // A contract does not wait for the warranty's registration.
    let Verdict::Entitled(best) =
        on(&unregistered, &[contract(ServiceLevel::SameDay2Hour)], &programme)
    else {
        panic!("a contract entitles");
    };
    assert_eq!(best.promise, Promise::TwoHours);
    let text = serde_json::to_string(&best).expect("JSON");
    let read: homeward::domain::entitlement::Entitlement =
        serde_json::from_str(&text).expect("what was written is read");
    assert_eq!(read, *best);
}

#[test]
fn amb_6_examples_9_and_11_cut_offs_in_the_depots_time() {
    let programme = Programme::default();
    let promised = |promise, at: &str, depot, ship_to| {
        replacement_due(promise, utc(at), &depot, &ship_to, &programme).expect("a promise")
    };
    let nl = || place("VENLO", "NL", "NL", "Europe/Amsterdam");
    let us = || place("SDF", "US", "US", "America/Kentucky/Louisville");
    let on = |text| Some(ReplacementDue::DeliverOn { on: day(text) });
    let next_day = Promise::NextDayDelivery;
    assert_eq!(promised(next_day, "2026-03-27T13:30:00Z", nl(), nl()), on("2026-03-30"));
    assert_eq!(promised(next_day, "2026-12-24T19:59:00Z", us(), us()), on("2026-12-28"));
    assert_eq!(promised(next_day, "2026-12-24T20:00:00Z", us(), us()), on("2026-12-28"));
    assert_eq!(promised(next_day, "2026-12-24T20:01:00Z", us(), us()), on("2026-12-29"));
    // Good Friday and Easter Monday are none in Venlo; the site in New York would be open.
    assert_eq!(promised(next_day, "2026-04-02T08:00:00Z", nl(), us()), on("2026-04-07"));
    assert_eq!(
        promised(Promise::NextDayShip, "2026-03-28T08:00:00Z", nl(), us()),
        Some(ReplacementDue::ShipOn { on: day("2026-03-31") }),
        "a Saturday counts as the Monday after"
    );
    assert_eq!(
        promised(Promise::FourHours, "2026-12-25T23:00:00Z", us(), us()),
        Some(ReplacementDue::DeliverBy { at: utc("2026-12-26T03:00:00Z") })
    );
}

#[test]
fn amb_7_rma_numbers() {
    let read = |text: &str| text.parse::<RmaNumber>().ok().map(RmaNumber::value);
    for text in ["R21056835", "R0021056835", "r021056835", "21056835", " R21056835 "] {
        assert_eq!(read(text), Some(21_056_835), "{text:?}");
    }
    assert_eq!("R21056835".parse::<RmaNumber>().unwrap().to_string(), "R0021056835");
    for text in [
        "",
        "R",
        "R1234567",
        "R12345678901",
        "R00000000",
        "0",
        "R2105683５",
        "R-1056835",
        "R+21056835",
        "RR21056835",
        "R2105 6835",
        "R21056835\u{202e}",
    ] {
        assert_eq!(read(text), None, "{text:?}");
    }
}

#[test]
fn amb_8_case_numbers() {
    for text in ["2019-0101-012345", "20190101012345", "20190101012345#", " 2019-0101-012345 "] {
        let case: CaseNumber = text.parse().unwrap();
        assert_eq!(case.to_string(), "2019-0101-012345", "{text:?}");
        assert_eq!(case.digits(), "20190101012345");
    }
    assert!("2028-0229-000001".parse::<CaseNumber>().is_ok());
    for text in [
        "2019-0229-000001",
        "2019-1301-000001",
        "2019-0101-000000",
        "2019-0101-12345",
        "20190101-012345",
        "2019-0101--12345",
        "201901010123456",
        "0000-0101-000001",
        "#",
        "",
        "２０１９-0101-012345",
        "2019-0101-012345##",
    ] {
        assert!(text.parse::<CaseNumber>().is_err(), "{text:?}");
    }
}

proptest! {
    /// AMB-15: what is shown is what is read, in every currency's own decimals.
    #[test]
    fn amb_15_money_is_read_as_it_is_shown(minor in 0i64.., at in 0usize..5) {
        use Currency::{BHD, CNY, EUR, JPY, USD};
        let currency = [USD, EUR, JPY, BHD, CNY][at];
        let shown = Money { minor, currency }.to_string();
        let (code, amount) = shown.split_once(' ').expect("code and amount");
        prop_assert_eq!(code, currency.code());
        prop_assert_eq!(Money::parse(amount, currency), Ok(Money { minor, currency }));
    }

    /// AMB-7: every number is read back from the way it is written.
    #[test]
    fn amb_7_numbers_are_read_as_they_are_written(value in 1..=RmaNumber::MAX) {
        let written = number(value);
        prop_assert_eq!(written.to_string().parse::<RmaNumber>(), Ok(written));
    }

    /// AMB-4: the day before an anniversary is the last; a year later is never more than a day off.
    #[test]
    fn amb_4_anniversaries_are_never_early(days in 0u64..40_000, months in 0u32..240) {
        let from = day("1990-01-01") + chrono::Days::new(days);
        let to = anniversary(from, months).expect("in range");
        let clamped = from + chrono::Months::new(months);
        prop_assert!(to == clamped || to == clamped + chrono::Days::new(1));
        prop_assert!(months == 0 || to > from);
    }
}

#[test]
fn amb_15_what_is_no_amount_is_refused() {
    for (text, currency) in [
        ("", Currency::USD),
        ("-1", Currency::USD),
        ("+1", Currency::USD),
        ("1,000.00", Currency::USD),
        ("1.005", Currency::USD),
        ("1.", Currency::USD),
        (".5", Currency::USD),
        ("1.0", Currency::JPY),
        ("99999999999999999999", Currency::USD),
        ("１", Currency::USD),
        ("1e3", Currency::USD),
    ] {
        assert!(Money::parse(text, currency).is_err(), "{text:?}");
    }
}
