//! (c): the customer says it was delivered to us.

use homeward::app::attachments::Thing;
use homeward::domain::attachment::{AttachmentKind, FileRef};
use homeward::domain::ids::{AttachmentId, RmaNumber};
use homeward::domain::rma::{Command, Refusal};

use crate::support::databases::each_database;
use crate::support::files::{pdf, sha256};
use crate::support::world::{World, charge, credit, on};

const CUSTOMER: &str = "customer:noc@meridian.example";

/// The day of the proof.
const ON: &str = "2026-11-20";

fn claimed(w: &World<'_>) -> RmaNumber {
    w.advance_unit("A1", "MER-LOU");
    w.stock("B1", "DEP-LOU");
    let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
    w.at("2026-11-16 15:00").deliver(rma);
    w.at("2026-11-27 15:00").run(rma, CUSTOMER, w.claim(rma, ON));
    w.tracks(rma, "issued delivered delivery_claimed none exposed Open");
    w.owed(rma, "nothing");
    // T13: 10 business days in Monterrey.
    assert_eq!(w.rma(rma).claim.expect("a claim").decide_by, on("2026-12-11"));
    // The exposure stands still: neither reminder nor review.
    assert_eq!(w.at("2026-12-04 15:00").clock(), Default::default());
    rma
}

#[test]
fn c_claimed_and_found_is_received_on_the_proofs_date() {
    each_database("story (c), found", |db| {
        let w = World::new(db);
        let rma = claimed(&w);
        w.run(rma, "logistics:leo", Command::UpholdClaim { found: true });
        w.tracks(rma, "issued delivered received none exposed Open");
        assert_eq!(w.rma(rma).received_on, Some(on("2026-11-20")));
        w.accept(rma);
        w.tracks(rma, "issued delivered accepted none cleared Closed");
        w.outbox(rma, "acknowledgement issued shipped delivered claim_decided received closed");
        w.verified();
    });
}

#[test]
fn c_claimed_and_not_found_is_lost_by_us() {
    each_database("story (c), not found", |db| {
        let w = World::new(db);
        let rma = claimed(&w);
        w.run(rma, "logistics:leo", Command::UpholdClaim { found: false });
        w.tracks(rma, "issued delivered lost_by_us none cleared Closed");
        w.owed(rma, "nothing");
        w.ledger(rma, "");

        // It turns up on a shelf a month later.
        w.at("2027-01-08 15:00").arrives("RC-MTY", None, Some("A1"));
        w.tracks(rma, "issued delivered received none cleared Open");
        w.accept(rma);
        w.tracks(rma, "issued delivered accepted none cleared Closed");
        w.verified();
    });
}

#[test]
fn c_claimed_after_the_charge_and_not_found_opens_the_credit_review() {
    each_database("story (c), charged", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        w.at("2026-11-16 15:00").deliver(rma);
        w.at("2026-12-02 06:00").clock();
        w.run(rma, "finance:fred", charge(420_000));
        w.at("2026-12-03 15:00").run(rma, CUSTOMER, w.claim(rma, ON));
        w.tracks(rma, "issued delivered delivery_claimed none charged Open");
        w.at("2026-12-04 15:00").run(rma, "logistics:leo", Command::UpholdClaim { found: false });
        w.tracks(rma, "issued delivered lost_by_us none credit_review Open");
        w.run(rma, "finance:fred", credit(420_000));
        w.tracks(rma, "issued delivered lost_by_us none credited Closed");
        w.ledger(rma, "charge 420000 USD, credit 420000 USD");
        w.verified();
    });
}

#[test]
fn c_claimed_and_rejected_is_owed_again_and_the_clock_runs_on() {
    each_database("story (c), rejected", |db| {
        let w = World::new(db);
        let rma = claimed(&w);
        let reject = Command::RejectClaim { reason: "another street".to_owned() };
        w.run(rma, "logistics:leo", reject);
        w.tracks(rma, "issued delivered awaiting none exposed Open");
        // Five business days stood still: 11-30, 12-01 … 12-04.
        w.due(rma, "2026-12-08 RET-1 delivered 2026-11-16 US");
        w.owed(rma, "2026-12-08 exposed 0");
        assert_eq!(w.at("2026-12-09 06:00").clock().fell_due, 1);
        w.tracks(rma, "issued delivered awaiting none in_review Open");
        w.outbox(rma, "acknowledgement issued shipped delivered claim_decided");
        w.verified();
    });
}

