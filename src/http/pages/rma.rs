//! One RMA: its six tracks, every date with its reason, what happens next, what happened.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::form::FormState;
use super::frame::{Frame, Here, render, zone_label};
use super::gate::Visitor;
use super::next_steps::{Step, steps};
use super::progress::{Asked, WishFields};
use super::times::When;
use super::words;
use crate::app::expect::{Expectation, expect};
use crate::app::{App, AppError, Capability, explain, look, papers, visible};
use crate::db::AnyConnection;
use crate::db::lists::{Ask, RmaFilter, RmaItem, RmaSort, rmas};
use crate::db::scope::Scope;
use crate::db::tasks::{self, Task};
use crate::domain::explain::{Explanation, Subject, long};
use crate::domain::ids::RmaNumber;
use crate::domain::rma::tracks::{Authorisation, Mode};
use crate::domain::zone::Zone;
use crate::http::extract::part;
use crate::http::house::House;
use crate::http::problem::Problem;

/// A track: its name, its state's word, a sentence, its colour.
struct Track {
    name: &'static str,
    state: String,
    sentence: &'static str,
    tone: &'static str,
}

/// A date or verdict and why it is so.
struct Why {
    label: &'static str,
    /// The day or instant, or the verdict in its place.
    answer: Option<String>,
    at: Option<When>,
    because: String,
    rule: String,
    /// A promise that was kept, or not.
    met: Option<bool>,
}

/// An event.
struct Happened {
    what: String,
    at: When,
    /// When we learned of it, where that was later by more than a minute.
    learned: Option<When>,
    by: String,
}

#[derive(Template)]
#[template(path = "rma.html")]
struct RmaPage {
    frame: Frame,
    zone: String,
    number: String,
    case_number: String,
    is_open: bool,
    stage: String,
    tone: &'static str,
    account: String,
    manufacturer: String,
    serial_number: String,
    part_number: String,
    mode: Option<&'static str>,
    ship_to: Option<String>,
    return_to: Option<String>,
    replacement: Option<String>,
    parent: Option<String>,
    child: Option<String>,
    reason: Option<String>,
    due: Option<String>,
    created: When,
    steps: Vec<Step>,
    expected: Option<String>,
    tracks: Vec<Track>,
    whys: Vec<Why>,
    carriage: Option<&'static str>,
    has_papers: bool,
    sees_case: bool,
    asked: Vec<Asked>,
    may_ask: bool,
    form: FormState,
    fields: WishFields,
    events: Vec<Happened>,
}

/// What is loaded for the page.
struct Found {
    view: look::View,
    item: Option<RmaItem>,
    dates: Vec<Explanation>,
    asked: Vec<Task>,
    expected: Option<Expectation>,
}

