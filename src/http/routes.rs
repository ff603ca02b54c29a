//! The table of routes: what each is for and who may use it, of the API and of the pages. A request to a route
//! without a row is refused, and a test holds the OpenAPI document to the table.

use crate::app::{Caller, Capability};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without a token or a session.
    Public,
    /// Whoever is known, in any role.
    Known,
    /// Roles with this capability.
    With(Capability),
}

impl Access {
    /// Whether a caller who is known may use it.
    pub fn is_open_to(self, caller: &Caller) -> bool {
        match self {
            Self::Public | Self::Known => true,
            Self::With(capability) => caller.may(capability),
        }
    }
}

/// By what a caller of a route is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// A bearer token: the API.
    Token,
    /// The cookie of a session: the pages.
    Session,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    pub method: &'static str,
    /// The pattern, with `{names}` for what is variable.
    pub path: &'static str,
    pub access: Access,
    pub door: Door,
    /// The media type of its answer.
    pub produces: &'static str,
}

const JSON: &str = "application/json";

const HTML: &str = "text/html";

/// Of more than one kind: the handler knows which, and says so.
pub const ANY: &str = "*/*";

const fn get(path: &'static str, capability: Capability) -> Route {
    let access = Access::With(capability);
    Route { method: "GET", path, access, door: Door::Token, produces: JSON }
}

const fn post(path: &'static str, capability: Capability) -> Route {
    Route { method: "POST", ..get(path, capability) }
}

/// A page to look at.
const fn page(path: &'static str, access: Access) -> Route {
    Route { method: "GET", path, access, door: Door::Session, produces: HTML }
}

/// A form that is sent.
const fn form(path: &'static str, access: Access) -> Route {
    Route { method: "POST", ..page(path, access) }
}

impl Route {
    const fn as_type(self, produces: &'static str) -> Self {
        Self { produces, ..self }
    }
}

