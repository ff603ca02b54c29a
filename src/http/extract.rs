//! What a request carries, read strictly: what is not known, of the wrong type, too large or of another
//! media type is a problem that names the field.

use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::http::header::{self, AcceptEncoding, Encoding, Header, HeaderMap};
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::in_words::in_words;
use super::problem::{Code, Problem};
use super::routes::ANY;
use crate::domain::hex::hex;
use crate::domain::media::{FILE_LIMIT, MediaType};

/// The largest JSON body.
pub const JSON_LIMIT: usize = 1 << 20;

/// The largest CSV file that is imported over HTTP; larger ones go through the command line.
pub const CSV_LIMIT: usize = 64 << 20;

/// What answers are coded in.
const CODINGS: &[Encoding] = &[Encoding::identity(), Encoding::gzip(), Encoding::deflate()];

type Later<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// The key of a request that shall happen once, if it has one.
#[derive(Debug, Clone)]
pub struct Once(pub Option<Key>);

/// The header `Idempotency-Key`, and what it was given for.
#[derive(Debug, Clone)]
pub struct Key {
    pub name: String,
    /// SHA-256 of everything that makes it this request.
    pub fingerprint: String,
}

/// The largest body that a worker hashes itself: in less than handing it to another thread takes.
const HASHED_AT_ONCE: usize = 32 << 10;

impl Once {
    async fn of(request: &HttpRequest, body: &web::Bytes) -> Result<Self, Problem> {
        let Some(value) = request.headers().get("idempotency-key") else { return Ok(Self(None)) };
        let name = value.to_str().unwrap_or_default().to_owned();
        let fits = (1..=255).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
        if !fits {
            let reason = "1 to 255 printable ASCII characters are needed";
            return Err(Problem::field(Code::Malformed, "Idempotency-Key", reason));
        }
        let if_match = request.headers().get(header::IF_MATCH).map(|value| value.as_bytes());
        let mut digest = Sha256::new();
        for part in [
            request.method().as_str().as_bytes(),
            request.uri().to_string().as_bytes(),
            if_match.unwrap_or_default(),
        ] {
            add(&mut digest, part);
        }
        let digest = if body.len() <= HASHED_AT_ONCE {
            add(&mut digest, body);
            digest
        } else {
            let body = body.clone();
            web::block(move || {
                add(&mut digest, &body);
                digest
            })
            .await?
        };
        Ok(Self(Some(Key { name, fingerprint: hex(&digest.finalize()) })))
    }
}

impl Once {
    /// Of a form: its key, and what it says.
    pub fn of_form(name: String, path: &str, fields: &[(String, String)]) -> Self {
        let mut digest = Sha256::new();
        let said = fields.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
        for part in std::iter::once(path).chain(said) {
            add(&mut digest, part.as_bytes());
        }
        Self(Some(Key { name, fingerprint: hex(&digest.finalize()) }))
    }
}

/// A part with its length before it: no two requests run together to the same bytes.
fn add(digest: &mut Sha256, part: &[u8]) {
    digest.update(part.len().to_le_bytes());
    digest.update(part);
}

/// A JSON body of a POST, with its key.
pub struct Posted<T> {
    pub body: T,
    pub once: Once,
}

impl<T: DeserializeOwned + 'static> FromRequest for Posted<T> {
    type Error = Problem;
    type Future = Later<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let bytes = read(&request, payload, &["application/json"], JSON_LIMIT);
        Box::pin(async move {
            let bytes = bytes.await?;
            let once = Once::of(&request, &bytes).await?;
            Ok(Self { body: json(&bytes)?, once })
        })
    }
}

/// The key of a POST that takes no fields.
pub struct PostedNothing(pub Once);

impl FromRequest for PostedNothing {
    type Error = Problem;
    type Future = Later<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = web::Payload::from_request(&request, payload);
        Box::pin(async move {
            let bad = |e: String| Problem::detailed(Code::Malformed, e);
            let payload = payload.await.map_err(|e| bad(e.to_string()))?;
            match payload.to_bytes_limited(JSON_LIMIT).await {
                Ok(Ok(bytes)) => {
                    says_nothing(&bytes)?;
                    Ok(Self(Once::of(&request, &bytes).await?))
                }
                Ok(Err(error)) => Err(bad(error.to_string())),
                Err(_) => Err(Problem::new(Code::TooLarge)),
            }
        })
    }
}

