//! (g) the replacement is dead on arrival.

use homeward::app::rmas::{report_dead_on_arrival, retrying};
use homeward::app::{App, AppError};
use homeward::domain::dock::DockVerdict;
use homeward::domain::ids::RmaNumber;
use homeward::domain::rma::Command;
use homeward::domain::rma::tracks::ReplacementCondition;

use crate::support::databases::each_database;
use crate::support::world::{World, actor, boxed, on};

fn report(app: &App, w: &World<'_>, rma: RmaNumber) -> Result<RmaNumber, AppError> {
    let who = actor("customer:noc@meridian.example");
    let who = (&who, "portal");
    let now = w.now();
    retrying(|| {
        app.db.write(|c| report_dead_on_arrival(app, c, rma, "no light at all", who, now, now))
    })
    .map(|(_, child)| child)
}

fn delivered(w: &World<'_>) -> RmaNumber {
    w.advance_unit("A1", "MER-LOU");
    w.stock("B1", "DEP-LOU");
    w.stock("C1", "DEP-LOU");
    let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
    w.at("2026-11-16 15:00").deliver(rma);
    rma
}

#[test]
fn g_the_parents_window_stands_still_until_the_working_unit_is_there() {
    each_database("story (g)", |db| {
        let w = World::new(db);
        let parent = delivered(&w);
        w.at("2026-11-18 15:00");
        let child = report(&w.app, &w, parent).expect("T20");
        assert_eq!(w.rma(child).parent, Some(parent));
        assert_eq!(w.rma(child).case_number, w.rma(parent).case_number);
        w.tracks(parent, "issued delivered awaiting none exposed Open");
        w.tracks(child, "created none not_expected none none Open");
        let second = w.stores_nothing("a second report", || report(&w.app, &w, parent));
        assert_eq!(second.rule, "T20");

        w.at("2026-11-19 15:00").run(child, "logistics:lena", Command::Issue {});
        w.send(child, "C1");
        // Neither reminders nor the due day while it stands still.
        assert_eq!(w.at("2026-11-23 14:00").clock(), Default::default());
        w.at("2026-11-23 15:00").deliver(child);
        // Three business days: 11-19, 11-20, 11-23.
        w.due(parent, "2026-12-04 RET-1 delivered 2026-11-16 US");
        w.due(child, "2026-12-08 RET-1 delivered 2026-11-23 US");
        w.owed(parent, "2026-12-04 exposed 0");
        w.owed(child, "2026-12-08 exposed 0");
        assert_eq!(w.rma(parent).dead_on_arrival, None);

        w.unit("A1", "retired MER-LOU CT-A1 2026-01-01..2026-11-11");
        w.unit("B1", "retired MER-LOU CT-A1 2026-11-12..2026-11-18");
        w.unit("C1", "installed MER-LOU CT-A1 2026-11-19..2027-12-31");
        assert_eq!(w.granted_cover("C1"), Some(on("2027-02-17")));

        // Both come in one consignment, each in the other's box.
        let a = w.at("2026-11-30 15:00").arrives("RC-MTY", Some(child), Some("A1"));
        assert_eq!((a.verdict, a.rma), (DockVerdict::Receive, Some(parent)));
        let b = w.arrives("RC-MTY", Some(parent), Some("B1"));
        assert_eq!((b.verdict, b.rma), (DockVerdict::Receive, Some(child)));
        for rma in [parent, child] {
            w.accept(rma);
            w.tracks(rma, "issued delivered accepted none cleared Closed");
        }
        w.verified();
    });
}

#[test]
fn g_the_dead_unit_in_the_parents_box_is_the_childs() {
    each_database("story (g), the parent's box", |db| {
        let w = World::new(db);
        let parent = delivered(&w);
        let child = report(&w.app, w.at("2026-11-18 15:00"), parent).expect("T20");
        w.run(child, "logistics:lena", Command::Issue {});
        w.send(child, "C1");
        w.at("2026-11-23 15:00").deliver(child);
        // The parent is still owed its A1, and B1 is its replacement: it is the child's all the same.
        let judged = w.at("2026-11-25 15:00").arrives("RC-MTY", Some(parent), Some("B1"));
        assert_eq!((judged.verdict, judged.rma), (DockVerdict::Receive, Some(child)));
        w.tracks(parent, "issued delivered awaiting none exposed Open");
        w.tracks(child, "issued delivered received none exposed Open");
        w.unit("C1", "installed MER-LOU CT-A1 2026-11-18..2027-12-31");
        w.verified();
    });
}

