//! RCV-3: a unit comes to another dock than the one it was sent to, and goes on to its repair centre.

use homeward::app::dock::Arrival;
use homeward::app::import::Subject;
use homeward::domain::dock::DockVerdict;
use homeward::domain::ids::RmaNumber;
use homeward::domain::rma::Command;
use homeward::domain::rma::tracks::{Repair, WrongUnit};

use crate::support::bring_in::bring_in;
use crate::support::databases::each_database;
use crate::support::world::{World, boxed, charge, on, serial};

const CUSTOMER: &str = "customer:noc@noordzee.example";
const TECHNICIAN: &str = "repair:rosa";

fn forward() -> Command {
    let tracking_number = Some("NL77".to_owned());
    Command::Forward { carrier: "Swift".to_owned(), tracking_number }
}

fn milestones(w: &World<'_>) {
    bring_in(
        w.db,
        Subject::Products,
        "manufacturer,part_number,description,list_prices,contract_manufacturer,frs_on,eol_on,eos_on\n\
         Halden,HX-4300,48-port switch,USD 4200.00;EUR 3900.00,Fab One,2023-05-02,,\n",
    );
}

/// Delivered in Amsterdam, to be sent to Timișoara.
fn delivered(w: &World<'_>) -> RmaNumber {
    w.advance_unit("A1", "NOR-AMS");
    w.stock("B1", "DEP-VEN");
    let rma = w.at("2026-11-12 10:00").shipped("A1", "B1");
    w.at("2026-11-30 10:00").deliver(rma);
    rma
}

/// On warranty alone, to be repaired in Timișoara.
fn to_be_repaired(w: &World<'_>, unit: &str) -> RmaNumber {
    w.install(unit, "NOR-AMS");
    w.at("2026-11-12 10:00").issued(unit)
}

/// The transfer: dock, day forwarded, day at the centre.
#[track_caller]
fn transfer(w: &World<'_>, rma: RmaNumber, expected: &str) {
    let found = w.rma(rma).transfer.map_or("none".to_owned(), |transfer| {
        let day = |day: Option<chrono::NaiveDate>| day.map_or("-".to_owned(), |d| d.to_string());
        let sent = day(transfer.forwarded.map(|sent| sent.on));
        format!("{} {sent} {}", transfer.dock.code, day(transfer.arrived_on))
    });
    assert_eq!(found, expected, "the transfer of {rma}");
}

#[test]
fn rcv_3_any_dock_ends_the_debt_and_the_repair_centre_starts_the_analysis() {
    each_database("a transfer", |db| {
        let w = World::new(db);
        milestones(&w);
        let rma = delivered(&w);
        w.run(rma, CUSTOMER, Command::RequestAnalysis {});
        // Half past eleven at night in Venlo, which is the next day in Timișoara.
        let box_id = Some("00340000000000000009".to_owned());
        let scan = |site: &str| {
            w.arrives_as(Arrival { box_id: box_id.clone(), ..boxed(site, Some(rma), Some("A1")) })
        };
        w.at("2026-12-09 22:30");
        let first = scan("DEP-VEN");
        assert_eq!((first.verdict, first.rma), (DockVerdict::Receive, Some(rma)));
        assert!(first.reason.ends_with("forward it to RC-TSR"), "{}", first.reason);
        w.tracks(rma, "issued delivered received none exposed requested Open");
        w.owed(rma, "nothing");
        assert_eq!(w.rma(rma).received_on, Some(on("2026-12-09")));
        transfer(&w, rma, "DEP-VEN - -");
        assert_eq!(scan("DEP-VEN").verdict, DockVerdict::AlreadyReceived);

        w.at("2026-12-10 10:00").accept(rma);
        w.tracks(rma, "issued delivered accepted none cleared requested Open");
        w.refused(rma, CUSTOMER, forward());
        let blank = Command::Forward { carrier: " ".to_owned(), tracking_number: None };
        w.refused(rma, "dock:dora", blank);
        w.at("2026-12-10 23:30").run(rma, "dock:dora", forward());
        transfer(&w, rma, "DEP-VEN 2026-12-11 -");

        // Astray: another dock puts it on its shelf and sends it on again.
        let astray = w.at("2026-12-11 10:00").arrives("DEP-SHA", Some(rma), Some("A1"));
        assert_eq!((astray.verdict, astray.rma), (DockVerdict::Quarantine, Some(rma)));
        w.run(rma, "logistics:leo", forward());

        w.at("2026-12-14 22:30");
        let centre = scan("RC-TSR");
        assert_eq!((centre.verdict, centre.rma), (DockVerdict::ReceiveAtCentre, Some(rma)));
        w.tracks(rma, "issued delivered accepted none cleared in_repair_analysis Open");
        transfer(&w, rma, "DEP-VEN 2026-12-11 2026-12-15");
        let due = w.rma(rma).analysis_file.due.expect("a report is due");
        assert_eq!((due.anchor_on, due.due_on), (on("2026-12-15"), on("2027-01-14")));
        assert_eq!(scan("RC-TSR").verdict, DockVerdict::AlreadyReceived);
        w.refused(rma, "dock:dora", forward());
        w.refused(rma, "dock:dora", Command::ReceiveAtCentre {});
        w.boxes(
            "A1",
            "receive 1, already_received 1, quarantine 1, receive_at_centre 1, already_received 1",
        );
        w.outbox(rma, "acknowledgement issued shipped delivered received analysis_started");
        w.verified();
    });
}

