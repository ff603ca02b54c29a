//! (i) repair analysis, then failure analysis on the answer; and every way an analysis does not come to
//! that (T16, ANA-2 to ANA-8).

use homeward::app::explain;
use homeward::app::import::Subject;
use homeward::db::scope::Scope;
use homeward::domain::analysis::Report;
use homeward::domain::explain::Subject as ExplainedDate;
use homeward::domain::ids::RmaNumber;
use homeward::domain::programme::{FailureAnalysisClock, Programme};
use homeward::domain::rma::Command;
use homeward::domain::rma::tracks::{Exclusion, Party, Repair};

use crate::support::bring_in::bring_in;
use crate::support::databases::each_database;
use crate::support::world::{World, charge, on, ship};

const CUSTOMER: &str = "customer:noc@meridian.example";
const ENGINEER: &str = "engineer:eva";
const TECHNICIAN: &str = "repair:rosa";

/// The product's life as the register knows it.
fn milestones(w: &World<'_>, frs: &str, eol: &str, eos: &str) {
    let csv = format!(
        "manufacturer,part_number,description,list_prices,contract_manufacturer,frs_on,eol_on,eos_on\n\
         Halden,HX-4300,48-port switch,USD 4200.00;EUR 3900.00;CNY 31500.00,Fab One,{frs},{eol},{eos}\n"
    );
    bring_in(w.db, Subject::Products, &csv);
}

fn agree() -> Command {
    Command::AgreeFailureAnalysis { accept_destruction: true }
}

fn report(text: &str, unit_destroyed: bool) -> Command {
    Command::PostFinalReport { report: text.to_owned(), unit_destroyed }
}

fn decline() -> Command {
    Command::DeclineAnalysis { reason: "nothing to learn from it".to_owned() }
}

fn approve() -> Command {
    Command::ApproveAnalysis { reason: "third failure of the batch".to_owned() }
}

/// An advance replacement that was delivered, its analysis asked for.
fn asked(w: &World<'_>) -> RmaNumber {
    w.advance_unit("A1", "MER-LOU");
    w.stock("B1", "DEP-LOU");
    let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
    w.at("2026-11-30 15:00").deliver(rma);
    w.run(rma, CUSTOMER, Command::RequestAnalysis {});
    rma
}

/// The report that is due: which, when, by which rule and from which day.
#[track_caller]
fn due(w: &World<'_>, rma: RmaNumber, expected: &str) {
    let due = w.rma(rma).analysis_file.due;
    let found = due.map_or("none".to_owned(), |due| {
        format!("{} {} {} {}", due.report, due.due_on, due.rule, due.anchor_on)
    });
    assert_eq!(found, expected, "the report due for {rma}");
    let told = w.app.db.read(|c| explain::rma(&w.app, c, &Scope::All, rma)).expect("its dates");
    let told = told.dates.into_iter().find(|date| date.what == ExplainedDate::Analysis);
    let told = told.map_or("none".to_owned(), |date| {
        let (due_on, anchor_on) = (date.due_on.expect("a day"), date.anchor_on.expect("an anchor"));
        format!("{due_on} {} {anchor_on}", date.rule)
    });
    assert!(expected.ends_with(&told), "{expected}, but explained as {told}");
}

fn reported(w: &World<'_>, rma: RmaNumber) -> Vec<(Report, String)> {
    let reports = w.rma(rma).analysis_file.reports;
    reports.into_iter().map(|posted| (posted.report, posted.text)).collect()
}