#[test]
fn g_a_dead_unit_that_simply_comes_back_is_reported_by_the_dock() {
    each_database("story (g), by the dock", |db| {
        let w = World::new(db);
        let parent = delivered(&w);
        let condition = ReplacementCondition::Defective;
        let back = homeward::app::dock::Arrival { condition, ..boxed("RC-MTY", None, Some("B1")) };
        let judged = w.at("2026-11-18 15:00").arrives_as(back);
        assert_eq!((judged.verdict, judged.rma), (DockVerdict::ReplacementBack, Some(parent)));
        let child = w.rma(parent).dead_on_arrival.expect("a child RMA");
        w.tracks(parent, "issued delivered awaiting none exposed Open");
        w.tracks(child, "created none not_expected none none Open");
        w.verified();
    });
}

#[test]
fn g_a_child_that_ends_lets_the_parents_window_run_on() {
    each_database("story (g), cancelled child", |db| {
        let w = World::new(db);
        let parent = delivered(&w);
        let child = report(&w.app, w.at("2026-11-18 15:00"), parent).expect("T20");
        let cancel = Command::Cancel { reason: "a loose cable".to_owned() };
        w.at("2026-11-20 15:00").run(child, "customer:noc@meridian.example", cancel);
        w.tracks(child, "cancelled none not_expected none none Closed");
        w.due(parent, "2026-12-03 RET-1 delivered 2026-11-16 US");
        assert_eq!(w.rma(parent).pause, None);
        w.unit("B1", "installed MER-LOU CT-A1 2026-11-12..2027-12-31");
        w.verified();
    });
}

#[test]
fn g_too_late_it_is_a_new_failure() {
    each_database("story (g), too late", |db| {
        let w = World::new(db);
        let parent = delivered(&w);
        w.at("2026-12-17 15:00");
        let refusal = w.stores_nothing("a late report", || report(&w.app, &w, parent));
        assert_eq!(refusal.rule, "T20");
        // The replacement is the customer's entitled unit: it gets an RMA of its own.
        w.shipped("B1", "C1");
        w.verified();
    });
}

#[test]
fn g_it_dies_after_the_parent_was_closed() {
    each_database("story (g), closed parent", |db| {
        let w = World::new(db);
        let parent = delivered(&w);
        w.at("2026-11-20 15:00").arrives("RC-MTY", Some(parent), Some("A1"));
        w.accept(parent);
        w.tracks(parent, "issued delivered accepted none cleared Closed");
        let child = report(&w.app, w.at("2026-12-14 15:00"), parent).expect("T20");
        w.tracks(parent, "issued delivered accepted none cleared Closed");
        w.run(child, "logistics:lena", Command::Issue {});
        w.send(child, "C1");
        w.at("2026-12-16 15:00").deliver(child);
        w.tracks(parent, "issued delivered accepted none cleared Closed");
        assert_eq!(w.rma(parent).dead_on_arrival, None);
        w.at("2026-12-18 15:00").arrives("RC-MTY", Some(child), Some("B1"));
        w.accept(child);
        w.tracks(child, "issued delivered accepted none cleared Closed");
        w.verified();
    });
}

#[test]
fn t5_a_unit_that_was_replaced_gets_no_rma_of_its_own() {
    each_database("a replaced unit", |db| {
        let w = World::new(db);
        let rma = delivered(&w);
        w.at("2026-11-20 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        w.accept(rma);
        w.tracks(rma, "issued delivered accepted none cleared Closed");
        let case = w.rma(rma).case_number;
        let refusal = w.stores_nothing("a request", || w.try_request(case, "A1"));
        assert_eq!(refusal.rule, "T5");
        w.verified();
    });
}
