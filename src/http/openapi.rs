//! The OpenAPI document, gathered from the handlers themselves.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::{HttpResponse, get, web};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, Ref, RefOr, Response, ResponseBuilder, SecurityRequirement,
};
use utoipa::{IntoResponses, Modify, OpenApi, ToSchema};

use super::api;
use super::problem::{Code, FieldError, ProblemBody};
use super::shapes;

/// The part of the document that no handler says.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Homeward",
        description = "RMA logistics and warranty tracking.\n\n\
            Problems are `application/problem+json`. A POST takes an `Idempotency-Key`: the same request \
            under the same key has one effect and the same answer. A judgement on an RMA (such as issue, \
            hold, charge) carries the version it was made on as `If-Match`; a physical fact (ship, \
            deliver, receive) never does. HEAD is answered wherever GET is, without the body.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(ProblemBody, FieldError, api::commands::CommandBody)),
    modifiers(&Bearer),
)]
struct Frame;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
        document.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
    }
}

/// The document without its paths.
pub fn frame() -> utoipa::openapi::OpenApi {
    Frame::openapi()
}

/// The whole document.
pub fn document() -> utoipa::openapi::OpenApi {
    let app = utoipa_actix_web::AppExt::into_utoipa_app(actix_web::App::new());
    let (_, mut document) = app.openapi(frame()).configure(api::configure).split_for_parts();
    shapes::tell(&mut document);
    document
}

/// The problems any route may answer with.
pub struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
        for code in Code::ALL {
            by_status.entry(code.status()).or_default().push(*code);
        }
        let response = |status: u16, codes: &[Code]| {
            let titles: Vec<&str> = codes.iter().map(|code| code.title()).collect();
            let schema = Ref::from_schema_name(ProblemBody::name());
            let content = ContentBuilder::new()
                .schema(Some(schema))
                .example(codes.first().map(|code| example(*code)))
                .build();
            let mut response = ResponseBuilder::new()
                .description(titles.join("; "))
                .content("application/problem+json", content);
            if let Some((name, said)) = header_of(status) {
                let text = ObjectBuilder::new().schema_type(Type::String);
                let header = HeaderBuilder::new().schema(Some(text)).description(Some(said));
                response = response.header(name, header.build());
            }
            response.build()
        };
        by_status
            .iter()
            .map(|(status, codes)| (status.to_string(), RefOr::T(response(*status, codes))))
            .collect()
    }
}

/// What an answer of a status tells beside its problem.
fn header_of(status: u16) -> Option<(&'static str, &'static str)> {
    match status {
        401 => Some(("WWW-Authenticate", "How to say who calls")),
        405 => Some(("Allow", "The methods it knows")),
        429 | 503 => Some(("Retry-After", "Seconds after which it is worth trying again")),
        _ => None,
    }
}

fn example(code: Code) -> serde_json::Value {
    serde_json::json!({
        "type": format!("urn:homeward:problem:{}", code.slug()),
        "title": code.title(),
        "status": code.status(),
        "request_id": "0193f9a2-7c1e-7e4e-9d3c-0a4f5f3d2b10",
    })
}

/// The document as it is served.
pub struct Rendered(pub Arc<str>);

/// The OpenAPI document
#[utoipa::path(
    tag = "description",
    security(()),
    responses((status = 200, description = "This document", body = Object), Problems)
)]
#[get("/api/v1/openapi.json")]
pub async fn openapi_json(document: web::Data<Rendered>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(document.0.to_string())
}
