//! From answers to the next question or the verdict.

use serde::{Deserialize, Serialize};

use super::{Question, Questionnaire, Verdict};

/// An answer to a question: a choice's word, `yes` or `no`, or a whole number in digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    pub question: String,
    pub answer: String,
}

/// Where the answers given so far lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'q> {
    Ask(&'q Question),
    Verdict(&'q Verdict),
}

/// An answer that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("answer {} to {question:?}: {reason}", .index + 1)]
pub struct WrongAnswer {
    /// Its place among the answers, from 0.
    pub index: usize,
    pub question: String,
    pub reason: String,
}

impl Questionnaire {
    /// Follows answers from the first question, each given to the question asked at that point.
    ///
    /// # Errors
    /// The first answer that is to another question, or is none of its question's answers.
    pub fn walk(&self, answers: &[Given]) -> Result<Step<'_>, WrongAnswer> {
        let wrong = |index: usize, reason: String| {
            let question = answers.get(index).map_or("", |given| &given.question);
            WrongAnswer { index, question: shown(question), reason }
        };
        let Some(mut asked) = self.questions.first() else {
            return Err(wrong(0, "the questionnaire has no question".to_owned()));
        };
        for (index, given) in answers.iter().enumerate() {
            if given.question != asked.id() {
                let reason = format!("the question asked at this point is {:?}", asked.id());
                return Err(wrong(index, reason));
            }
            let next = asked.next(&given.answer).map_err(|reason| wrong(index, reason))?;
            if let Some(verdict) = self.verdicts.iter().find(|verdict| verdict.id() == next) {
                if index + 1 < answers.len() {
                    let reason = "no question is left: the answers before it lead to a verdict";
                    return Err(wrong(index + 1, reason.to_owned()));
                }
                return Ok(Step::Verdict(verdict));
            }
            asked = self
                .questions
                .iter()
                .find(|question| question.id() == next)
                .ok_or_else(|| wrong(index, format!("{next:?} follows, which is not there")))?;
        }
        Ok(Step::Ask(asked))
    }
}

impl Question {
    /// The id that follows an answer; what can be answered otherwise.
    fn next(&self, answer: &str) -> Result<&str, String> {
        match self {
            Self::Choice { choices, .. } => {
                let found = choices.iter().find(|choice| choice.answer == answer);
                found.map(|choice| choice.next.as_str()).ok_or_else(|| {
                    let known: Vec<&str> = choices.iter().map(|c| c.answer.as_str()).collect();
                    format!("{:?} is none of its answers: {}", shown(answer), known.join(", "))
                })
            }
            Self::YesNo { yes, no, .. } => match answer {
                "yes" => Ok(yes),
                "no" => Ok(no),
                _ => Err(format!("{:?} is neither yes nor no", shown(answer))),
            },
            Self::Number { least, most, ranges, .. } => {
                let bounds = format!("a whole number from {least} to {most} is asked for");
                let number: i64 = answer
                    .parse()
                    .map_err(|_| format!("{:?} is no number: {bounds}", shown(answer)))?;
                if !(*least..=*most).contains(&number) {
                    return Err(format!("{number} is out of bounds: {bounds}"));
                }
                let range = ranges.iter().find(|range| number <= range.through);
                range.map(|range| range.next.as_str()).ok_or(bounds)
            }
        }
    }
}

fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
