//! What went wrong, as RFC 9457 says it, from one table of codes. An answer of the 5xx kind carries no
//! detail but the request id, under which the log has the rest.

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::middleware::request_id;
use crate::app::AppError;
use crate::app::import::ImportError;
use crate::app::reports::ReportError;
use crate::db::DbError;
use crate::db::lists::ListError;
use crate::documents::DocumentError;
use crate::domain::media::BadFile;
use crate::reports::DefinitionError;

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $status:literal $slug:literal $title:literal),+ $(,)?) => {
        /// A kind of problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $code),+ }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$code),+];

            pub fn status(self) -> u16 {
                match self { $(Self::$code => $status),+ }
            }

            /// The end of the problem's type URI.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$code => $slug),+ }
            }

            pub fn title(self) -> &'static str {
                match self { $(Self::$code => $title),+ }
            }
        }
    };
}

codes! {
    Malformed = 400 "malformed" "The request cannot be understood",
    BadCursor = 400 "bad-cursor" "The cursor does not belong to this list and order",
    Unauthenticated = 401 "unauthenticated" "A valid bearer token is needed",
    Forbidden = 403 "forbidden" "The token's role may not do this",
    NotFound = 404 "not-found" "There is nothing here for this token",
    MethodNotAllowed = 405 "method-not-allowed" "The resource does not know this method",
    NotAcceptable = 406 "not-acceptable" "The answer cannot be given in a media type that is accepted",
    /// It was there once: removed as old (`reports.keep_days`), or taken away by someone else.
    Gone = 410 "gone" "What was written is not where it was written any more",
    /// A rule of the rulebook forbids it; `rule` names it.
    Refused = 409 "refused" "A rule forbids this",
    Stale = 412 "stale" "The RMA has moved on since the version named",
    TooLarge = 413 "too-large" "The body is too large",
    UnsupportedMediaType = 415 "unsupported-media-type" "The body is of a media type not taken here",
    Invalid = 422 "invalid" "A value cannot be taken",
    BadRows = 422 "bad-rows" "Rows of the file cannot be taken; nothing was stored",
    KeyReused = 422 "key-reused" "The idempotency key was used for another request",
    JudgedOnNothing = 428 "version-required" "A judgement needs the version it was made on, as If-Match",
    TooMany = 429 "too-many-requests" "The requests of this minute are used up",
    HeadersTooLarge = 431 "headers-too-large" "The headers are too large",
    Internal = 500 "internal" "The service failed",
    Busy = 503 "busy" "The service cannot answer at this moment",
}

/// A field of the request that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// The field's path in the body, or the parameter's name; for a file's rows, `line N` and the column.
    #[schema(example = "occurred_at")]
    pub field: String,
    #[schema(example = "premature end of input")]
    pub reason: String,
}

/// A problem (RFC 9457), of the media type `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Names the kind of problem for good.
    #[serde(rename = "type")]
    #[schema(example = "urn:homeward:problem:refused")]
    pub kind: String,
    #[schema(example = "A rule forbids this")]
    pub title: String,
    #[schema(example = 409)]
    pub status: u16,
    /// What is wrong this time; never in an answer of the 5xx kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The rulebook's rule that forbids it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "T11")]
    pub rule: Option<String>,
    /// The version the RMA is at now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_version: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The request's id, as in the header `x-request-id` and in the log.
    #[schema(example = "0193f9a2-7c1e-7e4e-9d3c-0a4f5f3d2b10")]
    pub request_id: String,
}

/// Why a request is not answered as asked.
#[derive(Debug, Clone)]
pub struct Problem {
    pub code: Code,
    pub detail: Option<String>,
    pub rule: Option<&'static str>,
    pub current_version: Option<i64>,
    pub errors: Vec<FieldError>,
    /// Seconds after which it is worth trying again.
    pub retry_after: Option<u64>,
    /// For the log alone.
    pub(super) internal: Option<Box<str>>,
}

impl Problem {
    pub fn new(code: Code) -> Self {
        Self {
            code,
            detail: None,
            rule: None,
            current_version: None,
            errors: Vec::new(),
            retry_after: None,
            internal: None,
        }
    }

