//! The engineer who comes with the part (SVC-5, SVC-8): owed, planned, moved, recorded, declined.

use chrono::{DateTime, Utc};
use homeward::app::attachments::Thing;
use homeward::app::{look, rmas};
use homeward::db::outbox;
use homeward::domain::attachment::AttachmentKind;
use homeward::domain::ids::RmaNumber;
use homeward::domain::programme::Programme;
use homeward::domain::replacement_due::ReplacementDue;
use homeward::domain::rma::promises::Promised;
use homeward::domain::rma::tracks::ReplacementCondition;
use homeward::domain::rma::visit::{Visit, VisitOutcome, VisitState};
use homeward::domain::rma::{Command, Rma};
use homeward::domain::service_level::{Promise, ServiceLevel};
use serde_json::{Value, json};

use crate::support::databases::{TestDatabase, each_database};
use crate::support::files::pdf;
use crate::support::world::{World, actor, on, serial, utc};

fn state(w: &World<'_>, number: RmaNumber) -> Rma {
    w.app
        .db
        .read(|c| look::seen(&w.app, c, &homeward::db::scope::Scope::All, number))
        .expect("an RMA")
        .0
}

fn visit(w: &World<'_>, number: RmaNumber) -> VisitState {
    state(w, number).visit.state
}

/// Whether an engineer came in time; none where nothing is promised, or nobody has come.
fn met(w: &World<'_>, number: RmaNumber) -> Option<bool> {
    let promises = state(w, number).promises();
    promises.iter().find(|promise| promise.what == Promised::Visit)?.met
}

