//! Everyday life beside the tour: units that fail and go home as they should, begun on any day of the
//! last three months, so that some are still under way.

use super::story::{Act, Story};
use crate::app::replay::dice::Dice;
use crate::domain::rma::tracks::Repair;

/// How many.
const LIVES: u32 = 150;

/// Sites with an advance replacement, and those whose units are repaired.
const ADVANCE: [&str; 7] =
    ["US-PLH-1", "US-PLH-2", "GB-HFL-1", "GR-EDA-1", "VN-SXV-1", "NO-NSK-1", "CA-CSB-1"];
const FACTORY: [&str; 3] = ["DE-SNB-1", "FR-RDL-1", "BR-TSA-1"];
const PARTS: [&str; 4] = ["QM-R40", "QM-S48", "QM-F100", "LK-OT400"];
const SYMPTOMS: [&str; 5] = [
    "a power supply has gone silent",
    "ports 13 to 24 are dark",
    "restarts every few hours; memory errors in the log",
    "a fan has stopped and the temperature alarm is on",
    "does not come up after a power cut",
];

/// The lives, the same for the same seed.
pub(super) fn lives(seed: u64) -> Vec<Story> {
    (1..=LIVES).map(|number| life(&Dice::new(seed, &format!("life {number}")), number)).collect()
}

fn life(dice: &Dice, number: u32) -> Story {
    let day = |label, low, high| i32::try_from(dice.between(label, low, high)).unwrap_or(0);
    let begun = -day("begun", 1, 60);
    let part = dice.one_of("part", &PARTS).copied().unwrap_or("QM-S48");
    let sites: &[&'static str] = if dice.share("factory", 0.25) { &FACTORY } else { &ADVANCE };
    let site = dice.one_of("site", sites).copied().unwrap_or("US-PLH-1");
    let symptom = dice.one_of("symptom", &SYMPTOMS).copied().unwrap_or("dead");
    let story = Story::new(&format!("life-{number:03}"), "", site, part).symptom(symptom);
    if FACTORY.contains(&site) {
        let outcomes = [Repair::Repaired, Repair::Repaired, Repair::NoFaultFound];
        let outcome = dice.one_of("outcome", &outcomes).copied().unwrap_or(Repair::Repaired);
        let sent = begun + day("sent", 1, 5);
        let started = sent + 5 + day("started", 0, 4);
        let finished = started + day("finished", 1, 6);
        return story
            .issued(begun)
            .returned(sent)
            .bench(started)
            .finished(finished, outcome)
            .on(finished + 1, (16, 5), Act::Ship)
            .delivered(finished + 3);
    }
    // One in fifteen is late by some days, which is nobody's end: it is processed as ever (RET-3).
    let late = if dice.share("late", 0.07) { 8 } else { 0 };
    story.shipped(begun).delivered(begun + 1).returned(begun + 2 + day("handed", 0, 4) + late)
}
