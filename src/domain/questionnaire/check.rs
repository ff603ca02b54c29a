//! Whether a document holds together: every branch ends in a verdict, nothing stands beside the way.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Question, Questionnaire, Verdict};
use crate::domain::ids::{checked, checked_text};

/// Questions and verdicts a document has at the most.
const MOST: usize = 200;

/// Characters of a text a person reads.
const TEXT: usize = 2_000;

/// Characters of an id, an answer or a version.
const NAME: usize = 40;

/// One thing that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where: `question "power", answer no`.
    pub place: String,
    pub reason: String,
}

/// All that is wrong with a document, a line each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> =
            self.0.iter().map(|fault| format!("{}: {}", fault.place, fault.reason)).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl Questionnaire {
    /// Checks the document as a whole.
    ///
    /// # Errors
    /// Every fault with its place: ids that stand twice, answers that lead nowhere or round in a
    /// circle, what no answer leads to, ranges that leave a gap, texts that are missing or too long.
    pub fn check(&self) -> Result<(), Faults> {
        let mut faults = Found(Vec::new());
        faults.name("the document", "version", &self.version);
        if self.questions.is_empty() {
            faults.add("the document", "it has no question");
        }
        let entries = self.questions.len() + self.verdicts.len();
        if entries > MOST {
            faults.add("the document", format!("{entries} entries are more than {MOST}"));
            return Err(Faults(faults.0));
        }
        let ids = self.ids(&mut faults);
        for question in &self.questions {
            faults.question(question, &ids);
        }
        for verdict in &self.verdicts {
            faults.verdict(verdict);
        }
        self.ways(&mut faults);
        if faults.0.is_empty() { Ok(()) } else { Err(Faults(faults.0)) }
    }

    /// The ids of questions and verdicts, which share one set of names.
    fn ids(&self, faults: &mut Found) -> BTreeSet<&str> {
        let mut ids = BTreeSet::new();
        let questions = self.questions.iter().map(|question| ("question", question.id()));
        let verdicts = self.verdicts.iter().map(|verdict| ("verdict", verdict.id()));
        for (kind, id) in questions.chain(verdicts) {
            let place = format!("{kind} {id:?}");
            faults.name(&place, "id", id);
            if !ids.insert(id) {
                faults.add(&place, "the id stands twice");
            }
        }
        ids
    }

    /// No way leads round in a circle, and some way leads to everything.
    fn ways(&self, faults: &mut Found) {
        let by_id = self.questions.iter().map(|question| (question.id(), question)).collect();
        let mut ways = Ways { by_id, reached: BTreeSet::new(), faults };
        if let Some(first) = self.questions.first() {
            ways.follow(first.id(), &mut Vec::new());
        }
        let questions = self.questions.iter().map(|question| ("question", question.id()));
        let verdicts = self.verdicts.iter().map(|verdict| ("verdict", verdict.id()));
        for (kind, id) in questions.chain(verdicts) {
            if !ways.reached.contains(id) {
                ways.faults.add(&format!("{kind} {id:?}"), "no answer leads to it");
            }
        }
    }
}

/// A search in depth from the first question. It goes no deeper than there are questions.
struct Ways<'q, 'f> {
    by_id: BTreeMap<&'q str, &'q Question>,
    reached: BTreeSet<&'q str>,
    faults: &'f mut Found,
}

impl<'q> Ways<'q, '_> {
    fn follow(&mut self, id: &'q str, way: &mut Vec<&'q str>) {
        if let Some(at) = way.iter().position(|before| *before == id) {
            let circle: Vec<&str> = way[at..].iter().copied().chain([id]).collect();
            let reason = format!("a circle: {}", circle.join(" -> "));
            self.faults.add(&format!("question {id:?}"), reason);
            return;
        }
        let Some(question) = self.reached.insert(id).then(|| self.by_id.get(id).copied()).flatten()
        else {
            return;
        };
        way.push(id);
        for (_, next) in question.answers() {
            self.follow(next, way);
        }
        way.pop();
    }
}

struct Found(Vec<Fault>);

impl Found {
    fn add(&mut self, place: &str, reason: impl Into<String>) {
        self.0.push(Fault { place: place.to_owned(), reason: reason.into() });
    }

    fn name(&mut self, place: &str, what: &'static str, value: &str) {
        if let Err(error) = checked(what, value, NAME) {
            self.add(place, error.to_string());
        }
    }

    fn text(&mut self, place: &str, what: &str, value: &str) {
        if let Err(error) = checked_text(value, TEXT) {
            self.add(place, format!("{what}: {error}"));
        }
    }

    fn question(&mut self, question: &Question, ids: &BTreeSet<&str>) {
        let place = format!("question {:?}", question.id());
        self.text(&place, "text", question.text());
        for (answer, next) in question.answers() {
            if !ids.contains(next) {
                let place = format!("{place}, answer {answer}");
                self.add(&place, format!("{next:?} follows, which is no question and no verdict"));
            }
        }
        match question {
            Question::Choice { choices, .. } => {
                if choices.len() < 2 {
                    self.add(&place, "a choice has two answers at the least");
                }
                let mut met = BTreeSet::new();
                for choice in choices {
                    let place = format!("{place}, answer {}", choice.answer);
                    self.name(&place, "answer", &choice.answer);
                    self.text(&place, "text", &choice.text);
                    if !met.insert(&choice.answer) {
                        self.add(&place, "the answer stands twice");
                    }
                }
            }
            Question::YesNo { .. } => {}
            Question::Number { least, most, ranges, .. } => {
                let throughs: Vec<i64> = ranges.iter().map(|range| range.through).collect();
                let rises = throughs.windows(2).all(|two| two[0] < two[1]);
                let within = throughs.first().is_some_and(|first| first >= least);
                if !rises || !within || throughs.last() != Some(most) {
                    let reason =
                        format!("its ranges must rise from {least} or more through {most} exactly");
                    self.add(&place, reason);
                }
            }
        }
    }

    fn verdict(&mut self, verdict: &Verdict) {
        let place = format!("verdict {:?}", verdict.id());
        match verdict {
            Verdict::Rma { diagnosis, .. } => self.text(&place, "diagnosis", diagnosis),
            Verdict::Engineer { reason, .. } => self.text(&place, "reason", reason),
            Verdict::Remedy { steps, .. } => {
                if steps.is_empty() {
                    self.add(&place, "a remedy has one step at the least");
                }
                steps.iter().for_each(|step| self.text(&place, "a step", step));
            }
        }
    }
}
