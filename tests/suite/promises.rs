//! What is promised at issue and what becomes of it: a depot's own cut-off (AMB-6), carriage (WAR-6,
//! AMB-26), whether a promise was kept (AMB-13), and what a request can expect (AMB-11).

use homeward::app::import::Subject;
use homeward::app::{look, notices, papers};
use homeward::db::outbox;
use homeward::domain::carriage::{Carriage, Payer};
use homeward::domain::ids::RmaNumber;
use homeward::domain::rma::event::Terms;
use homeward::domain::rma::tracks::Repair;
use homeward::domain::rma::{Command, Rma};
use serde_json::{Value, json};

use crate::http::{self, Stage, token};
use crate::support::bring_in::bring_in;
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::Request;
use crate::support::snapshot::snapshot;
use crate::support::world::{World, ship};

fn state(w: &World<'_>, number: RmaNumber) -> Rma {
    w.app
        .db
        .read(|c| look::seen(&w.app, c, &homeward::db::scope::Scope::All, number))
        .expect("an RMA")
        .0
}

fn terms(w: &World<'_>, number: RmaNumber) -> Terms {
    *state(w, number).terms.expect("terms")
}

/// The date of one subject, as `explain rma` has it.
fn date(db: &TestDatabase, number: RmaNumber, what: &str) -> Value {
    let ran = db.homeward(&["explain", "rma", &number.to_string(), "--json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let found: Value = serde_json::from_str(&ran.out).expect("JSON");
    let dates = found["dates"].as_array().expect("dates").clone();
    dates.into_iter().find(|date| date["what"] == what).unwrap_or_else(|| panic!("no {what}"))
}

/// Gives the depot of Louisville a cut-off of its own.
fn cut_off(db: &TestDatabase, time: &str) {
    bring_in(
        db,
        Subject::Sites,
        &format!(
            "code,name,kind,region,address,country,zone,calendar,cut_off\n\
             DEP-LOU,Depot Louisville,depot,AMER,Air Park|Louisville KY,US,America/Kentucky/Louisville,US,{time}\n"
        ),
    );
}

#[test]
fn amb_6_a_depots_own_cut_off_is_kept_with_the_terms() {
    each_database("a cut-off of a depot", |db| {
        let w = World::new(db);
        for unit in ["A1", "A2", "A3"] {
            w.advance_unit(unit, "MER-LOU");
        }
        // Thursday 12 November, 14:30 in Louisville: in time for 15:00, too late for 14:00.
        let ours = w.at("2026-11-12 19:30").issued("A1");
        assert_eq!(date(db, ours, "replacement")["due_on"], "2026-11-13");
        cut_off(db, "14:00");
        let own = w.issued("A2");
        let found = date(db, own, "replacement");
        assert_eq!(found["due_on"], "2026-11-16", "{found}");
        let because = found["because"].as_str().expect("a sentence");
        assert!(
            because.contains(
                "the depot DEP-LOU counts orders to 14:00 as that day's, its own cut-off"
            ),
            "{because}"
        );
        // A later file changes new RMAs alone.
        cut_off(db, "");
        let kept = terms(&w, own).dispatch.expect("what it was counted by");
        assert_eq!((kept.cut_off.to_string().as_str(), kept.own_cut_off), ("14:00:00", true));
        assert_eq!(date(db, own, "replacement"), found);
        let later = w.issued("A3");
        let kept = terms(&w, later).dispatch.expect("what it was counted by");
        assert_eq!((kept.cut_off.to_string().as_str(), kept.own_cut_off), ("15:00:00", false));
        assert_eq!(date(db, later, "replacement")["due_on"], "2026-11-13");
        crate::explain::stored::assert_dates_stand(&w.app);
    });
}

#[test]
fn amb_6_a_cut_off_that_is_none_is_refused() {
    let db = TestDatabase::sqlite();
    let _ = World::new(&db);
    for (kind, time, says) in [
        ("depot", "3pm", "column `cut_off`: \"3pm\" is not a time of day; write it as 15:00"),
        ("repair_centre", "14:00", "column `cut_off`: only a depot has a cut-off (AMB-6)"),
    ] {
        let csv = format!(
            "code,name,kind,contract_manufacturer,region,address,country,zone,calendar,cut_off\n\
             X-1,Somewhere,{kind},Fab One,AMER,Air Park,US,America/New_York,US,{time}\n"
        );
        std::fs::write(db.folder().join("sites.csv"), csv).expect("a file");
        let ran = db.homeward(&["import", "sites", "sites.csv"]);
        assert!(ran.code == 1 && ran.err.contains(says), "{ran:?}");
    }
}

/// What the confirmation of an RMA says, and its instructions.
fn said(w: &World<'_>, number: RmaNumber) -> (String, Option<String>) {
    let links = notices::Links { status_url: "https://rma.example".to_owned(), survey_url: None };
    let now = chrono::Utc::now();
    let waiting = w.app.db.write(|c| {
        let ids = outbox::due(c, now, 100)?;
        // Given back at once: the next RMA's message is looked for among the same.
        ids.into_iter().map(|id| outbox::lease(c, id, now, now)).collect::<Result<Vec<_>, _>>()
    });
    let message = waiting
        .expect("the messages")
        .into_iter()
        .flatten()
        .find(|message| {
            let own = message.rma.as_ref().is_some_and(|rma| rma.number == number.to_string());
            own && message.kind == "issued"
        })
        .expect("the confirmation");
    let contents = w.app.db.read(|c| notices::contents(&w.app, c, &message, &links));
    let letter = homeward::mail::render(&contents.expect("its contents").notice).expect("a letter");
    let url = "https://rma.example";
    let sheet = w.app.db.read(|c| papers::instructions(&w.app, c, number, url));
    (letter.text, sheet.expect("instructions").carriage)
}

#[test]
fn war_6_amb_26_who_pays_is_kept_said_and_printed() {
    each_database("carriage", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.install("A2", "MER-LOU");
        w.cover("A2", "MER-LOU", "core_plus");
        w.install("A3", "MER-LOU");
        w.at("2026-11-12 15:00");
        for (unit, rule, (inbound, outbound), prepaid, sentence, sheet) in [
            (
                "A1",
                "AMB-26",
                (Payer::Vendor, Payer::Vendor),
                true,
                "We pay the carriage both ways.",
                "We pay the carriage to us; the prepaid label is still to come.",
            ),
            (
                "A2",
                "AMB-26",
                (Payer::Customer, Payer::Vendor),
                false,
                "The carriage of the unit to us is yours to pay; we pay the way back.",
                "The carriage to us is yours to pay.",
            ),
            (
                "A3",
                "WAR-6",
                (Payer::Customer, Payer::Customer),
                false,
                "Under the warranty the carriage is yours to pay both ways",
                "The carriage to us is yours to pay.",
            ),
        ] {
            let number = w.issued(unit);
            let kept = terms(&w, number).carriage.expect("who pays");
            let expected =
                Carriage { inbound, outbound, prepaid_label: prepaid, rule: rule.to_owned() };
            assert_eq!(kept, expected, "{unit}");
            let found = date(db, number, "carriage");
            assert_eq!(
                (&found["rule"], &found["verdict"]),
                (&json!(rule), &json!(format!("inbound {inbound}, outbound {outbound}")))
            );
            let shown = db.homeward(&["rma", "show", &number.to_string()]).out;
            let line = format!("carriage        inbound {inbound}, outbound {outbound} ({rule})");
            assert!(shown.contains(&line), "{shown}");
            let (letter, printed) = said(&w, number);
            let letter = letter.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(letter.contains(sentence), "{letter}");
            let told = (letter.matches("carriage").count(), letter.contains("prepaid label"));
            assert_eq!(told, (1, prepaid), "said once: {letter}");
            assert_eq!(printed.as_deref(), Some(sheet), "{unit}");
        }
        // Nothing is asked back: no label lies in the box.
        w.install("A4", "MER-LOU");
        w.cover_row("A4", "MER-LOU", "same_day", "2027-12-31", true);
        let kept = w.issued("A4");
        assert!(!terms(&w, kept).carriage.expect("who pays").prepaid_label);
    });
}

#[test]
fn terms_of_older_programs_still_read() {
    let db = TestDatabase::sqlite();
    let w = World::new(&db);
    w.advance_unit("A1", "MER-LOU");
    let number = w.at("2026-11-12 15:00").issued("A1");
    let terms = terms(&w, number);
    let mut old = serde_json::to_value(&terms).expect("JSON");
    let object = old.as_object_mut().expect("an object");
    assert!(object.remove("carriage").is_some() && object.remove("dispatch").is_some());
    let read: Terms = serde_json::from_value(old.clone()).expect("terms without what came later");
    assert_eq!((&read.carriage, &read.dispatch), (&None, &None));
    assert_eq!(read.depot_zone(), terms.ship_to.zone);
    // And are written as they were, so that their events keep their hashes.
    assert_eq!(serde_json::to_value(&read).expect("JSON"), old);
}

#[test]
fn amb_13_a_repair_is_in_time_when_it_ships_by_its_day() {
    each_database("a repair's promise", |db| {
        for (shipped, met, judged) in [
            // The last second of the day in Monterrey, and the first of the next.
            ("2026-12-30 05:59", true, "shipped on Tue 29 Dec 2026: the promise was kept"),
            ("2026-12-30 06:00", false, "shipped on Wed 30 Dec 2026: the promise was not kept"),
        ] {
            let w = World::new(db);
            let unit = if met { "A1" } else { "A2" };
            w.install(unit, "MER-LOU");
            let number = w.at("2026-11-12 15:00").issued(unit);
            assert!(state(&w, number).promises().is_empty());
            w.at("2026-11-30 16:00").arrives("RC-MTY", Some(number), Some(unit));
            w.accept(number);
            let open = date(db, number, "repair");
            assert_eq!((&open["due_on"], open.get("met")), (&json!("2026-12-29"), None));
            assert!(
                db.homeward(&["rma", "show", &number.to_string()])
                    .out
                    .contains("promised        repair: to leave on Tue 29 Dec 2026: open")
            );
            w.run(number, "repair:rita", Command::StartRepair {});
            w.run(number, "repair:rita", Command::FinishRepair { outcome: Repair::Repaired });
            w.at(shipped).run(number, "depot:dirk", ship());
            let found = date(db, number, "repair");
            assert_eq!(found["met"], met, "{found}");
            assert!(found["because"].as_str().expect("a sentence").ends_with(judged), "{found}");
            // What left in time and was not delivered goes out again: the promise was kept.
            let reason = "nobody there".to_owned();
            w.run(number, "carrier:carl", Command::FailDelivery { reason });
            w.at("2027-01-05 16:00").run(number, "depot:dirk", ship());
            assert_eq!(date(db, number, "repair")["met"], met, "sent again");
        }
    });
}

#[test]
fn amb_13_a_replacements_promise_is_met_by_its_shipping_or_its_proved_delivery() {
    each_database("a replacement's promise", |db| {
        let w = World::new(db);
        for (serial, level) in [
            ("A1", "next_day_ship"),
            ("A2", "next_day_delivery"),
            ("A3", "same_day"),
            ("A4", "next_day_delivery"),
        ] {
            w.install(serial, "MER-LOU");
            w.cover(serial, "MER-LOU", level);
            w.stock(&serial.replace('A', "B"), "DEP-LOU");
        }
        let met = |number| state(&w, number).promises()[0].met;
        // Shipping is judged in the depot's zone: 04:30 UTC on the 14th is still Friday in Louisville.
        let ship = w.at("2026-11-12 15:00").issued("A1");
        assert_eq!(met(ship), None);
        w.at("2026-11-14 04:30").send(ship, "B1");
        assert_eq!(met(ship), Some(true));
        assert_eq!(date(db, ship, "replacement")["met"], true);
        // Delivered a day late.
        let late = w.at("2026-11-16 15:00").shipped("A2", "B2");
        assert_eq!(met(late), None);
        w.at("2026-11-18 15:00").deliver(late);
        let found = date(db, late, "replacement");
        let because = found["because"].as_str().expect("a sentence");
        assert_eq!(found["met"], false, "{found}");
        assert!(because.ends_with("delivered on Wed 18 Nov 2026: the promise was not kept"));
        // Four hours, to the minute.
        let hours = w.at("2026-11-19 15:00").shipped("A3", "B3");
        w.at("2026-11-19 19:00").deliver(hours);
        assert_eq!(met(hours), Some(true));
        // An estimate proves nothing; the proof that comes late does.
        let silent = w.at("2026-11-20 15:00").shipped("A4", "B4");
        w.at("2026-12-12 15:00").clock();
        assert!(state(&w, silent).shipment.estimated);
        assert_eq!(met(silent), None);
        w.run_late(silent, "carrier:swift", crate::support::world::deliver(), "2026-11-23 15:00");
        assert_eq!(met(silent), Some(true));
    });
}

#[test]
fn amb_13_over_http() {
    let db = TestDatabase::sqlite();
    let stage = Stage::set(&db, 1);
    let rma = stage.request(&stage.admin, "SN001");
    for command in [
        json!({ "command": "create", "diagnosis": "power supply" }),
        json!({ "command": "issue" }),
        json!({ "command": "allocate", "serial_number": "ST001" }),
        json!({ "command": "ship", "carrier": "UPS" }),
        json!({ "command": "deliver" }),
    ] {
        stage.command(&rma, &command);
    }
    let found = stage.get(&stage.admin, &format!("/api/v1/rmas/{rma}"));
    let promise = &found["promises"][0];
    assert_eq!(
        (&promise["what"], &promise["promise"], &promise["met"]),
        (&json!("replacement"), &json!("deliver_on"), &json!(true)),
        "{found}"
    );
    let terms = &found["terms"];
    assert_eq!(terms["dispatch"]["cut_off"], "15:00:00", "{terms}");
    assert_eq!(terms["carriage"]["inbound"], "vendor", "{terms}");
}

#[test]
fn amb_11_the_answer_to_a_request_says_what_to_expect() {
    let db = TestDatabase::sqlite();
    let stage = Stage::set(&db, 1);
    let customer = token(&db, &["--role", "account_admin", "--account", "Northwind"]);
    // One out of everything, one that registering would help.
    bring_in(
        &db,
        Subject::Units,
        "manufacturer,serial_number,part_number,account,site,shipped_on\n\
         ACME,OLD-1,RT-100,Northwind,NW-1,2020-01-10\n\
         ACME,NEW-1,RT-100,Northwind,NW-1,2026-06-10\n",
    );
    let ask = |serial: &str| {
        let case = stage.open_case(&customer, serial);
        stage.post(&customer, "/api/v1/rmas", &http::rma(&case, serial), 201)
    };
    let covered = ask("SN001");
    let expect = &covered["expect"];
    assert_eq!(expect["prospect"], "issue", "{covered}");
    assert_eq!(expect["mode"], "advance_replacement", "{covered}");
    assert!(expect["because"].as_str().expect("a sentence").contains("contract C-SN"), "{expect}");
    assert!(expect["replacement_due_on"].is_string(), "{expect}");
    assert_eq!(expect["carriage"]["inbound"], "vendor", "{expect}");
    for (serial, hold, says) in
        [("OLD-1", "entitlement", "(ENT-3)"), ("NEW-1", "registration", "(WAR-4)")]
    {
        let expect = &ask(serial)["expect"];
        assert_eq!((&expect["prospect"], &expect["hold"]), (&json!("hold"), &json!(hold)));
        assert!(expect["because"].as_str().expect("a sentence").contains(says), "{expect}");
    }
    // Advice alone: nothing has happened but the request.
    let number = covered["number"].as_str().expect("a number");
    let found = stage.get(&customer, &format!("/api/v1/rmas/{number}"));
    assert_eq!(
        (&found["tracks"]["authorisation"], &found["version"]),
        (&json!("requested"), &json!(1))
    );
    // What the command line says beside the number.
    let case = stage.open_case(&stage.admin, "CN001");
    let asked = ["rma", "request", &case, "--serial", "CN001", "--symptom", "no power"];
    let ran = db.homeward(&[&asked[..], &["--as", "engineer:eva"]].concat());
    assert!(ran.out.starts_with('R') && ran.out.lines().count() == 1, "{ran:?}");
    assert!(ran.err.contains("expected to be issued as advance_replacement: On "), "{ran:?}");
    assert!(ran.err.contains("We pay the carriage both ways."), "{ran:?}");
}

#[test]
fn amb_11_what_to_expect_is_seen_after_the_write_and_with_every_answer() {
    each_database("an answer given twice", |db| {
        let stage = Stage::set(db, 1);
        let case = stage.open_case(&stage.admin, "SN001");
        let body = http::rma(&case, "SN001");
        let request = Request::post("/api/v1/rmas", &body)
            .token(&stage.admin)
            .header("idempotency-key", "once");
        let first = stage.service.send(&request).expect(201);
        assert_eq!(first["expect"]["prospect"], "issue", "{first}");
        assert_eq!(stage.service.send(&request).expect(201), first);
        // It is not kept with the answer, for it is not of the write.
        let kept = snapshot(db);
        let answers = &kept["idempotency_keys"];
        assert!(answers.contains("rma") && !answers.contains("because"), "{answers}");
    });
}