#[test]
fn c_claimed_in_review_nothing_is_charged_until_it_is_decided() {
    each_database("story (c), in review", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        w.at("2026-11-16 15:00").deliver(rma);
        w.at("2026-12-02 06:00").clock();
        w.at("2026-12-03 15:00").run(rma, CUSTOMER, w.claim(rma, ON));
        w.tracks(rma, "issued delivered delivery_claimed none in_review Open");
        assert_eq!(w.refused(rma, "finance:fred", charge(1)).rule, "AMB-30");
        let reject = Command::RejectClaim { reason: "another street".to_owned() };
        w.at("2026-12-09 15:00").run(rma, "logistics:leo", reject);
        // The window had ended before the claim: four business days more do not bring it back.
        w.tracks(rma, "issued delivered awaiting none in_review Open");
        w.run(rma, "finance:fred", charge(420_000));
        w.tracks(rma, "issued delivered awaiting none charged Closed");
        w.verified();
    });
}

#[test]
fn c_claimed_and_the_box_arrives_before_anybody_decides() {
    each_database("story (c), it arrives", |db| {
        let w = World::new(db);
        let rma = claimed(&w);
        w.arrives("RC-MTY", Some(rma), Some("A1"));
        w.tracks(rma, "issued delivered received none exposed Open");
        assert_eq!(w.rma(rma).claim, None);
        w.accept(rma);
        w.tracks(rma, "issued delivered accepted none cleared Closed");
        w.verified();
    });
}

#[test]
fn c_words_and_files_of_others_are_no_proof() {
    each_database("story (c), without a proof", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.advance_unit("A2", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        w.stock("B2", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        let other = w.shipped("A2", "B2");
        w.at("2026-11-27 15:00");
        let with = |attachments: Vec<AttachmentId>| Command::ClaimDelivery {
            proof: "signed for at gate 2".to_owned(),
            delivered_on: on(ON),
            attachments,
        };
        let why = |refusal: Refusal, part: &str| {
            assert_eq!(refusal.rule, "T13");
            assert!(refusal.reason.contains(part), "{refusal}");
        };
        why(w.refused(rma, CUSTOMER, with(Vec::new())), "no proof of delivery is attached");
        why(w.refused(rma, CUSTOMER, with(vec![AttachmentId(99)])), "attachment 99 is no");
        let Command::ClaimDelivery { attachments: foreign, .. } = w.claim(other, ON) else {
            unreachable!()
        };
        why(w.refused(rma, CUSTOMER, with(foreign)), "is no delivery_proof of");
        let kept = |kind| w.attach(Thing::Rma(rma), kind, "logistics:leo", pdf("of the kind")).id;
        let photo = kept(AttachmentKind::Other);
        why(w.refused(rma, CUSTOMER, with(vec![photo])), "is no delivery_proof of");
        // Named twice, it is one; and the event keeps its hash.
        let proof = kept(AttachmentKind::DeliveryProof);
        w.run(rma, CUSTOMER, with(vec![proof, proof]));
        let expected = vec![FileRef { id: proof, sha256: sha256(&pdf("of the kind")) }];
        assert_eq!(w.rma(rma).claim.expect("a claim").proofs, expected);
        w.verified();
    });
}

#[test]
fn c_a_claim_with_an_impossible_date_is_refused() {
    each_database("story (c), impossible dates", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.stock("B1", "DEP-LOU");
        let rma = w.at("2026-11-12 15:00").shipped("A1", "B1");
        w.at("2026-11-16 15:00").deliver(rma);
        for date in ["2026-11-11", "2026-11-17"] {
            let claim = w.claim(rma, date);
            assert_eq!(w.refused(rma, CUSTOMER, claim).rule, "T13");
        }
        w.verified();
    });
}