/// Every route of the API and of the pages.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/api/v1/openapi.json",
        access: Access::Public,
        door: Door::Token,
        produces: JSON,
    },
    get("/api/v1/cases", Capability::SeeCases),
    post("/api/v1/cases", Capability::OpenCases),
    get("/api/v1/cases/{number}", Capability::SeeCases),
    post("/api/v1/cases/{number}/close", Capability::CloseCases),
    get("/api/v1/cases/{number}/interviews", Capability::SeeCases),
    post("/api/v1/cases/{number}/interviews", Capability::RequestRmas),
    get("/api/v1/cases/{number}/attachments", Capability::SeeCases),
    post("/api/v1/cases/{number}/attachments", Capability::AttachToCases),
    get("/api/v1/cases/{number}/attachments/{id}", Capability::SeeCases).as_type(ANY),
    post("/api/v1/cases/{number}/attachments/{id}/withdrawal", Capability::WithdrawFiles),
    get("/api/v1/interviews/{id}", Capability::SeeCases),
    post("/api/v1/interviews/{id}/answers", Capability::RequestRmas),
    get("/api/v1/tasks", Capability::WorkTasks),
    post("/api/v1/tasks/{id}/settle", Capability::WorkTasks),
    get("/api/v1/rmas", Capability::SeeRmas),
    post("/api/v1/rmas", Capability::RequestRmas),
    get("/api/v1/rmas/{number}", Capability::SeeRmas),
    get("/api/v1/rmas/{number}/events", Capability::SeeRmas),
    post("/api/v1/rmas/{number}/commands", Capability::CommandRmas),
    post("/api/v1/rmas/{number}/dead-on-arrival", Capability::CommandRmas),
    post("/api/v1/rmas/{number}/progress-requests", Capability::AskForProgress),
    get("/api/v1/rmas/{number}/label.pdf", Capability::SeeRmas).as_type("application/pdf"),
    get("/api/v1/rmas/{number}/instructions.pdf", Capability::SeeRmas).as_type("application/pdf"),
    get("/api/v1/rmas/{number}/attachments", Capability::SeeRmas),
    post("/api/v1/rmas/{number}/attachments", Capability::AttachToRmas),
    get("/api/v1/rmas/{number}/attachments/{id}", Capability::SeeRmas).as_type(ANY),
    post("/api/v1/rmas/{number}/attachments/{id}/withdrawal", Capability::WithdrawFiles),
    get("/api/v1/logistics/queue", Capability::SeeQueues),
    post("/api/v1/dock/arrivals", Capability::JudgeBoxes),
    get("/api/v1/dock/arrivals", Capability::SeeBoxes),
    get("/api/v1/dock/arrivals/{box}", Capability::SeeBoxes),
    get("/api/v1/dock/arrivals/{box}/attachments", Capability::SeeBoxes),
    post("/api/v1/dock/arrivals/{box}/attachments", Capability::SeeBoxes),
    get("/api/v1/dock/arrivals/{box}/attachments/{id}", Capability::SeeBoxes).as_type(ANY),
    post("/api/v1/dock/arrivals/{box}/attachments/{id}/withdrawal", Capability::WithdrawFiles),
    get("/api/v1/accounts", Capability::SeeRegister),
    get("/api/v1/accounts/{id}", Capability::SeeRegister),
    get("/api/v1/accounts/{id}/product-life.csv", Capability::SeeInstalledBase).as_type("text/csv"),
    get("/api/v1/sites", Capability::SeeRegister),
    get("/api/v1/sites/{code}", Capability::SeeRegister),
    get("/api/v1/units/{manufacturer}/{serial_number}", Capability::SeeRegister),
    post("/api/v1/units/{manufacturer}/{serial_number}/transfer", Capability::CareForUnits),
    post("/api/v1/units/{manufacturer}/{serial_number}/grey-market", Capability::CareForUnits),
    post("/api/v1/units/{manufacturer}/{serial_number}/reinstatement", Capability::CareForUnits),
    get("/api/v1/explain/return-window", Capability::AskWhy),
    get("/api/v1/explain/warranty", Capability::AskWhy),
    get("/api/v1/explain/entitlement", Capability::SeeRegister),
    get("/api/v1/explain/replacement", Capability::AskWhy),
    get("/api/v1/explain/repair", Capability::AskWhy),
    get("/api/v1/explain/analysis", Capability::AskWhy),
    get("/api/v1/explain/ra-eligibility", Capability::AskWhy),
    get("/api/v1/explain/rma/{number}", Capability::SeeRmas),
    get("/api/v1/explain/unit/{serial}", Capability::SeeRegister),
    get("/api/v1/reports", Capability::RunReports),
    post("/api/v1/reports/{name}/runs", Capability::RunReports).as_type("text/csv"),
    get("/api/v1/report-runs", Capability::RunReports),
    post("/api/v1/report-runs", Capability::RunReports),
    get("/api/v1/report-runs/{id}", Capability::RunReports),
    get("/api/v1/report-runs/{id}/file.csv", Capability::RunReports).as_type("text/csv"),
    post("/api/v1/report-runs/{id}/retry", Capability::RunReports),
    post("/api/v1/imports/{subject}", Capability::Import),
    page("/", Access::Public),
    page("/assets/{name}", Access::Public).as_type(ANY),
    form("/sign-in", Access::Public),
    form("/sign-out", Access::Known),
    page("/search", Access::With(Capability::SeeRmas)),
    page("/cases", Access::With(Capability::SeeCases)),
    form("/cases", Access::With(Capability::OpenCases)),
    page("/cases/new", Access::With(Capability::OpenCases)),
    page("/cases/{number}", Access::With(Capability::SeeCases)),
    form("/cases/{number}/rmas", Access::With(Capability::RequestRmas)),
    page("/rmas", Access::With(Capability::SeeRmas)),
    page("/rmas/{number}", Access::With(Capability::SeeRmas)),
    page("/rmas/{number}/label.pdf", Access::With(Capability::SeeRmas)).as_type("application/pdf"),
    page("/rmas/{number}/instructions.pdf", Access::With(Capability::SeeRmas))
        .as_type("application/pdf"),
    form("/rmas/{number}/progress-requests", Access::With(Capability::AskForProgress)),
    page("/account", Access::Known),
    form("/account/zone", Access::Known),
    form("/account/password", Access::Known),
    form("/account/sign-out-everywhere", Access::Known),
];

/// Beside the API: for whoever runs the service.
const WATCHED: &[&str] = &["/livez", "/readyz", "/metrics"];

/// The row of a request.
pub fn route(method: &str, pattern: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.path == pattern && route.method == method)
}

/// The methods a pattern knows, as the header `Allow` lists them: HEAD wherever GET is known.
pub fn methods(pattern: &str) -> String {
    let watched = WATCHED.contains(&pattern).then_some("GET");
    let rows = ROUTES.iter().filter(|route| route.path == pattern).map(|route| route.method);
    let mut known = Vec::new();
    for method in rows.chain(watched) {
        known.push(method);
        if method == "GET" {
            known.push("HEAD");
        }
    }
    known.join(", ")
}
