//! ENT-7: whose unit it is, is asked again wherever an RMA takes its terms from it.

use std::sync::Barrier;
use std::thread;

use homeward::app::import::{ImportError, Subject};
use homeward::app::rmas::{self, Outcome, RequestRma, report_dead_on_arrival};
use homeward::app::unit_care::{self, Wanted};
use homeward::app::{App, AppError, cases, visible};
use homeward::db::scope::Scope;
use homeward::db::units::{self, UnitChange, UnitRow};
use homeward::db::{DbError, facts, unit_care as rows};
use homeward::domain::ids::{Manufacturer, RmaNumber};
use homeward::domain::intake::Way;
use homeward::domain::rma::Command;
use homeward::domain::rma::tracks::ReplacementCondition;

use crate::support::bring_in::{bring_in, try_bring_in, try_bring_in_at};
use crate::support::databases::each_database;
use crate::support::world::{World, actor, case_of, request, serial, utc};

const LEAD: &str = "logistics_lead:lia";

fn give(app: &App, unit: &str, now: chrono::DateTime<chrono::Utc>) -> Result<(), AppError> {
    let (manufacturer, serial) = ("Halden".parse().expect("a manufacturer"), serial(unit));
    let to = Wanted::Transfer {
        account: "Noordzee Telecom B.V.".to_owned(),
        site: "NOR-AMS".to_owned(),
    };
    let stamp = unit_care::stamp(&actor("customer_care:cora"), "story", now);
    let what = (&to, "sold");
    rmas::retrying(|| {
        app.db.write(|c| unit_care::care(app, c, (&manufacturer, &serial), what, &stamp))
    })
}

fn sold(w: &World<'_>, unit: &str) {
    give(&w.app, unit, w.now()).expect("a change of owner");
}

#[test]
fn ent_7_an_rma_is_not_taken_up_again_on_a_unit_sold_since() {
    each_database("reopened on a sold unit", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        let rma = w.at("2026-11-12 15:00").created("A1");
        w.run(rma, "logistics:leo", Command::Cancel { reason: "works again".to_owned() });
        w.at("2026-11-13 15:00");
        sold(&w, "A1");
        let reopen = Command::Reopen { reason: "broke again".to_owned() };
        assert_eq!(w.refused(rma, LEAD, reopen).rule, "ENT-7");

        // What was open before anybody asked is not issued either.
        w.advance_unit("A2", "MER-LOU");
        let rma = w.created("A2");
        db.write(|c| {
            let unit = facts::units_of_serial(c, &serial("A2"))?.pop().expect("A2");
            let site = facts::site_of_code(c, "NOR-AMS")?.expect("a site");
            rows::give(c, unit.id, (site.organization_id.expect("an account"), site.id))
        })
        .expect("given behind our back");
        assert_eq!(w.refused(rma, "logistics:lena", Command::Issue {}).rule, "ENT-7");
    });
}

#[test]
fn ent_7_a_sold_replacement_is_not_dead_on_its_former_owners_arrival() {
    each_database("dead on another's arrival", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        w.at("2026-11-16 15:00").deliver(rma);
        w.arrives("RC-MTY", Some(rma), Some("A1"));
        w.accept(rma);
        w.tracks(rma, "issued delivered accepted none cleared Closed");
        w.at("2026-11-17 15:00");
        sold(&w, "B1");
        let report = |who: &str| -> Result<(Outcome, RmaNumber), AppError> {
            let who = (&actor(who), "portal");
            let (symptom, now) = ("no light at all", w.now());
            w.app.db.write(|c| report_dead_on_arrival(&w.app, c, rma, symptom, who, now, now))
        };
        let refused =
            w.stores_nothing("a report on a sold unit", || report("customer:noc@meridian.example"));
        assert_eq!(refused.rule, "ENT-7");
    });
}

