//! What is drawn for one RMA before it begins. Life may overtake it: a charge planned for a unit that
//! has come in the meantime is dropped.

use super::dice::Dice;
use super::mix::Mix;

/// What becomes of the defective unit of an advance replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    InTime,
    Late,
    AfterCharge,
    Never,
    BoughtBeforeCharge,
    BoughtAfterCharge,
    Claimed,
    WrongSerial,
    SwappedBoxes,
    ReplacementBack,
    Destroyed,
}

/// What becomes of a unit to be repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FactoryWay {
    Returned,
    Claimed,
    Destroyed,
    Never,
}

/// How a claim of delivery is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClaimEnd {
    Found,
    NotFound,
    Rejected,
}

/// What finance does about a unit overdue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReviewEnd {
    Charged,
    Waived,
    Extended,
}

/// What the bench finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BenchEnd {
    Repaired,
    NoFaultFound,
    Replaced,
    Scrapped,
    Quoted,
}

/// The choices for one RMA.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub way: Way,
    pub factory: FactoryWay,
    pub claim: ClaimEnd,
    pub review: ReviewEnd,
    pub bench: BenchEnd,
    pub questionnaire: bool,
    pub called_off: bool,
    pub backordered: bool,
    pub substituted: bool,
    pub failed_once: bool,
    pub proof_late: bool,
    pub dead_on_arrival: bool,
    pub returned_when_extended: bool,
    pub credited: bool,
    pub bought_and_sent: bool,
    pub excluded: bool,
    pub quote_accepted: bool,
}

impl Plan {
    /// Draws the choices. A child RMA, on a replacement that was dead on arrival, goes the plain way:
    /// its story is its parent's.
    pub fn draw(dice: &Dice, mix: &Mix, is_child: bool) -> Self {
        let own = |label: &str, share: f64| !is_child && dice.share(label, share);
        Self {
            way: if is_child { Way::InTime } else { way(dice, mix) },
            factory: if is_child { FactoryWay::Returned } else { factory(dice, mix) },
            claim: claim(dice, mix),
            review: review(dice, mix),
            bench: bench(dice, mix),
            questionnaire: dice.share("questionnaire", mix.request.questionnaire),
            called_off: own("called off", mix.request.called_off),
            backordered: own("backordered", mix.outbound.backordered),
            substituted: own("substituted", mix.outbound.substituted),
            failed_once: own("failed once", mix.outbound.failed_once),
            proof_late: own("proof late", mix.outbound.proof_late),
            dead_on_arrival: own("dead on arrival", mix.outbound.dead_on_arrival),
            returned_when_extended: dice
                .share("returned when extended", mix.review.returned_when_extended),
            credited: dice.share("credited", mix.review.credited),
            bought_and_sent: own("bought and sent", mix.review.bought_and_sent),
            excluded: own("excluded", mix.review.excluded),
            quote_accepted: dice.share("quote accepted", mix.quotes.accepted),
        }
    }
}

fn way(dice: &Dice, mix: &Mix) -> Way {
    let mix = &mix.advance;
    let weights = [
        (Way::InTime, mix.in_time),
        (Way::Late, mix.late),
        (Way::AfterCharge, mix.after_charge),
        (Way::Never, mix.never),
        (Way::BoughtBeforeCharge, mix.bought_before_charge),
        (Way::BoughtAfterCharge, mix.bought_after_charge),
        (Way::Claimed, mix.claimed),
        (Way::WrongSerial, mix.wrong_serial),
        (Way::SwappedBoxes, mix.swapped_boxes),
        (Way::ReplacementBack, mix.replacement_back),
        (Way::Destroyed, mix.destroyed),
    ];
    dice.weighed("way", &weights).unwrap_or(Way::InTime)
}

fn factory(dice: &Dice, mix: &Mix) -> FactoryWay {
    let mix = &mix.factory;
    let weights = [
        (FactoryWay::Returned, mix.returned),
        (FactoryWay::Claimed, mix.claimed),
        (FactoryWay::Destroyed, mix.destroyed),
        (FactoryWay::Never, mix.never),
    ];
    dice.weighed("factory", &weights).unwrap_or(FactoryWay::Returned)
}

fn claim(dice: &Dice, mix: &Mix) -> ClaimEnd {
    let mix = &mix.claims;
    let weights = [
        (ClaimEnd::Found, mix.found),
        (ClaimEnd::NotFound, mix.not_found),
        (ClaimEnd::Rejected, mix.rejected),
    ];
    dice.weighed("claim", &weights).unwrap_or(ClaimEnd::Found)
}

fn review(dice: &Dice, mix: &Mix) -> ReviewEnd {
    let mix = &mix.review;
    let weights = [
        (ReviewEnd::Charged, mix.charged),
        (ReviewEnd::Waived, mix.waived),
        (ReviewEnd::Extended, mix.extended),
    ];
    dice.weighed("review", &weights).unwrap_or(ReviewEnd::Charged)
}

fn bench(dice: &Dice, mix: &Mix) -> BenchEnd {
    let mix = &mix.bench;
    let weights = [
        (BenchEnd::Repaired, mix.repaired),
        (BenchEnd::NoFaultFound, mix.no_fault_found),
        (BenchEnd::Replaced, mix.replaced),
        (BenchEnd::Scrapped, mix.scrapped),
        (BenchEnd::Quoted, mix.quoted),
    ];
    dice.weighed("bench", &weights).unwrap_or(BenchEnd::Repaired)
}
