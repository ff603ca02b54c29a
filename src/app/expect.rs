//! What a request can expect (AMB-11): the check that issuing will make, made at once as advice. Nothing
//! follows from it; the same check is made again, and counts, when the RMA is issued.

use chrono::{DateTime, Utc};

use super::context::App;
use super::error::AppError;
use super::{facts, rmas};
use crate::db::AnyConnection;
use crate::db::rmas::load;
use crate::domain::carriage::Carriage;
use crate::domain::entitlement::Verdict;
use crate::domain::explain;
use crate::domain::ids::RmaNumber;
use crate::domain::replacement_due::ReplacementDue;
use crate::domain::rma::tracks::{Authorisation, HoldReason, Mode};
use crate::domain::rma::{Actor, Command, Event, Order, Role, decide};
use crate::words;

words! {
    /// What issuing would come to.
    Prospect("prospect of a request") {
        Issue = "issue",
        /// It would wait on hold, for what the reason says.
        Hold = "hold",
        /// The register lacks something that is the operator's to add.
        Refuse = "refuse",
    }
}

/// What a request can expect, as things stand.
#[derive(Debug, Clone)]
pub struct Expectation {
    pub prospect: Prospect,
    pub hold: Option<HoldReason>,
    /// The entitlement, or what stands in the way, in a sentence.
    pub because: String,
    pub mode: Option<Mode>,
    pub replacement_due: Option<ReplacementDue>,
    pub carriage: Option<Carriage>,
}

/// Looks ahead to the issue of an RMA that was just requested.
///
/// # Errors
/// What cannot be loaded; what would be refused is no error but the answer.
pub fn expect(
    app: &App,
    connection: &mut AnyConnection,
    number: RmaNumber,
    now: DateTime<Utc>,
) -> Result<Expectation, AppError> {
    let mut loaded = load(connection, number)?.ok_or(AppError::NoSuchRma(number))?;
    let order = Order {
        command: Command::Issue {},
        actor: Actor::new(Role::Logistics, "pre-check")?,
        occurred_at: now.max(loaded.rma.requested_at),
        source: "pre-check".to_owned(),
    };
    let programme = rmas::programme_of(app, connection, &loaded.rma, order.occurred_at)?;
    let facts = match facts::load(app, connection, (&loaded, None), &order, &programme) {
        Ok(facts) => facts,
        Err(AppError::Db(error)) => return Err(error.into()),
        // What the register lacks stands in the way of the issue, not of the request.
        Err(lacking) => return Ok(Expectation::none(lacking.to_string())),
    };
    // As if an engineer had created it already.
    loaded.rma.authorisation = Authorisation::Created;
    let entitled = facts.issue.as_ref().map(|issue| match &issue.verdict {
        Verdict::Entitled(found) => {
            explain::entitlement(&issue.verdict, found.on, &programme.version).because
        }
        // Then the note of the hold says more.
        _ => String::new(),
    });
    let decision = decide(&loaded.rma, &order, &facts, &programme, order.occurred_at);
    Ok(match decision {
        Ok(decision) => Expectation::of(decision.events, entitled.unwrap_or_default()),
        Err(refusal) => Expectation::none(refusal.to_string()),
    })
}

impl Expectation {
    fn none(because: String) -> Self {
        Self {
            prospect: Prospect::Refuse,
            hold: None,
            because,
            mode: None,
            replacement_due: None,
            carriage: None,
        }
    }

    /// What the events of an issue would say.
    fn of(events: Vec<Event>, entitled: String) -> Self {
        let mut found = Self::none(entitled);
        for event in events {
            match event {
                Event::Held { reason, note, .. } => {
                    found.prospect = Prospect::Hold;
                    found.hold = Some(reason);
                    found.because = note;
                }
                Event::Issued { terms } => {
                    found.prospect = Prospect::Issue;
                    found.mode = Some(terms.mode);
                    found.replacement_due = terms.replacement_due;
                    found.carriage = terms.carriage;
                }
                _ => {}
            }
        }
        found
    }
}