#[test]
fn ent_7_a_failure_in_the_former_owners_days_is_not_under_its_contract() {
    each_database("a failure before the sale", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.at("2026-11-16 15:00");
        sold(&w, "A1");
        let case_number = w.at("2026-11-17 15:00").open_case("A1");
        let wanted = RequestRma {
            case_number,
            serial_number: serial("A1"),
            manufacturer: None,
            symptom: "no light on any port".to_owned(),
            way: Way::default(),
            occurred_at: utc("2026-11-13 15:00"),
            source: "portal".to_owned(),
        };
        let who = actor("customer:noc@noordzee.example");
        let asked = w.app.db.write(|c| rmas::request_rma(&w.app, c, &wanted, &who, w.now()));
        let rma = asked.expect("T1").rma.number;
        w.run(rma, "engineer:eva", Command::Create { diagnosis: Some("dead".to_owned()) });
        w.run(rma, "logistics:lena", Command::Issue {});
        let terms = w.rma(rma).terms.expect("terms");
        let told = serde_json::to_string(&terms.entitlement).expect("JSON");
        assert!(told.contains("warranty") && !told.contains("CT-A1"), "{told}");
    });
}

#[test]
fn ent_7_a_lost_replacement_stays_while_the_rma_it_was_sent_for_is_open() {
    each_database("a lost replacement", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        let reason = "lost in transit".to_owned();
        w.at("2026-11-16 15:00").run(rma, "carrier:swift", Command::FailDelivery { reason });
        w.run(rma, "depot:dirk", Command::Backorder { expected_on: None });
        assert!(w.rma(rma).replacement.is_none());
        let refused = w.stores_nothing("a lost unit is sold", || give(&w.app, "B1", w.now()));
        assert_eq!(refused.rule, "ENT-7");
        assert!(refused.reason.contains(&rma.to_string()), "{}", refused.reason);
    });
}

#[test]
fn ent_7_a_request_and_a_sale_at_once_exactly_one_wins() {
    each_database("a request and a sale", |db| {
        let w = World::new(db);
        w.at("2026-11-12 15:00");
        for n in 0..20 {
            let unit = format!("A{n}");
            w.advance_unit(&unit, "MER-LOU");
            let case = w.open_case(&unit);
            let (app, now, barrier) = (&w.app, w.now(), Barrier::new(2));
            let (asked, given) = thread::scope(|scope| {
                let asking = scope.spawn(|| {
                    barrier.wait();
                    request(app, case, &unit, now).map(|outcome| outcome.rma.number)
                });
                let giving = scope.spawn(|| {
                    barrier.wait();
                    give(app, &unit, now)
                });
                (asking.join().expect("no panic"), giving.join().expect("no panic"))
            });
            match (&asked, &given) {
                (Ok(_), Err(AppError::Refused(refusal))) => assert_eq!(refusal.rule, "ENT-7"),
                (Err(AppError::NoSuch { .. }), Ok(())) => {}
                both => panic!("{unit}: {both:?}"),
            }
        }
        w.verified();
    });
}

#[test]
fn ent_7_a_request_and_a_file_that_sells_at_once_exactly_one_wins() {
    each_database("a request and a file", |db| {
        let w = World::new(db);
        w.at("2026-11-12 15:00");
        for n in 0..20 {
            let unit = format!("A{n}");
            w.advance_unit(&unit, "MER-LOU");
            let case = w.open_case(&unit);
            let (app, now, barrier) = (&w.app, w.now(), Barrier::new(2));
            let (asked, sold) = thread::scope(|scope| {
                let asking = scope.spawn(|| {
                    barrier.wait();
                    request(app, case, &unit, now).map(|outcome| outcome.rma.number)
                });
                let selling = scope.spawn(|| {
                    let csv = format!(
                        "manufacturer,serial_number,part_number,account,site,shipped_on,registered_on\n\
                         Halden,{unit},HX-4300,Noordzee Telecom B.V.,NOR-AMS,2026-01-10,2026-01-12\n"
                    );
                    barrier.wait();
                    try_bring_in(db, Subject::Units, &unit, &csv)
                });
                (asking.join().expect("no panic"), selling.join().expect("no panic"))
            });
            let counts = sold.expect("a file that is taken").counts;
            let owner =
                db.read(|c| facts::units_of_serial(c, &serial(&unit))).expect("the register");
            let owner = owner[0].organization_id.expect("an owner");
            let owner =
                db.read(|c| facts::account(c, owner)).expect("the register").expect("it").name;
            match &asked {
                Ok(_) => {
                    assert_eq!(
                        (counts.moved_on, owner.as_str()),
                        (1, "Meridian Networks"),
                        "{unit}"
                    );
                }
                Err(AppError::NoSuch { .. }) => {
                    assert_eq!(
                        (counts.changed, owner.as_str()),
                        (1, "Noordzee Telecom B.V."),
                        "{unit}"
                    );
                }
                Err(other) => panic!("{unit}: {other:?}"),
            }
        }
        w.verified();
    });
}