#[test]
fn rcv_3_the_repair_is_dated_from_the_first_dock_and_begins_at_the_centre() {
    each_database("a repair after a transfer", |db| {
        let w = World::new(db);
        let rma = to_be_repaired(&w, "A1");
        let near = to_be_repaired(&w, "A2");
        w.at("2026-12-09 22:30").arrives("DEP-VEN", Some(rma), Some("A1"));
        w.arrives("RC-TSR", Some(near), Some("A2"));
        // WAR-5 by the repair centre's calendar (25 December, 1, 6 and 7 January are closed), each from the local day of its own dock.
        assert_eq!(w.rma(rma).repair_due_on, Some(on("2027-01-12")));
        assert_eq!(w.rma(near).repair_due_on, Some(on("2027-01-13")));
        transfer(&w, near, "none");
        w.refused(near, "dock:dora", forward());

        w.accept(rma);
        w.tracks(rma, "issued none accepted queued none Open");
        assert_eq!(w.refused(rma, TECHNICIAN, Command::StartRepair {}).rule, "RCV-3");
        w.at("2026-12-11 10:00").run(rma, "dock:dora", forward());
        // Known late, and nothing can have happened before the unit was on its way.
        let early = w.at("2026-12-14 10:00").try_run_late(
            rma,
            TECHNICIAN,
            Command::ReceiveAtCentre {},
            "2026-12-11 09:00",
        );
        assert!(early.is_err(), "{early:?}");
        w.run_late(rma, TECHNICIAN, Command::ReceiveAtCentre {}, "2026-12-13 10:00");
        transfer(&w, rma, "DEP-VEN 2026-12-11 2026-12-13");
        w.run(rma, TECHNICIAN, Command::StartRepair {});
        w.run(rma, TECHNICIAN, Command::FinishRepair { outcome: Repair::Repaired });
        w.verified();
    });
}

#[test]
fn rcv_3_a_late_return_to_any_dock_is_processed_in_the_normal_manner() {
    each_database("late, at another dock", |db| {
        let w = World::new(db);
        let rma = delivered(&w);
        w.at("2026-12-20 06:00").clock();
        w.run(rma, "finance:fred", charge(390_000));
        w.tracks(rma, "issued delivered awaiting none charged Closed");
        let late = w.at("2027-01-11 15:00").arrives("RC-MTY", None, Some("A1"));
        assert_eq!((late.verdict, late.rma), (DockVerdict::Receive, Some(rma)));
        transfer(&w, rma, "RC-MTY - -");
        w.accept(rma);
        w.tracks(rma, "issued delivered accepted none credit_review Open");
        w.run(rma, "finance:fred", crate::support::world::credit(390_000));
        w.tracks(rma, "issued delivered accepted none credited Closed");
        // The way on is ours alone: it neither keeps the RMA open nor opens it again.
        w.run(rma, "dock:dora", forward());
        w.arrives("RC-TSR", None, Some("A1"));
        transfer(&w, rma, "RC-MTY 2027-01-11 2027-01-11");
        w.tracks(rma, "issued delivered accepted none credited Closed");
        w.verified();
    });
}

#[test]
fn rcv_3_a_label_misread_at_another_dock_keeps_where_the_unit_is() {
    each_database("misread, elsewhere", |db| {
        let w = World::new(db);
        let rma = delivered(&w);
        let wrong = w.at("2026-12-02 10:00").arrives("DEP-VEN", Some(rma), Some("A7"));
        assert_eq!(wrong.verdict, DockVerdict::ReceiveDiscrepant);
        transfer(&w, rma, "none");
        let outcome = WrongUnit::RightUnit;
        w.at("2026-12-03 10:00");
        w.run(rma, "inspector:ines", Command::ResolveDiscrepancy { outcome });
        w.tracks(rma, "issued delivered accepted none cleared Closed");
        assert_eq!(w.rma(rma).received_on, Some(on("2026-12-02")));
        transfer(&w, rma, "DEP-VEN - -");
        w.run(rma, "dock:dora", forward());
        let centre = w.at("2026-12-07 10:00").arrives("RC-TSR", Some(rma), Some("A1"));
        assert_eq!(centre.verdict, DockVerdict::ReceiveAtCentre);
        w.verified();
    });
}

