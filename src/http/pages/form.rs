//! What a form of ours sends: its token, the key under which it has one effect, and its fields.

use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use super::gate::Visitor;
use crate::http::extract::{JSON_LIMIT, Once, parameters, read};
use crate::http::problem::{Code, FieldError, Problem};

/// What forms are sent as.
const FORMS: &[&str] = &["application/x-www-form-urlencoded"];

/// The names of the two hidden fields.
const TOKEN: &str = "csrf";
const KEY: &str = "once";

type Later<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;
type Pairs = Vec<(String, String)>;

/// A form that somebody signed in sent.
pub struct Form<T> {
    pub fields: T,
    pub visitor: Visitor,
    /// The key as the form had it.
    pub key: String,
    pub once: Once,
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Problem;
    type Future = Later<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let visitor = Visitor::from_request(request, payload).into_inner();
        let pairs = pairs(request, payload);
        let path = request.path().to_owned();
        Box::pin(async move {
            let (visitor, mut pairs) = (visitor?, pairs.await?);
            if take(&mut pairs, TOKEN).as_deref() != Some(&visitor.csrf) {
                let detail = "the form was not made for this session; open the page again";
                return Err(Problem::detailed(Code::Forbidden, detail));
            }
            let key = take(&mut pairs, KEY).unwrap_or_else(new_key);
            if key.len() > 64 || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                return Err(Problem::field(Code::Malformed, KEY, "it is no key of a form of ours"));
            }
            let once = Once::of_form(key.clone(), &path, &pairs);
            Ok(Self { fields: fields(&pairs)?, visitor, key, once })
        })
    }
}

/// A form that anybody may send.
pub struct OpenForm<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for OpenForm<T> {
    type Error = Problem;
    type Future = Later<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let pairs = pairs(request, payload);
        Box::pin(async move { Ok(Self(fields(&pairs.await?)?)) })
    }
}

fn pairs(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<Pairs, Problem>> + use<> {
    let bytes = read(request, payload, FORMS, JSON_LIMIT);
    async move {
        let bytes = bytes.await?;
        let all = form_urlencoded::parse(&bytes);
        // Browsers end the lines of a text as HTTP does.
        Ok(all.map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n"))).collect())
    }
}

fn take(pairs: &mut Pairs, name: &str) -> Option<String> {
    let at = pairs.iter().position(|(known, _)| known == name)?;
    Some(pairs.remove(at).1)
}

/// The fields; one that was left empty was left out.
fn fields<T: DeserializeOwned>(pairs: &Pairs) -> Result<T, Problem> {
    let given = pairs.iter().filter(|(_, value)| !value.is_empty());
    let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
    parameters(&text)
}

/// The parameters of a page; a field of its form that was left empty narrows nothing.
pub fn query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, Problem> {
    let all = form_urlencoded::parse(request.query_string().as_bytes());
    let pairs = all.map(|(name, value)| (name.into_owned(), value.trim().to_owned())).collect();
    fields(&pairs)
}

/// Of a form that is its button alone.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoFields {}

/// A text without blanks around it; none where nothing is left.
pub fn filled(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty()).then_some(text)
}

/// A field that has to be filled in.
pub fn needed(field: &'static str, text: &str) -> Result<String, Problem> {
    let missing = || Problem::field(Code::Invalid, field, "this is needed; fill it in");
    filled(text).map(str::to_owned).ok_or_else(missing)
}

/// A field that has to be filled in, as what it has to be.
pub fn needed_value<T: FromStr<Err: Display>>(
    field: &'static str,
    text: &str,
) -> Result<T, Problem> {
    let text = needed(field, text)?;
    let refused = |error: T::Err| Problem::field(Code::Invalid, field, error.to_string());
    text.parse().map_err(refused)
}

/// Reads field after field and remembers what is wrong with each.
#[derive(Default)]
pub struct Reading {
    wrong: Vec<FieldError>,
}

impl Reading {
    pub fn take<T>(&mut self, read: Result<T, Problem>) -> Option<T> {
        read.map_err(|problem| self.wrong.extend(problem.errors)).ok()
    }

    /// All that is wrong.
    pub fn problem(self) -> Problem {
        Problem { errors: self.wrong, ..Problem::new(Code::Invalid) }
    }
}

/// A fresh key for a form.
pub fn new_key() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// What a form shows beside what was typed into it.
pub struct FormState {
    pub csrf: String,
    pub once: String,
    /// What is wrong with the whole of it.
    pub wrong: Option<String>,
    errors: Vec<FieldError>,
}

impl FormState {
    /// A form that was not sent yet.
    pub fn fresh(visitor: &Visitor) -> Self {
        Self { csrf: visitor.csrf.clone(), once: new_key(), wrong: None, errors: Vec::new() }
    }

    /// A form that was not taken, beside whose `known` fields stands what is wrong with them; a problem that
    /// is none of the form's is given back.
    pub fn refused(
        visitor: &Visitor,
        key: String,
        problem: Problem,
        known: &[&str],
    ) -> Result<(Self, StatusCode), Problem> {
        let status = match problem.code {
            Code::Refused | Code::Invalid | Code::KeyReused | Code::TooMany => {
                problem.code.status()
            }
            _ => return Err(problem),
        };
        let (errors, rest): (Vec<_>, Vec<_>) =
            problem.errors.iter().cloned().partition(|error| known.contains(&error.field.as_str()));
        let wrong = match (problem.code, errors.is_empty()) {
            (Code::KeyReused, _) => {
                "This form was sent before with something else in it; what was sent then was taken. Open the \
                 page again for a new one."
                    .to_owned()
            }
            (Code::TooMany, _) => "These were too many tries; wait a while, then try again.".to_owned(),
            (_, false) if rest.is_empty() => "Nothing was stored: see below what to change.".to_owned(),
            _ => sentence(&problem.to_string()),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
        Ok((Self { csrf: visitor.csrf.clone(), once: key, wrong: Some(wrong), errors }, status))
    }

    /// What is wrong with a field.
    pub fn error(&self, field: &str) -> Option<String> {
        let found = self.errors.iter().find(|error| error.field == field);
        found.map(|error| sentence(&error.reason))
    }
}

/// A reason as a sentence.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let mut said: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    said.push_str(letters.as_str());
    if !said.ends_with(['.', '!', '?', '。']) {
        said.push('.');
    }
    said
}