#[test]
fn ent_7_a_sale_and_a_contract_of_the_seller_at_once_leave_no_cover() {
    each_database("a sale and a contract", |db| {
        let w = World::new(db);
        w.at("2026-11-12 15:00");
        for n in 0..20 {
            let unit = format!("A{n}");
            w.install(&unit, "MER-LOU");
            let (app, now, barrier) = (&w.app, w.now(), Barrier::new(2));
            let (covered, given) = thread::scope(|scope| {
                let covering = scope.spawn(|| {
                    let csv = format!(
                        "contract_number,account,level,starts_on,ends_on,manufacturer,serial_number\n\
                         CT-{unit},Meridian Networks,same_day,2026-01-01,2029-12-31,Halden,{unit}\n"
                    );
                    barrier.wait();
                    try_bring_in(db, Subject::Contracts, &unit, &csv).map(drop)
                });
                let giving = scope.spawn(|| {
                    barrier.wait();
                    give(app, &unit, now)
                });
                (covering.join().expect("no panic"), giving.join().expect("no panic"))
            });
            given.expect("a change of owner");
            match covered {
                // Before the sale, or found out as the row or the write of one that comes too late.
                Ok(()) | Err(ImportError::Rows { .. }) => {}
                Err(ImportError::Database(error)) if error.is_busy() => {}
                Err(other) => panic!("{unit}: {other:?}"),
            }
            let covers = db.read(|c| {
                let unit = facts::units_of_serial(c, &serial(&unit))?.pop().expect("the unit");
                facts::covers(c, unit.id)
            });
            for row in covers.expect("the register") {
                let ended = row.cover.through_on < w.now().date_naive();
                assert!(row.former && ended, "{unit}: {row:?}");
            }
        }
        w.verified();
    });
}

#[test]
fn ent_6_what_comes_back_to_stock_is_marked_no_longer() {
    each_database("a marked replacement comes back", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").issued("A1");
        w.at("2026-11-12 22:00").send(rma, "B1");
        w.at("2026-11-16 15:00").deliver(rma);
        let stamp = unit_care::stamp(&actor("customer_care:cora"), "story", w.now());
        let unit = ("Halden".parse().expect("a manufacturer"), serial("B1"));
        let what = (&Wanted::MarkGreyMarket, "sold by a stranger");
        db.write(|c| unit_care::care(&w.app, c, (&unit.0, &unit.1), what, &stamp)).expect("a mark");
        let back = Command::ReceiveReplacement {
            serial_number: serial("B1"),
            condition: ReplacementCondition::Unopened,
        };
        w.at("2026-11-18 15:00").run(rma, "dock:dora", back);
        let unit = db.read(|c| facts::unit(c, &unit.0, &unit.1)).expect("the register");
        let last = db.read(|c| rows::of_unit(c, unit.expect("B1").id)).expect("its care").pop();
        assert_eq!(last.expect("a row").kind, "reinstated");
    });
}