/// The rulebook's example 16, with the dates of story (i).
#[test]
fn i_repair_analysis_then_failure_analysis_on_the_answer() {
    each_database("story (i)", |db| {
        let w = World::new(db);
        milestones(&w, "2023-05-02", "", "");
        let rma = asked(&w);
        w.tracks(rma, "issued delivered awaiting none exposed requested Open");
        w.at("2026-12-10 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        due(&w, rma, "none");
        w.at("2026-12-11 15:00").accept(rma);
        w.tracks(rma, "issued delivered accepted none cleared in_repair_analysis Open");
        // ANA-6: a Saturday, not rolled.
        due(&w, rma, "repair_analysis 2027-01-09 ANA-6 2026-12-10");
        assert_eq!(w.refused(rma, CUSTOMER, agree()).rule, "T16");
        assert_eq!(w.refused(rma, TECHNICIAN, report("taken apart", true)).rule, "ANA-8");

        w.at("2027-01-08 15:00").run(rma, TECHNICIAN, report("power stage U7 failed", false));
        w.tracks(rma, "issued delivered accepted none cleared reported Closed");
        due(&w, rma, "none");

        // ANA-8: both, and knowing that it destroys.
        let unwilling = Command::AgreeFailureAnalysis { accept_destruction: false };
        assert_eq!(w.refused(rma, CUSTOMER, unwilling).rule, "ANA-8");
        w.at("2027-01-11 15:00").run(rma, CUSTOMER, agree());
        w.tracks(rma, "issued delivered accepted none cleared reported Open");
        w.refused(rma, CUSTOMER, agree());
        w.at("2027-01-12 15:00").run(rma, ENGINEER, agree());
        w.tracks(rma, "issued delivered accepted none cleared in_failure_analysis Open");
        due(&w, rma, "failure_analysis_interim 2027-01-27 ANA-7 2027-01-12");

        let interim = |on_day| Command::PostInterimReport {
            report: "seen at 55 degrees".to_owned(),
            final_due_on: on(on_day),
        };
        w.at("2027-01-26 15:00");
        w.refused(rma, TECHNICIAN, interim("2027-01-25"));
        w.run(rma, TECHNICIAN, interim("2027-03-01"));
        due(&w, rma, "failure_analysis_final 2027-03-01 ANA-7 2027-01-26");
        w.refused(rma, TECHNICIAN, interim("2027-04-01"));
        w.at("2027-02-26 15:00").run(rma, TECHNICIAN, report("joint cracked by heat", true));
        w.tracks(rma, "issued delivered accepted none cleared reported Closed");
        let text = str::to_owned;
        let expected = [
            (Report::RepairAnalysis, text("power stage U7 failed")),
            (Report::FailureAnalysisInterim, text("seen at 55 degrees")),
            (Report::FailureAnalysisFinal, text("joint cracked by heat")),
        ];
        assert_eq!(reported(&w, rma), expected);
        w.refused(rma, ENGINEER, agree());
        w.outbox(
            rma,
            "acknowledgement issued shipped delivered received analysis_started analysis_report \
             closed analysis_started analysis_report analysis_report closed",
        );
        w.verified();
    });
}

#[test]
fn ana_7_to_the_letter_counts_from_the_receipt() {
    each_database("story (i), literal", |db| {
        let w = World::new(db);
        w.programme(&Programme {
            version: "i".to_owned(),
            failure_analysis_clock: FailureAnalysisClock::Received,
            ..Programme::default()
        });
        milestones(&w, "2023-05-02", "", "");
        let rma = asked(&w);
        w.at("2026-12-10 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        w.accept(rma);
        w.run(rma, TECHNICIAN, report("no fault seen", false));
        w.at("2027-01-12 15:00").run(rma, ENGINEER, agree());
        w.run(rma, CUSTOMER, agree());
        due(&w, rma, "failure_analysis_interim 2026-12-25 ANA-7 2026-12-10");
        w.verified();
    });
}

/// ANA-2 to ANA-4 and AMB-17, by the product's milestones on the day of the request.
#[test]
fn ana_2_to_4_who_may_ask() {
    each_database("eligibility", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        let rma = w.at("2026-11-12 15:00").issued("A1");
        milestones(&w, "2021-11-12", "2026-11-12", "");
        assert_eq!(w.refused(rma, CUSTOMER, Command::RequestAnalysis {}).rule, "ANA-4");
        milestones(&w, "2021-11-12", "", "2026-11-11");
        assert_eq!(w.refused(rma, CUSTOMER, Command::RequestAnalysis {}).rule, "ANA-4");
        w.refused(rma, "depot:dirk", Command::RequestAnalysis {});

        // Announced, but not yet come; the anniversary's own day is the last without approval.
        milestones(&w, "2021-11-12", "2027-01-01", "2030-01-01");
        w.run(rma, CUSTOMER, Command::RequestAnalysis {});
        w.refused(rma, ENGINEER, approve());
        w.refused(rma, CUSTOMER, Command::RequestAnalysis {});
        assert!(!w.rma(rma).analysis_file.awaits_approval);
        w.run(rma, CUSTOMER, decline());
        w.tracks(rma, "issued none awaiting none none declined Open");

        w.advance_unit("A2", "MER-LOU");
        let late = w.at("2026-11-13 15:00").issued("A2");
        w.run(late, CUSTOMER, Command::RequestAnalysis {});
        assert!(w.rma(late).analysis_file.awaits_approval);
        w.refused(late, CUSTOMER, approve());
        w.at("2026-11-20 15:00").arrives("RC-MTY", Some(late), Some("A2"));
        w.accept(late);
        w.tracks(late, "issued none accepted none none requested Open");
        w.at("2026-11-25 15:00").run(late, ENGINEER, approve());
        w.tracks(late, "issued none accepted none none in_repair_analysis Open");
        due(&w, late, "repair_analysis 2026-12-20 ANA-6 2026-11-20");
        w.verified();
    });
}

#[test]
fn ana_5_missing_components_void_it() {
    each_database("void", |db| {
        let w = World::new(db);
        milestones(&w, "2023-05-02", "", "");
        let rma = asked(&w);
        let void = || Command::VoidAnalysis { missing: "fan tray".to_owned() };
        w.refused(rma, "inspector:ines", void());
        w.at("2026-12-10 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        w.run(rma, "inspector:ines", void());
        w.tracks(rma, "issued delivered received none exposed void Open");
        w.accept(rma);
        w.tracks(rma, "issued delivered accepted none cleared void Closed");
        w.refused(rma, CUSTOMER, Command::RequestAnalysis {});
        w.verified();
    });
    each_database("void by inspection", |db| {
        let w = World::new(db);
        milestones(&w, "2023-05-02", "", "");
        let rma = asked(&w);
        w.at("2026-12-10 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        let found = Command::FindExclusion {
            exclusion: Exclusion::MissingComponents,
            evidence: "both supplies gone".to_owned(),
        };
        w.run(rma, "inspector:ines", found);
        w.tracks(rma, "issued delivered received none in_review void Open");
        w.verified();
    });
}

/// T16: the unit of a return to factory stays for its analysis, and is replaced if that destroys it.
#[test]
fn a_return_to_factory_is_kept_and_replaced_when_destroyed() {
    each_database("destroyed by its analysis", |db| {
        let w = World::new(db);
        milestones(&w, "2023-05-02", "", "");
        w.install("A1", "MER-LOU");
        w.cover("A1", "MER-LOU", "core_plus");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").issued("A1");
        w.run(rma, ENGINEER, Command::RequestAnalysis {});
        w.at("2026-11-30 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        w.accept(rma);
        w.tracks(rma, "issued none accepted queued none in_repair_analysis Open");
        w.run(rma, TECHNICIAN, Command::StartRepair {});
        let scrapped = Command::FinishRepair { outcome: Repair::Scrapped };
        assert_eq!(w.refused(rma, TECHNICIAN, scrapped).rule, "T16");
        w.run(rma, TECHNICIAN, Command::FinishRepair { outcome: Repair::Repaired });
        assert_eq!(w.refused(rma, TECHNICIAN, ship()).rule, "T16");
        w.run(rma, TECHNICIAN, report("capacitor C3 replaced", false));

        // Kept until the answer: declined, it may leave; but the customer asks again.
        w.run(rma, CUSTOMER, agree());
        assert_eq!(w.refused(rma, TECHNICIAN, ship()).rule, "T16");
        w.refilled(rma, None);
        w.run(rma, ENGINEER, decline());
        w.tracks(rma, "issued none accepted repaired none reported Open");
        w.refilled(rma, Some("ship"));
        w.run(rma, CUSTOMER, agree());
        w.refilled(rma, None);
        w.at("2026-12-04 15:00").run(rma, ENGINEER, agree());
        assert_eq!(w.rma(rma).analysis_file.agreed, [Party::Customer, Party::Engineer].into());
        w.at("2026-12-14 15:00").run(rma, TECHNICIAN, report("die cracked", true));
        w.tracks(rma, "issued none accepted replaced none reported Open");
        w.refused(rma, TECHNICIAN, ship());
        w.refilled(rma, Some("allocate"));
        w.at("2026-12-15 15:00").send(rma, "B1");
        w.deliver(rma);
        w.tracks(rma, "issued delivered accepted replaced none reported Closed");
        w.unit("A1", "retired MER-LOU CT-A1 2026-01-01..2026-12-14");
        w.unit("B1", "installed MER-LOU CT-A1 2026-12-15..2027-12-31");
        w.verified();
    });
}

/// What has gone back cannot be analysed; what never comes is not waited for.
#[test]
fn without_a_unit_there_is_no_analysis() {
    each_database("no unit", |db| {
        let w = World::new(db);
        milestones(&w, "2023-05-02", "", "");
        let rma = asked(&w);
        let certificate = "shredded, 4711".to_owned();
        w.run(rma, CUSTOMER, Command::CertifyDestruction { certificate });
        w.tracks(rma, "issued delivered not_required_destroyed none cleared void Closed");
        assert_eq!(w.refused(rma, CUSTOMER, Command::RequestAnalysis {}).rule, "T16");

        w.install("A2", "MER-LOU");
        w.cover("A2", "MER-LOU", "core_plus");
        let back = w.issued("A2");
        w.at("2026-12-07 15:00").arrives("RC-MTY", Some(back), Some("A2"));
        w.accept(back);
        w.run(back, TECHNICIAN, Command::StartRepair {});
        w.run(back, TECHNICIAN, Command::FinishRepair { outcome: Repair::NoFaultFound });
        w.run(back, TECHNICIAN, ship());
        assert_eq!(w.refused(back, CUSTOMER, Command::RequestAnalysis {}).rule, "T16");

        // Cancelled, and taken up again: it may be asked for anew.
        w.install("A3", "MER-LOU");
        w.cover("A3", "MER-LOU", "core_plus");
        let again = w.issued("A3");
        w.run(again, CUSTOMER, Command::RequestAnalysis {});
        w.run(again, CUSTOMER, Command::Cancel { reason: "works again".to_owned() });
        w.tracks(again, "cancelled none not_expected none none void Closed");
        w.run(again, "logistics_lead:lou", Command::Reopen { reason: "broke again".to_owned() });
        w.run(again, CUSTOMER, Command::RequestAnalysis {});
        w.tracks(again, "created none not_expected none none requested Open");
        w.verified();
    });
}

/// A request is not what keeps an RMA open whose unit is charged; the unit that comes late is analysed.
#[test]
fn a_charged_unit_that_comes_late_is_analysed() {
    each_database("late, analysed", |db| {
        let w = World::new(db);
        milestones(&w, "2023-05-02", "", "");
        let rma = asked(&w);
        w.at("2026-12-16 12:00").clock();
        w.run(rma, "finance:fred", charge(420_000));
        w.tracks(rma, "issued delivered awaiting none charged requested Closed");
        w.at("2027-01-11 15:00").arrives("RC-MTY", Some(rma), Some("A1"));
        w.accept(rma);
        w.tracks(rma, "issued delivered accepted none credit_review in_repair_analysis Open");
        due(&w, rma, "repair_analysis 2027-02-10 ANA-6 2027-01-11");
        w.verified();
    });
}