fn find(
    app: &App,
    connection: &mut AnyConnection,
    (scope, number): (&Scope, RmaNumber),
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Found, AppError> {
    visible::rma(connection, scope, number)?;
    let view = look::rma_on(app, connection, number)?;
    let value = i64::try_from(number.value()).unwrap_or(i64::MAX);
    let filter = RmaFilter { number_value: Some(value), ..RmaFilter::default() };
    let listed = rmas(connection, scope, &filter, &Ask::first(RmaSort::Number, 1));
    let item = listed.map_err(no_list)?.items.into_iter().next();
    let dates = explain::rma(app, connection, scope, number)?.dates;
    let text = view.rma.number.to_string();
    let mut asked = tasks::of_customers(connection, view.rma.case_number)?;
    asked.retain(|task| task.rma_number.as_deref() == Some(text.as_str()));
    let is_new =
        matches!(view.rma.authorisation, Authorisation::Requested | Authorisation::Created);
    let expected = match is_new {
        true => match expect(app, connection, number, now) {
            Ok(expected) => Some(expected),
            Err(AppError::Db(error)) => return Err(error.into()),
            // It is advice; the page is of use without it.
            Err(_) => None,
        },
        false => None,
    };
    Ok(Found { view, item, dates, asked, expected })
}

/// One row by its number has no cursor that could be wrong.
fn no_list(error: crate::db::lists::ListError) -> AppError {
    match error {
        crate::db::lists::ListError::Db(error) => error.into(),
        crate::db::lists::ListError::Cursor => {
            let reason = "it has no page".to_owned();
            AppError::Invalid { field: "number", reason }
        }
    }
}

fn tracks(rma: &crate::domain::rma::Rma) -> Vec<Track> {
    let track = |name, state: &str, (sentence, tone)| Track {
        name,
        state: words::spaced(state),
        sentence,
        tone,
    };
    vec![
        track("Authorisation", rma.authorisation.as_str(), words::authorisation(rma.authorisation)),
        track("To the customer", rma.outbound.as_str(), words::outbound(rma.outbound)),
        track("Back to us", rma.inbound.as_str(), words::inbound(rma.inbound)),
        track("Repair", rma.repair.as_str(), words::repair(rma.repair)),
        track("Analysis", rma.analysis.as_str(), words::analysis(rma.analysis)),
        track("Charges", rma.exposure.as_str(), words::exposure(rma.exposure)),
    ]
}

fn why(date: Explanation, zone: Zone) -> Why {
    let day = date.due_on.or(date.last_covered_on).map(long);
    let verdict = date.verdict.as_deref().map(words::spaced);
    // Of these the sentence alone is the answer.
    let is_told = matches!(date.what, Subject::Entitlement | Subject::Carriage);
    let answer = day.or(verdict.filter(|_| date.due_at.is_none())).filter(|_| !is_told);
    Why {
        label: words::subject(date.what),
        at: date.due_at.map(|at| When::of(at, zone)),
        answer,
        because: date.because,
        rule: date.rule,
        met: date.met,
    }
}

/// What a request can expect, in a sentence (AMB-11).
fn expectation(expected: &Expectation) -> String {
    use crate::app::expect::Prospect;
    let because = expected.because.trim_end_matches('.');
    match (expected.prospect, expected.mode) {
        (Prospect::Issue, Some(Mode::AdvanceReplacement)) => {
            format!("As things stand a replacement will be sent in advance. {because}.")
        }
        (Prospect::Issue, _) => {
            format!("As things stand the unit will be asked for and repaired. {because}.")
        }
        (Prospect::Hold, _) => format!("As things stand it would wait: {because}."),
        (Prospect::Refuse, _) => {
            format!("As things stand it cannot be confirmed; we look into it: {because}.")
        }
    }
}

fn page(found: Found, visitor: &Visitor, (form, fields): (FormState, WishFields)) -> RmaPage {
    let zone = visitor.signed.zone;
    let caller = &visitor.signed.caller;
    let rma = &found.view.rma;
    let stage_word = found.item.as_ref().map_or("closed", |item| item.stage.as_str());
    let (stage, tone) = words::stage(stage_word);
    let events = found.view.history.iter().rev().map(|line| {
        let late = line.recorded_at - line.occurred_at > chrono::TimeDelta::minutes(1);
        Happened {
            what: words::event(&line.kind),
            at: When::of(line.occurred_at, zone),
            learned: late.then(|| When::of(line.recorded_at, zone)),
            by: words::actor(&line.actor),
        }
    });
    let events = events.collect();
    let may_ask = caller.may(Capability::AskForProgress) && rma.is_open;
    let waits = found.asked.iter().any(|task| task.settled_at.is_none());
    let terms = rma.terms.as_deref();
    RmaPage {
        frame: Frame::of(Some(visitor), Here::Rmas, format!("RMA {}", rma.number)),
        zone: zone_label(zone),
        number: rma.number.to_string(),
        case_number: rma.case_number.to_string(),
        is_open: rma.is_open,
        stage,
        tone,
        account: rma.account.clone(),
        manufacturer: rma.manufacturer.to_string(),
        serial_number: rma.serial_number.to_string(),
        part_number: rma.part_number.to_string(),
        mode: rma.mode().map(|mode| match mode {
            Mode::AdvanceReplacement => "Replacement in advance",
            Mode::ReturnToFactory => "Return and repair",
        }),
        ship_to: terms.map(|terms| terms.ship_to.name.clone()),
        return_to: terms.map(|terms| terms.return_site.name.clone()),
        replacement: rma
            .replacement
            .as_ref()
            .map(|u| format!("{}, {}", u.serial_number, u.part_number)),
        parent: rma.parent.map(|number| number.to_string()),
        child: rma.dead_on_arrival.map(|number| number.to_string()),
        reason: rma.reason.as_deref().and_then(|reason| match rma.authorisation {
            Authorisation::Denied | Authorisation::Cancelled if reason != "purchased" => {
                Some(super::form::sentence(reason))
            }
            _ => None,
        }),
        due: rma.due.as_ref().filter(|_| rma.inbound.is_owed()).map(|due| long(due.due_on)),
        created: When::of(rma.requested_at, zone),
        steps: steps(rma, caller.scope != Scope::All),
        expected: found.expected.as_ref().map(expectation),
        tracks: tracks(rma),
        whys: found.dates.into_iter().map(|date| why(date, zone)).collect(),
        carriage: terms
            .and_then(|terms| terms.carriage.as_ref())
            .map(|carriage| carriage.sentence()),
        has_papers: papers::are_to_be_had(rma),
        sees_case: caller.may(Capability::SeeCases),
        may_ask: may_ask && !waits,
        asked: found.asked.into_iter().map(|task| Asked::of(task, zone)).collect(),
        form,
        fields,
        events,
    }
}

/// The page of an RMA, with the request for progress as it was typed.
pub async fn show(
    house: &House,
    visitor: &Visitor,
    number: RmaNumber,
    typed: (FormState, WishFields),
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let (scope, now) = (visitor.signed.caller.scope.clone(), house.clock.now());
    let found =
        house.read(move |app, connection| find(app, connection, (&scope, number), now)).await?;
    render(status, &page(found, visitor, typed))
}

#[get("/rmas/{number}")]
pub async fn show_rma(
    house: web::Data<House>,
    visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let number: RmaNumber = part("number", &path).map_err(|_| Problem::not_found())?;
    let typed = (FormState::fresh(&visitor), WishFields::default());
    show(&house, &visitor, number, typed, StatusCode::OK).await
}