/// A field where none is known is refused by its name, as anywhere else.
fn says_nothing(bytes: &[u8]) -> Result<(), Problem> {
    use serde_json::Value;
    if bytes.is_empty() {
        return Ok(());
    }
    let malformed = |detail: String| Problem::detailed(Code::Malformed, detail);
    match serde_json::from_slice(bytes).map_err(|error| malformed(error.to_string()))? {
        Value::Null => Ok(()),
        Value::Object(fields) => match fields.keys().next() {
            None => Ok(()),
            Some(name) => Err(Problem::field(Code::Invalid, name, "this request takes no fields")),
        },
        _ => Err(malformed("this request takes no body".to_owned())),
    }
}

/// A CSV body of a POST, with its key.
pub struct PostedCsv {
    pub bytes: web::Bytes,
    pub once: Once,
}

impl FromRequest for PostedCsv {
    type Error = Problem;
    type Future = Later<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let bytes = read(&request, payload, &["text/csv"], CSV_LIMIT);
        Box::pin(async move {
            let bytes = bytes.await?;
            let once = Once::of(&request, &bytes).await?;
            Ok(Self { bytes, once })
        })
    }
}

/// The media type of bytes that say nothing of themselves.
const UNSAID: &str = "application/octet-stream";

/// What a file may be sent as.
const FILES: &[&str] =
    &[MediaType::Pdf.as_str(), MediaType::Jpeg.as_str(), MediaType::Png.as_str(), UNSAID];

/// A file as the body of a POST, with its key.
pub struct PostedFile {
    pub bytes: web::Bytes,
    /// What the sender says it is, if anything.
    pub said: Option<String>,
    pub once: Once,
}

impl FromRequest for PostedFile {
    type Error = Problem;
    type Future = Later<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let said = media_type(request.headers()).filter(|said| said != UNSAID);
        let bytes = read(&request, payload, FILES, FILE_LIMIT);
        Box::pin(async move {
            let bytes = bytes.await?;
            let once = Once::of(&request, &bytes).await?;
            Ok(Self { bytes, said, once })
        })
    }
}

/// Reads a body of one of the media types that are `taken`. One that says it is too large is not begun with.
pub(super) fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    taken: &'static [&'static str],
    limit: usize,
) -> impl Future<Output = Result<web::Bytes, Problem>> + use<> {
    let given = media_type(request.headers());
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length: Option<usize> = length.and_then(|length| length.to_str().ok()?.parse().ok());
    let payload = web::Payload::from_request(request, payload);
    async move {
        let payload =
            payload.await.map_err(|e| Problem::detailed(Code::Malformed, e.to_string()))?;
        if !given.as_deref().is_some_and(|given| taken.contains(&given)) {
            let given = given.unwrap_or_else(|| "none".to_owned());
            let taken = taken.join(", ");
            let detail = format!("the body's media type is {given}; {taken} is taken here");
            return Err(Problem::detailed(Code::UnsupportedMediaType, detail));
        }
        let too_large = || {
            let detail = format!("at most {limit} bytes are taken here");
            Problem::detailed(Code::TooLarge, detail)
        };
        if length.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        match payload.to_bytes_limited(limit).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(error)) => Err(Problem::detailed(Code::Malformed, error.to_string())),
            Err(_) => Err(too_large()),
        }
    }
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let name = value.split(';').next()?.trim();
    Some(name.chars().take(80).collect::<String>().to_ascii_lowercase())
}

/// Reads JSON, naming the field that cannot be taken.
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        of_json(&path, error.inner())
    })?;
    reader.end().map_err(|error| of_json(".", &error))?;
    Ok(value)
}