/// As an import does that read the unit before somebody gave it away.
#[test]
fn ent_7_a_change_judged_by_the_owner_before_is_judged_again() {
    each_database("a change by a former owner's file", |db| {
        let w = World::new(db);
        w.install("A1", "MER-LOU");
        let read = || {
            let found = db.read(|c| units::units_by_serial(c, &["A1"])).expect("the register");
            found.into_iter().next().expect("A1")
        };
        let was = read();
        w.at("2026-11-16 15:00");
        sold(&w, "A1");
        let change = UnitChange {
            part_number: "HX-4310",
            organization_id: was.organization_id,
            site_id: was.site_id,
            shipped_on: was.shipped_on,
            distributor: None,
            resold_on: None,
            registered_on: was.registered_on,
        };
        let since = read();
        let done = db.write(|c| units::update_unit(c, &was, change));
        assert!(matches!(done, Err(DbError::Busy { .. })), "{done:?}");
        assert_eq!(read(), since);
        // A unit of nobody's is told from one of somebody's, too.
        w.stock("B1", "DEP-LOU");
        let nobodys = UnitRow { organization_id: None, ..since.clone() };
        let own = UnitChange { organization_id: None, ..change };
        let done = db.write(|c| units::update_unit(c, &nobodys, own));
        assert!(matches!(done, Err(DbError::Busy { .. })), "{done:?}");
        let change =
            UnitChange { organization_id: since.organization_id, site_id: since.site_id, ..change };
        db.write(|c| units::update_unit(c, &since, change)).expect("judged again");
        assert_eq!(read().part_number, "HX-4310");
    });
}

/// What customer care did with a replacement in the days of one customer is not the next one's to know.
#[test]
fn ent_7_what_was_done_before_a_unit_came_back_to_stock_is_not_told_to_the_next() {
    each_database("care before the stock", |db| {
        let w = World::new(db);
        for unit in ["B1", "B2"] {
            w.stock(unit, "DEP-VEN");
        }
        let ours: Manufacturer = "Halden".parse().expect("a manufacturer");
        let care = |unit: &str, what: &Wanted| {
            let stamp = unit_care::stamp(&actor("customer_care:cora"), "desk", w.now());
            let (unit, what) = ((&ours, &serial(unit)), (what, "Meridian's broker"));
            db.write(|c| unit_care::care(&w.app, c, unit, what, &stamp)).expect("care");
        };
        // One comes back marked, the other marked and reinstated.
        for (unit, sent, reinstated) in [("A1", "B1", false), ("A2", "B2", true)] {
            w.advance_unit(unit, "MER-LOU");
            let rma = w.at("2026-11-12 15:00").shipped(unit, sent);
            w.at("2026-11-16 15:00").deliver(rma);
            care(sent, &Wanted::MarkGreyMarket);
            if reinstated {
                care(sent, &Wanted::Reinstate);
            }
            let back = Command::ReceiveReplacement {
                serial_number: serial(sent),
                condition: ReplacementCondition::Unopened,
            };
            w.at("2026-11-18 15:00").run(rma, "dock:dora", back);
        }
        for (unit, sent) in [("N1", "B1"), ("N2", "B2")] {
            w.advance_unit(unit, "NOR-AMS");
            w.at("2026-11-19 15:00").shipped(unit, sent);
            care(sent, &Wanted::MarkGreyMarket);
            let seen = |scope: &Scope| {
                let key = (&ours, &serial(sent));
                let unit = db.read(|c| visible::unit(&w.app, c, scope, key, w.now()));
                unit.expect("the unit").care
            };
            let owner = db.read(|c| facts::unit(c, &ours, &serial(sent))).expect("the register");
            let owner = owner.and_then(|unit| unit.organization_id).expect("an owner");
            let told = seen(&Scope::Accounts(vec![owner]));
            let (last, before) = told.split_last().expect("care");
            assert_eq!(last.reason.as_deref(), Some("Meridian's broker"), "of their own days");
            for line in before {
                let said = [&line.actor, &line.source, &line.reason, &line.account_was];
                assert!(said.iter().all(|text| text.is_none()), "{sent}: {line:?}");
                assert!(line.site_was.is_none() && line.site.is_none(), "{sent}: {line:?}");
            }
            let all = seen(&Scope::All);
            assert_eq!(all.len(), told.len());
            let back = all.iter().rfind(|line| line.account_was.is_some()).expect("the return");
            assert_eq!(
                (back.account_was.as_deref(), back.reason.as_deref()),
                (Some("Meridian Networks"), Some("came back to our stock"))
            );
            let places = (back.site_was.as_deref(), back.site.as_deref());
            assert_eq!(places, (Some("MER-LOU"), Some("DEP-LOU")));
        }
    });
}