/// What `explain rma` says of the visit.
fn explained(db: &TestDatabase, number: RmaNumber) -> Value {
    let ran = db.homeward(&["explain", "rma", &number.to_string(), "--json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let found: Value = serde_json::from_str(&ran.out).expect("JSON");
    let dates = found["dates"].as_array().expect("dates").clone();
    dates.into_iter().find(|date| date["what"] == "visit").unwrap_or(Value::Null)
}

fn because(found: &Value) -> &str {
    found["because"].as_str().expect("a sentence")
}

/// The kinds of the messages about visits that wait, in their order.
fn told(w: &World<'_>, number: RmaNumber) -> Vec<String> {
    let now = Utc::now() + chrono::TimeDelta::days(400);
    let waiting = w.app.db.write(|c| {
        let ids = outbox::due(c, now, 1_000)?;
        ids.into_iter().map(|id| outbox::lease(c, id, now, now)).collect::<Result<Vec<_>, _>>()
    });
    let mut own: Vec<(i64, String)> = Vec::new();
    for message in waiting.expect("the messages").into_iter().flatten() {
        let about = message.rma.as_ref().is_some_and(|rma| rma.number == number.to_string());
        if about && message.kind.starts_with("visit") {
            own.push((message.id, message.kind.clone()));
        }
    }
    own.sort();
    own.into_iter().map(|(_, kind)| kind).collect()
}

fn plan(at: DateTime<Utc>) -> Command {
    Command::PlanVisit { engineer: "Eva Field".to_owned(), at }
}

fn record(arrived: &str, outcome: VisitOutcome) -> Command {
    let reason = (outcome == VisitOutcome::CouldNot).then(|| "the rails do not fit".to_owned());
    Command::RecordVisit { arrived_at: utc(arrived), outcome, engineer: None, reason }
}

const LENA: &str = "logistics:lena";

#[test]
fn svc_5_a_visit_is_owed_planned_moved_and_recorded_and_keeps_the_rma_open() {
    each_database("an engineer's visit", |db| {
        let w = World::new(db);
        w.install("A1", "MER-LOU");
        w.cover("A1", "MER-LOU", "next_day_onsite");
        w.stock("B1", "DEP-LOU");
        let number = w.at("2026-11-12 15:00").issued("A1");
        let owed = state(&w, number).visit;
        let due = ReplacementDue::DeliverOn { on: on("2026-11-13") };
        assert_eq!((owed.state, owed.due), (VisitState::Owed, Some(due)));
        let found = explained(db, number);
        assert_eq!(
            (&found["due_on"], &found["rule"], &found["verdict"]),
            (&json!("2026-11-13"), &json!("SVC-5"), &json!("owed"))
        );
        let says = "The level next_day_onsite brings an engineer with the replacement, due on Fri 13 Nov \
                    2026; nobody is planned yet";
        assert_eq!(because(&found), says);
        w.send(number, "B1");

        let text = number.to_string();
        let ran = db.homeward(&[
            "rma",
            "do",
            &text,
            "plan_visit",
            "engineer=Eva Field",
            "at=2026-11-13T10:00:00-05:00",
            "--as",
            LENA,
            "--at",
            "2026-11-12T11:30:00-05:00",
        ]);
        assert!(ran.code == 0 && ran.out.contains("event\tvisit_planned"), "{ran:?}");
        let shown = db.homeward(&["rma", "show", &text]).out;
        for line in [
            "promised        visit: to arrive on Fri 13 Nov 2026: open",
            "visit           planned (SVC-5)",
            "planned         Fri 13 Nov 2026 at 10:00 (America/Kentucky/Louisville): Eva Field",
        ] {
            assert!(shown.contains(line), "{line}\n{shown}");
        }
        assert_eq!(w.refused(number, LENA, plan(utc("2026-11-13 16:00"))).rule, "SVC-5");
        let reason = "the site is closed in the morning".to_owned();
        let (engineer, at) = (None, utc("2026-11-13 19:00"));
        w.at("2026-11-13 14:00").run(number, LENA, Command::MoveVisit { engineer, at, reason });
        let moved = explained(db, number);
        assert!(because(&moved).contains("Eva Field comes on Fri 13 Nov 2026 at 14:00"), "{moved}");
        w.at("2026-11-13 15:00").deliver(number);

        // Nobody lets the engineer in: the promise was kept, and somebody comes again.
        let absent = record("2026-11-13 19:05", VisitOutcome::CustomerAbsent);
        w.at("2026-11-13 20:00").run(number, LENA, absent);
        assert_eq!((visit(&w, number), met(&w, number)), (VisitState::Owed, Some(true)));
        let found = explained(db, number);
        assert!(
            because(&found).contains(
                "an engineer arrived on Fri 13 Nov 2026: the promise was kept; Eva Field came on Fri 13 Nov \
                 2026 at 14:05 (America/Kentucky/Louisville) and was not let in; nobody is planned yet"
            ),
            "{found}"
        );

        // Everything else is at its end: the visit alone keeps the RMA open.
        w.at("2026-11-16 16:00").arrives("RC-MTY", Some(number), Some("A1"));
        w.accept(number);
        assert!(state(&w, number).is_open);
        w.run(number, LENA, plan(utc("2026-11-17 15:00")));
        let done = record("2026-11-17 15:10", VisitOutcome::Replaced);
        let outcome = w.at("2026-11-17 17:00").run(number, LENA, done);
        assert_eq!(outcome.events.last().map(|event| event.kind()), Some("closed"));
        assert_eq!((visit(&w, number), met(&w, number)), (VisitState::Done, Some(true)));
        let again = record("2026-11-17 16:00", VisitOutcome::Replaced);
        assert!(w.refused(number, LENA, again).reason.contains("done already"));
        assert_eq!(
            told(&w, number),
            ["visit_planned", "visit_moved", "visit_recorded", "visit_planned", "visit_recorded"]
        );
        let verified = db.homeward(&["verify"]);
        assert_eq!(verified.code, 0, "{verified:?}");
    });
}

#[test]
fn svc_8_an_engineer_is_judged_to_the_minute_day_and_night() {
    each_database("a visit within hours", |db| {
        let w = World::new(db);
        for unit in ["A1", "A2"] {
            w.install(unit, "MER-LOU");
            w.cover(unit, "MER-LOU", "same_day_onsite");
        }
        // A Saturday evening.
        for (unit, arrived, kept) in
            [("A1", "2026-11-15 03:30", true), ("A2", "2026-11-15 03:31", false)]
        {
            let number = w.at("2026-11-14 23:30").issued(unit);
            let found = explained(db, number);
            assert_eq!(found["rule"], "SVC-8", "{found}");
            assert_eq!(found["due_at"], "2026-11-15T03:30:00Z", "{found}");
            w.run(number, LENA, plan(utc("2026-11-15 03:00")));
            assert_eq!(met(&w, number), None);
            // A part was missing: it counts as having come, and somebody comes again.
            let could_not = record(arrived, VisitOutcome::CouldNot);
            w.at("2026-11-15 05:00").run(number, LENA, could_not);
            assert_eq!((visit(&w, number), met(&w, number)), (VisitState::Owed, Some(kept)));
            w.run(number, LENA, plan(utc("2026-11-15 12:00")));
            let done = record("2026-11-15 12:00", VisitOutcome::Replaced);
            w.at("2026-11-15 13:00").run(number, LENA, done);
            assert_eq!((visit(&w, number), met(&w, number)), (VisitState::Done, Some(kept)));
        }
        let asked = ["explain", "replacement", "--approved-at", "2026-11-14T23:30:00Z"];
        for (level, says) in [
            ("same_day_onsite", "; an engineer is due at the site by then (SVC-8)"),
            ("next_day_onsite", "; an engineer is due at the site on that day (SVC-5)"),
        ] {
            let more = ["--level", level, "--calendar", "US", "--zone", "America/New_York"];
            let ran = db.homeward(&[&asked[..], &more].concat());
            assert!(ran.code == 0 && ran.out.contains(says), "{ran:?}");
        }
        let ran = db.homeward(&[&asked[..], &["--level", "same_day"]].concat());
        assert!(!ran.out.contains("engineer"), "{ran:?}");
    });
}

#[test]
fn svc_5_what_cannot_be_is_refused_and_a_visit_ends_with_its_rma() {
    each_database("refused and void visits", |db| {
        let w = World::new(db);
        for unit in ["A1", "A2", "A3", "A4"] {
            w.install(unit, "MER-LOU");
            w.cover(unit, "MER-LOU", if unit == "A4" { "same_day" } else { "next_day_onsite" });
        }
        w.stock("B3", "DEP-LOU");
        w.at("2026-11-12 15:00");
        let later = utc("2026-11-13 15:00");
        let none = "no engineer's visit is promised";
        let (plain, new) = (w.issued("A4"), w.created("A1"));
        for number in [plain, new] {
            assert!(w.refused(number, LENA, plan(later)).reason.starts_with(none));
            let came = record("2026-11-12 14:00", VisitOutcome::Replaced);
            assert!(w.refused(number, LENA, came).reason.starts_with(none));
        }
        assert_eq!(explained(db, plain), Value::Null);
        w.run(new, LENA, Command::Issue {});
        let engineer = |name: &str, at| Command::PlanVisit { engineer: name.to_owned(), at };
        let moved = |reason: &str| Command::MoveVisit {
            engineer: None,
            at: later,
            reason: reason.to_owned(),
        };
        let withdraw = |reason: &str| Command::WithdrawVisit { reason: reason.to_owned() };
        for (who, command, says) in [
            ("customer:noc", plan(later), "customer may not plan visit"),
            (LENA, engineer(" ", later), "the engineer is missing"),
            (LENA, plan(utc("2026-11-12 14:59")), "has gone by"),
            (LENA, plan(utc("2028-01-01 00:00")), "more than a year away"),
            (LENA, moved("closed"), "no visit is planned: it is owed"),
            (LENA, record("2026-11-12 15:00", VisitOutcome::Replaced), "say which engineer came"),
            (LENA, withdraw(""), "the reason is missing"),
        ] {
            let refusal = w.refused(new, who, command);
            assert!(refusal.rule == "SVC-5" && refusal.reason.contains(says), "{refusal:?}");
        }
        w.run(new, LENA, plan(later));
        let bare = Command::RecordVisit {
            arrived_at: utc("2026-11-12 15:00"),
            outcome: VisitOutcome::CouldNot,
            engineer: None,
            reason: None,
        };
        for (command, says) in [
            (moved(""), "the reason is missing"),
            (bare, "what kept the engineer"),
            (record("2026-11-12 14:59", VisitOutcome::Replaced), "before the RMA was issued"),
            (record("2026-11-12 15:01", VisitOutcome::Replaced), "after the visit was over"),
        ] {
            let refusal = w.refused(new, LENA, command);
            assert!(refusal.reason.contains(says), "{refusal:?}");
        }

        // The customer wants none, and thinks better of it.
        w.run(new, LENA, withdraw("our own people do it"));
        assert_eq!((visit(&w, new), met(&w, new)), (VisitState::Declined, None));
        assert!(because(&explained(db, new)).ends_with("; the customer wants no visit"));
        assert!(w.refused(new, LENA, withdraw("again")).reason.contains("it is declined"));
        w.run(new, LENA, plan(later));
        // Called off: the engineer is told off with it, and nobody is sent any more.
        w.run(new, "customer:noc", Command::Cancel { reason: "works again".to_owned() });
        assert_eq!(visit(&w, new), VisitState::Void);
        assert!(!state(&w, new).is_open);
        assert!(w.refused(new, LENA, plan(later)).reason.contains("nobody is to come"));
        assert_eq!(told(&w, new), ["visit_planned", "visit_ended", "visit_planned", "visit_ended"]);
        // Who was told of no visit is told of no end of it.
        let denied = w.issued("A2");
        w.run(denied, LENA, Command::Deny { reason: "not covered".to_owned() });
        assert_eq!((visit(&w, denied), told(&w, denied)), (VisitState::Void, Vec::new()));
        // What comes back unopened is installed by nobody.
        let back = w.shipped("A3", "B3");
        let condition = ReplacementCondition::Unopened;
        let serial_number = serial("B3");
        w.run(back, "dock:dora", Command::ReceiveReplacement { serial_number, condition });
        assert_eq!(visit(&w, back), VisitState::Void);
        assert!(!state(&w, back).is_open);
    });
}

/// AMB-22: a programme may send an engineer after a part that is only promised to leave.
#[test]
fn an_engineer_after_a_part_that_leaves_comes_on_the_sites_next_business_day() {
    let db = TestDatabase::sqlite();
    let w = World::new(&db);
    let mut programme = Programme { version: "2026.9".to_owned(), ..Programme::default() };
    let level = programme.service_levels.terms_mut(ServiceLevel::NextDayOnsite);
    level.promise = Promise::NextDayShip;
    w.programme(&programme);
    w.install("A1", "MER-LOU");
    w.cover("A1", "MER-LOU", "next_day_onsite");
    let number = w.at("2026-11-12 15:00").issued("A1");
    let found = explained(&db, number);
    // It leaves on Friday.
    assert_eq!(found["due_on"], "2026-11-16", "{found}");
}

/// T20: the engineer comes with the child's unit, once.
#[test]
fn t20_a_replacement_dead_on_arrival_hands_its_visit_to_its_child() {
    each_database("a visit for a dead replacement", |db| {
        let w = World::new(db);
        w.install("A1", "MER-LOU");
        w.cover("A1", "MER-LOU", "next_day_onsite");
        for unit in ["B1", "C1"] {
            w.stock(unit, "DEP-LOU");
        }
        let parent = w.at("2026-11-12 15:00").shipped("A1", "B1");
        w.run(parent, LENA, plan(utc("2026-11-13 19:00")));
        w.at("2026-11-13 15:00").deliver(parent);
        let report = |symptom: &str| {
            let (who, now) = (actor("customer:noc"), w.now());
            let who = (&who, "portal");
            let done = w
                .app
                .db
                .write(|c| rmas::report_dead_on_arrival(&w.app, c, parent, symptom, who, now, now));
            done.expect("T20").1
        };
        let first = report("no light at all");
        let says = format!(
            "; the replacement was dead on arrival and {first} sends the next, with an engineer of its own, \
             and nobody comes"
        );
        assert_eq!((visit(&w, parent), met(&w, parent)), (VisitState::Void, None));
        assert!(because(&explained(db, parent)).ends_with(&says), "{}", explained(db, parent));
        assert_eq!(told(&w, parent), ["visit_planned", "visit_ended"]);
        let refused = w.refused(parent, LENA, plan(utc("2026-11-16 15:00"))).reason;
        assert!(refused.contains(&format!("dead on arrival and {first}")), "{refused}");
        // It was a loose cable: what was sent is installed after all, and an engineer may be planned again.
        w.run(first, "customer:noc", Command::Cancel { reason: "a loose cable".to_owned() });
        w.run(parent, LENA, plan(utc("2026-11-13 20:00")));
        assert_eq!(visit(&w, parent), VisitState::Planned);

        let second = report("no light, again");
        w.run(second, LENA, Command::Issue {});
        assert_eq!((visit(&w, parent), visit(&w, second)), (VisitState::Void, VisitState::Owed));
        w.send(second, "C1");
        w.run(second, LENA, plan(utc("2026-11-16 15:00")));
        let done = record("2026-11-16 15:10", VisitOutcome::Replaced);
        w.at("2026-11-16 16:00").run(second, LENA, done);
        w.deliver(second);
        // Neither waits for an engineer: with its unit back each is at its end.
        for (number, unit) in [(parent, "A1"), (second, "B1")] {
            w.at("2026-11-19 15:00").arrives("RC-MTY", Some(number), Some(unit));
            w.accept(number);
            assert!(!state(&w, number).is_open, "{number}");
        }
        let verified = db.homeward(&["verify"]);
        assert_eq!(verified.code, 0, "{verified:?}");
    });
}

/// AMB-26: what the customer bought is not sent, with no label of ours, though an engineer is still to come.
#[test]
fn amb_26_a_unit_that_was_bought_takes_no_label() {
    each_database("a label for a unit that was bought", |db| {
        let w = World::new(db);
        w.install("A1", "MER-LOU");
        w.cover("A1", "MER-LOU", "next_day_onsite");
        w.stock("B1", "DEP-LOU");
        let number = w.at("2026-11-12 15:00").shipped("A1", "B1");
        w.at("2026-11-13 15:00").deliver(number);
        let bought = Command::Purchase { purchase_order: "PO-4711".to_owned() };
        w.run(number, "customer:noc", bought);
        assert!(state(&w, number).is_open, "for its visit");
        let kind = AttachmentKind::CarrierLabel;
        let refused = w.stores_nothing("a label for nothing", || {
            w.try_attach(Thing::Rma(number), kind, LENA, pdf("CSP-1"))
        });
        assert_eq!(refused.rule, "AMB-26");
        assert!(refused.reason.contains("its exposure purchased"), "{}", refused.reason);
    });
}

/// What an earlier issue led to is none of the next one's: no engineer where its level brings none, and no
/// label that the box never left with.
#[test]
fn t19_issued_anew_the_visit_and_the_label_begin_anew() {
    each_database("a visit and a label issued anew", |db| {
        let w = World::new(db);
        w.install("A1", "MER-LOU");
        w.cover("A1", "MER-LOU", "next_day_onsite");
        let number = w.at("2026-11-12 15:00").issued("A1");
        w.run(number, LENA, plan(utc("2026-11-13 19:00")));
        w.attach(Thing::Rma(number), AttachmentKind::CarrierLabel, LENA, pdf("CSP-1"));
        assert_eq!(state(&w, number).label_is_there(), Some(true));
        w.run(number, "customer:noc", Command::Cancel { reason: "works again".to_owned() });
        assert_eq!(visit(&w, number), VisitState::Void);
        w.cover("A1", "MER-LOU", "next_day_delivery");
        let reopen = Command::Reopen { reason: "broke again".to_owned() };
        w.at("2026-11-13 15:00").run(number, "logistics_lead:lia", reopen);
        let lost = w.run(number, LENA, Command::Issue {}).rma;
        assert_eq!((&lost.visit, lost.label_is_there()), (&Visit::default(), Some(false)));
        assert_eq!(explained(db, number), Value::Null);
        let verified = db.homeward(&["verify"]);
        assert_eq!(verified.code, 0, "{verified:?}");
    });
}
