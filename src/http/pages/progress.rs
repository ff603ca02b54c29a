//! Asking customer care for faster progress of an RMA (CASE-5).

use actix_web::{HttpResponse, post, web};
use serde::Deserialize;

use super::form::{Form, FormState, Reading, needed, needed_value};
use super::gate::see;
use super::rma;
use super::times::When;
use super::words;
use crate::app::progress_requests::{Wish, ask};
use crate::db::tasks::{About, Task};
use crate::domain::ids::RmaNumber;
use crate::domain::zone::Zone;
use crate::http::extract::part;
use crate::http::house::House;
use crate::http::posting::post_form;
use crate::http::problem::Problem;

/// What is typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WishFields {
    pub about: String,
    pub text: String,
}

const FIELDS: &[&str] = &["about", "text"];

/// A request, and the answer where there is one.
pub struct Asked {
    pub rma: Option<String>,
    pub about: &'static str,
    pub text: String,
    pub by: String,
    pub at: When,
    pub answer: Option<(String, When)>,
}

impl Asked {
    pub fn of(task: Task, zone: Zone) -> Self {
        let answer = task.answer.zip(task.settled_at);
        Self {
            rma: task.rma_number,
            about: match task.about {
                Some(About::CreationStatus) => "Status of the RMA",
                Some(About::ShipmentUpdate) => "Where the shipment is",
                None => "Progress",
            },
            text: task.reason,
            by: words::actor(&task.asked_by),
            at: When::of(task.asked_at, zone),
            answer: answer.map(|(answer, at)| (answer, When::of(at, zone))),
        }
    }
}

impl WishFields {
    fn wish(&self) -> Result<Wish, Problem> {
        let mut reading = Reading::default();
        let about = reading.take(needed_value::<About>("about", &self.about));
        let text = reading.take(needed("text", &self.text));
        let (Some(about), Some(text)) = (about, text) else { return Err(reading.problem()) };
        Ok(Wish { about, text })
    }
}

#[post("/rmas/{number}/progress-requests")]
pub async fn ask_for_progress(
    house: web::Data<House>,
    path: web::Path<String>,
    form: Form<WishFields>,
) -> Result<HttpResponse, Problem> {
    let Form { fields, visitor, key, once } = form;
    let number: RmaNumber = part("number", &path).map_err(|_| Problem::not_found())?;
    let wish = fields.wish();
    let done =
        post_form(&house, visitor.caller(), once, wish, move |_, connection, wish, who, now| {
            ask(connection, number, wish, who, now)?;
            Ok(format!("/rmas/{number}#progress"))
        });
    match done.await {
        Ok(path) => Ok(see(&path)),
        Err(problem) => {
            let (form, status) = FormState::refused(&visitor, key, problem, FIELDS)?;
            rma::show(&house, &visitor, number, (form, fields), status).await
        }
    }
}