/// In the evening of one day in Kentucky it is the next in UTC and in Amsterdam.
#[test]
fn ent_7_the_day_of_a_change_is_that_of_where_the_unit_stands() {
    each_database("a change in the evening", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.at("2026-11-22 01:40");
        sold(&w, "A1");
        let file = || {
            let csv = "contract_number,account,level,starts_on,ends_on,manufacturer,serial_number\n\
                       CT-A1,Meridian Networks,next_day_delivery,2026-01-01,2029-12-31,Halden,A1\n";
            try_bring_in_at(db, Subject::Contracts, ("contracts", csv), w.now())
        };
        file().expect("what it covered before");
        let mine = Wanted::Transfer {
            account: "Meridian Networks".to_owned(),
            site: "MER-LOU".to_owned(),
        };
        w.at("2026-11-22 01:50");
        let stamp = unit_care::stamp(&actor("customer_care:cora"), "desk", w.now());
        let halden: Manufacturer = "Halden".parse().expect("a manufacturer");
        let back = (&mine, "sale undone");
        db.write(|c| unit_care::care(&w.app, c, (&halden, &serial("A1")), back, &stamp))
            .expect("a change of owner");
        file().expect("a contract");
        let days = |unit: &str| {
            let covers = db.read(|c| {
                let unit = facts::units_of_serial(c, &serial(unit))?.pop().expect("the unit");
                facts::covers(c, unit.id)
            });
            let covers = covers.expect("the register");
            let mut days: Vec<String> = covers
                .iter()
                .map(|row| format!("{}..={}", row.cover.from_on, row.cover.through_on))
                .collect();
            days.sort();
            days
        };
        // In Louisville it is the 21st.
        assert_eq!(days("A1"), ["2026-01-01..=2026-11-20", "2026-11-21..=2029-12-31"]);

        // Sold by a file of units it is no other day.
        w.advance_unit("A2", "MER-LOU");
        let csv = "manufacturer,serial_number,part_number,account,site,shipped_on,registered_on\n\
                   Halden,A2,HX-4300,Noordzee Telecom B.V.,NOR-AMS,2026-01-10,2026-01-12\n";
        try_bring_in_at(db, Subject::Units, ("units", csv), w.now()).expect("a change of owner");
        assert_eq!(days("A2"), ["2026-01-01..=2026-11-20"]);
    });
}

/// A unit sold from Shanghai westwards, where it is still the day before: the seller's contract ends with that
/// very day, and serves nobody there.
#[test]
fn ent_1_a_partner_comes_with_no_former_owners_contract() {
    each_database("a partner and a former owner's contract", |db| {
        let w = World::new(db);
        w.install_row("S1", "HX-4300", "YH-PVG", "2020-01-10", "2020-01-12");
        w.cover("S1", "YH-PVG", "next_day_delivery");
        bring_in(
            db,
            Subject::Organizations,
            "name,kind,currency,bill_to,qualification,qualified_from,partner_contract,partner_contract_from\n\
             Cascade Partners,partner,USD,Cascade Partners,operate_specialist,2020-01-01,PC-1,2020-01-01\n",
        );
        w.at("2026-11-16 20:00");
        let to = Wanted::Transfer {
            account: "Meridian Networks".to_owned(),
            site: "MER-LOU".to_owned(),
        };
        let stamp = unit_care::stamp(&actor("customer_care:cora"), "desk", w.now());
        let ours: Manufacturer = "Halden".parse().expect("a manufacturer");
        let what = (&to, "sold");
        db.write(|c| unit_care::care(&w.app, c, (&ours, &serial("S1")), what, &stamp))
            .expect("a change of owner");
        let case = case_of("S1");
        let who = actor("partner:Cascade Partners");
        let refused = w.stores_nothing("a partner's case", || {
            w.app.db.write(|c| cases::open(&w.app, c, &case, &who, w.now()))
        });
        assert_eq!(refused.rule, "ENT-1");
    });
}
