//! Around every request: its id, its line in the log, its measurement, its protective headers.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};

use super::auth::Matched;
use super::house::House;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that is being answered.
pub fn request_id() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// The client's own id where it is one that is safe to repeat and to log, else a new one.
fn id_of(request: &ServiceRequest) -> String {
    let given = request.headers().get(&REQUEST_ID).and_then(|value| value.to_str().ok());
    let safe = |id: &&str| {
        (1..=64).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    given.filter(safe).map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned)
}

/// Gives a request its id, and when it is answered logs and measures it.
pub async fn observe<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let began = Instant::now();
    let id = id_of(&request);
    let house = request.app_data::<web::Data<House>>().cloned();
    let method = request.method().clone();
    let mut response = CURRENT.scope(id.clone(), next.call(request)).await?;
    protect(&mut response, &id);
    let took = began.elapsed();
    let status = response.status().as_u16();
    if let Some(house) = house {
        let extensions = response.request().extensions();
        let route = extensions.get::<Matched>().map_or("unmatched", |matched| &matched.0);
        house.metrics.answered(method.as_str(), route, status, took);
    }
    let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let path = response.request().path();
    tracing::info!(request_id = %id, %method, path, status, microseconds, "answered");
    Ok(response)
}

fn protect<B>(response: &mut ServiceResponse<B>, id: &str) {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
    let fixed = [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ];
    for (name, value) in fixed {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}