/// The problem of a JSON error: of its form, or of a field.
pub fn of_json(path: &str, error: &serde_json::Error) -> Problem {
    let reason = error.to_string();
    if !error.is_data() {
        return Problem::detailed(Code::Malformed, format!("the body is not JSON: {reason}"));
    }
    // serde names a missing or unknown field in its message alone.
    let named = ["missing field `", "unknown field `", "duplicate field `"]
        .iter()
        .find_map(|begin| reason.strip_prefix(begin)?.split('`').next());
    let path = path.trim_start_matches('.');
    let field = match (path, named) {
        ("" | "?", Some(name)) => name.to_owned(),
        ("" | "?", None) => "body".to_owned(),
        (path, Some(name)) if path.ends_with(name) => path.to_owned(),
        (path, Some(name)) => format!("{path}.{name}"),
        (path, None) => path.to_owned(),
    };
    Problem::field(Code::Invalid, field, in_words(&reason))
}

/// The parameters after `?`, each known and in its type.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(parameters(request.query_string()).map(Self))
    }
}

/// Reads parameters, naming the one that cannot be taken.
pub(super) fn parameters<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let pairs = form_urlencoded::parse(text.as_bytes());
    // No text that is kept anywhere holds one, and PostgreSQL refuses to be asked for it.
    if let Some((name, _)) = pairs.into_iter().find(|(_, value)| value.contains('\0')) {
        let reason = "it holds the control character U+0000";
        return Err(Problem::field(Code::Invalid, name, reason));
    }
    let reader = serde_urlencoded::Deserializer::new(pairs);
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let reason = error.inner().to_string();
        let path = error.path().to_string();
        let named = match path.as_str() {
            "." | "?" => reason.split('`').nth(1).unwrap_or("query").to_owned(),
            _ => path,
        };
        Problem::field(Code::Invalid, named, in_words(&reason))
    })
}

/// A part of the path as what it has to be; a text of another kind names nothing.
pub fn part<T: FromStr>(name: &'static str, text: &str) -> Result<T, Problem>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| Problem::field(Code::Malformed, name, error.to_string()))
}

/// A parameter or field given as text, as what it has to be.
pub fn value<T: FromStr>(name: &'static str, text: Option<&str>) -> Result<Option<T>, Problem>
where
    T::Err: std::fmt::Display,
{
    let parse = |text: &str| {
        text.parse().map_err(|error: T::Err| Problem::field(Code::Invalid, name, error.to_string()))
    };
    text.map(parse).transpose()
}

/// The version a judgement was made on.
pub fn if_match(request: &HttpRequest) -> Result<Option<i64>, Problem> {
    let Some(given) = request.headers().get(header::IF_MATCH) else { return Ok(None) };
    let text = given.to_str().unwrap_or_default().trim();
    let version = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match version.and_then(|version| version.parse().ok()) {
        Some(version) => Ok(Some(version)),
        None => {
            let reason = "one version in quotes is needed, as the ETag gives it: \"7\"";
            Err(Problem::field(Code::Malformed, "If-Match", reason))
        }
    }
}

/// Refuses a request that takes none of what is given: no media type of it (RFC 9110, 12.5.1), or no
/// coding of it (12.5.3).
pub fn accepts(request: &HttpRequest, media_type: &str) -> Result<(), Problem> {
    if let Ok(codings) = AcceptEncoding::parse(request)
        && request.headers().contains_key(header::ACCEPT_ENCODING)
        && codings.negotiate(CODINGS.iter()).is_none()
    {
        let detail = "answers are given as they are, in gzip or in deflate";
        return Err(Problem::detailed(Code::NotAcceptable, detail));
    }
    if media_type == ANY {
        return Ok(());
    }
    let Some(given) = request.headers().get(header::ACCEPT) else { return Ok(()) };
    let given = given.to_str().unwrap_or_default();
    let group = media_type.split('/').next().unwrap_or_default();
    let taken = given.split(',').any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused =
            parts.any(|p| matches!(p.strip_prefix("q="), Some("0" | "0.0" | "0.00" | "0.000")));
        let fits = name == "*/*"
            || name.eq_ignore_ascii_case(media_type)
            || name.strip_suffix("/*").is_some_and(|g| g.eq_ignore_ascii_case(group));
        fits && !refused
    });
    if taken || given.trim().is_empty() {
        return Ok(());
    }
    Err(Problem::detailed(Code::NotAcceptable, format!("this resource is given as {media_type}")))
}