    pub fn detailed(code: Code, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::new(code) }
    }

    /// A value of a field or parameter that cannot be taken.
    pub fn field(code: Code, field: impl Into<String>, reason: impl Into<String>) -> Self {
        let (field, reason) = (field.into(), reason.into());
        Self {
            errors: vec![FieldError { field: field.clone(), reason: reason.clone() }],
            ..Self::detailed(code, format!("{field}: {reason}"))
        }
    }

    /// The same for what is absent and for what is foreign.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    pub(super) fn failed(error: &dyn fmt::Display) -> Self {
        Self { internal: Some(error.to_string().into()), ..Self::new(Code::Internal) }
    }

    pub(super) fn busy(error: &dyn fmt::Display) -> Self {
        Self {
            internal: Some(error.to_string().into()),
            retry_after: Some(1),
            ..Self::new(Code::Busy)
        }
    }

    fn body(&self) -> ProblemBody {
        let shown = self.code.status() < 500;
        ProblemBody {
            kind: format!("urn:homeward:problem:{}", self.code.slug()),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            detail: self.detail.clone().filter(|_| shown),
            rule: self.rule.map(str::to_owned),
            current_version: self.current_version,
            errors: self.errors.clone(),
            request_id: request_id(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail.as_deref().unwrap_or(self.code.title()))
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let body = self.body();
        if let Some(error) = &self.internal {
            tracing::error!(request_id = body.request_id, error, "a request failed");
        }
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if self.code == Code::Unauthenticated {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"homeward\""));
        }
        // A struct of texts and numbers always becomes JSON.
        response.body(serde_json::to_vec(&body).unwrap_or_default())
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Busy { .. }
            | DbError::PoolTimeout { .. }
            | DbError::Unavailable { .. }
            | DbError::NotKept { .. }
            | DbError::Full { .. } => Self::busy(&error),
            _ => Self::failed(&error),
        }
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let detail = error.to_string();
        match error {
            AppError::Db(error) => error.into(),
            AppError::Refused(refusal) => {
                Self { rule: Some(refusal.rule), ..Self::detailed(Code::Refused, refusal.reason) }
            }
            AppError::NoSuchRma(_)
            | AppError::NoSuchCase(_)
            | AppError::NoSuchRun(_)
            | AppError::NotThere { .. } => Self::not_found(),
            AppError::NotFailed { .. } | AppError::NoRoom { .. } => {
                Self::detailed(Code::Refused, detail)
            }
            AppError::Withdrawn { .. } => Self::detailed(Code::Gone, detail),
            AppError::BadFile(BadFile::TooLarge | BadFile::TooHeavy { .. }) => {
                Self::detailed(Code::TooLarge, detail)
            }
            // Its media type is one that is taken; it is the bytes that are not.
            AppError::BadFile(_) => Self::field(Code::Invalid, "body", detail),
            AppError::Stale { current, .. } => {
                Self { current_version: Some(current), ..Self::detailed(Code::Stale, detail) }
            }
            AppError::Contended(_) => Self::busy(&detail),
            AppError::KeyReused => Self::detailed(Code::KeyReused, detail),
            AppError::Invalid { field, reason } => Self::field(Code::Invalid, field, reason),
            AppError::NoSuch { .. } | AppError::Id(_) => Self::detailed(Code::Invalid, detail),
            // A held house, or a register that says something no date can be computed from.
            AppError::Held(_) | AppError::Calendar(_) | AppError::Warranty(_) => {
                Self::detailed(Code::Refused, detail)
            }
        }
    }
}

impl From<ListError> for Problem {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Db(error) => error.into(),
            ListError::Cursor => Self::field(Code::BadCursor, "cursor", error.to_string()),
        }
    }
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::App(error) => error.into(),
            ReportError::ToCome { .. } => Self::field(Code::Invalid, "as_of", error.to_string()),
            ReportError::Calendar { .. } => Self::detailed(Code::Refused, error.to_string()),
            ReportError::Io(_) => Self::failed(&error),
        }
    }
}

impl From<DefinitionError> for Problem {
    fn from(error: DefinitionError) -> Self {
        match error {
            DefinitionError::Unknown { .. } => Self::not_found(),
            _ => Self::failed(&error),
        }
    }
}

impl From<DocumentError> for Problem {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::FontsFolder { .. }
            | DocumentError::Font { .. }
            | DocumentError::Write(_) => Self::failed(&error),
            _ => Self::detailed(Code::Refused, error.to_string()),
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        let detail = error.to_string();
        match error {
            ImportError::Database(error) => error.into(),
            ImportError::File { .. } | ImportError::Columns { .. } => {
                Self::detailed(Code::BadRows, detail)
            }
            ImportError::Rows { problems, rows } => {
                let field = |line: u64, column: Option<&str>| match column {
                    Some(column) => format!("line {line}, {column}"),
                    None => format!("line {line}"),
                };
                let shown = problems.shown();
                let more = problems.total() - shown.len() as u64;
                let mut detail = format!("{} of {rows} rows are bad", problems.rows());
                if more > 0 {
                    detail.push_str(&format!("; {more} more problems are not shown"));
                }
                Self {
                    errors: shown
                        .iter()
                        .map(|problem| FieldError {
                            field: field(problem.line, problem.column),
                            reason: problem.reason.clone(),
                        })
                        .collect(),
                    ..Self::detailed(Code::BadRows, detail)
                }
            }
        }
    }
}

impl From<actix_web::error::BlockingError> for Problem {
    fn from(error: actix_web::error::BlockingError) -> Self {
        Self::failed(&error)
    }
}