#[test]
fn rcv_3_a_dock_that_is_no_site_stores_nothing() {
    each_database("no such dock", |db| {
        let w = World::new(db);
        let rma = delivered(&w);
        let site = Some("NOWHERE".to_owned());
        let receive = Command::Receive { serial_number: Some(serial("A1")), site };
        let error = w.try_run(rma, "dock:dora", receive, None).expect_err("no such site");
        assert!(error.to_string().contains("NOWHERE"), "{error}");
        w.tracks(rma, "issued delivered awaiting none exposed Open");
    });
}

fn lost() -> Command {
    Command::LoseInTransfer { reason: "the carrier cannot find it".to_owned() }
}

#[test]
fn rcv_3_what_we_lose_on_its_way_to_the_centre_is_lost_by_us() {
    each_database("lost in a transfer", |db| {
        let w = World::new(db);
        milestones(&w);
        let rma = delivered(&w);
        w.refused(rma, "logistics:leo", lost());
        w.at("2026-12-16 06:00").clock();
        w.run(rma, "finance:fred", charge(390_000));
        w.at("2026-12-17 10:00").run(rma, CUSTOMER, Command::RequestAnalysis {});
        w.arrives("DEP-VEN", Some(rma), Some("A1"));
        w.at("2026-12-18 10:00").run(rma, "dock:dora", forward());
        w.at("2027-01-11 10:00");
        assert_eq!(w.refused(rma, "logistics:leo", blank_loss()).rule, "RCV-3");
        w.run(rma, "logistics:leo", lost());
        w.tracks(rma, "issued delivered lost_by_us none credit_review void Open");
        w.owed(rma, "nothing");
        transfer(&w, rma, "none");
        w.refused(rma, "logistics:leo", lost());
        w.run(rma, "finance:fred", crate::support::world::credit(390_000));
        w.tracks(rma, "issued delivered lost_by_us none credited void Closed");
        w.outbox(
            rma,
            "acknowledgement issued shipped delivered charged closed received lost_by_us credited closed",
        );

        // Found a month later, at the centre itself: received where and when it came now.
        w.at("2027-02-08 10:00").arrives("RC-TSR", None, Some("A1"));
        w.tracks(rma, "issued delivered received none credited void Open");
        transfer(&w, rma, "none");
        assert_eq!(w.rma(rma).at_centre_on(), Some(on("2027-02-08")));
        assert_eq!(w.rma(rma).received_at, Some(crate::support::world::utc("2027-02-08 10:00")));
        w.accept(rma);
        w.tracks(rma, "issued delivered accepted none credited void Closed");
        w.verified();
    });
}

fn blank_loss() -> Command {
    Command::LoseInTransfer { reason: " ".to_owned() }
}

#[test]
fn rcv_3_a_unit_lost_before_its_repair_is_replaced() {
    each_database("lost before its repair", |db| {
        let w = World::new(db);
        w.stock("B1", "DEP-VEN");
        w.stock("B2", "DEP-VEN");
        let queued = to_be_repaired(&w, "A1");
        let received = to_be_repaired(&w, "A2");
        w.at("2026-12-09 10:00").arrives("DEP-VEN", Some(queued), Some("A1"));
        w.arrives("DEP-VEN", Some(received), Some("A2"));
        w.accept(queued);
        w.tracks(queued, "issued none accepted queued none Open");
        for (rma, stock) in [(queued, "B1"), (received, "B2")] {
            w.at("2026-12-21 10:00").run(rma, "logistics:leo", lost());
            w.tracks(rma, "issued none lost_by_us replaced none Open");
            w.send(rma, stock);
            w.at("2026-12-23 10:00").deliver(rma);
            w.tracks(rma, "issued delivered lost_by_us replaced none Closed");
        }
        w.verified();
    });
}

#[test]
fn rcv_3_a_loss_after_the_closing_opens_nothing() {
    each_database("lost after the closing", |db| {
        let w = World::new(db);
        let rma = delivered(&w);
        w.at("2026-12-20 06:00").clock();
        w.run(rma, "finance:fred", charge(390_000));
        w.at("2027-01-11 15:00").arrives("RC-MTY", None, Some("A1"));
        w.accept(rma);
        w.run(rma, "finance:fred", Command::KeepCharge { reason: "came in pieces".to_owned() });
        w.tracks(rma, "issued delivered accepted none charged Closed");
        // The acceptance decided about the money; two years later the shelves are counted.
        w.at("2029-01-11 15:00").run(rma, "logistics:leo", lost());
        w.tracks(rma, "issued delivered lost_by_us none charged Closed");
        w.verified();
    });
}
