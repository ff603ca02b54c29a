//! The server: it listens, answers, and on SIGTERM stops being ready, lets what runs finish, and ends.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, ResponseError, middleware, web};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

use super::auth::guard;
use super::cookie::Manner;
use super::head::head_as_get;
use super::house::House;
use super::middleware::observe;
use super::openapi::{Rendered, document, frame};
use super::problem::{Code, Problem};
use super::{api, ops, pages, routes};
use crate::app::users;
use crate::db::idempotency;

/// How long answers are kept to be given again.
const ANSWERS_KEPT: chrono::TimeDelta = chrono::TimeDelta::days(7);

/// How the server runs.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    pub bind: String,
    /// How long it goes on answering after SIGTERM while it already says that it is not ready, so that a
    /// balancer can take it out.
    pub not_ready_for: Duration,
    /// How long running requests may take to finish after that.
    pub drain_for: Duration,
}

/// Why the server ended, or never began.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("{bind} cannot be listened on: {source}")]
    Bind { bind: String, source: std::io::Error },
    #[error("the server failed: {0}")]
    Io(#[from] std::io::Error),
}

/// Serves until SIGTERM or SIGINT; `listening` is told the address, `stopping` that the end has begun.
pub fn serve(
    house: House,
    options: &ServeOptions,
    listening: impl FnOnce(SocketAddr),
    stopping: impl FnOnce() + 'static,
) -> Result<(), ServeError> {
    let failed = |source| ServeError::Bind { bind: options.bind.clone(), source };
    let listener = TcpListener::bind(&options.bind).map_err(failed)?;
    let address = listener.local_addr()?;
    let cookie = Manner::of(house.public_url.as_ref(), address);
    let house = House { cookie, ..house };
    actix_web::rt::System::new().block_on(async {
        // Caught before anybody is told that we listen.
        let signals = Signals::new()?;
        let server = server(house.clone(), listener, options)?;
        listening(address);
        let handle = server.handle();
        actix_web::rt::spawn(keep_house(house.clone()));
        let not_ready_for = options.not_ready_for;
        actix_web::rt::spawn(async move {
            let mut signals = signals;
            signals.wait().await;
            stopping();
            stop(house, handle, not_ready_for).await;
        });
        Ok(server.await?)
    })
}

fn server(
    house: House,
    listener: TcpListener,
    options: &ServeOptions,
) -> Result<actix_web::dev::Server, std::io::Error> {
    let whole = document();
    let rendered: std::sync::Arc<str> = whole.to_json().unwrap_or_default().into();
    let server = HttpServer::new(move || {
        let swagger = SwaggerUi::new("/api/docs/{_:.*}").config(
            utoipa_swagger_ui::Config::from("/api/v1/openapi.json").persist_authorization(false),
        );
        App::new()
            .app_data(web::Data::new(house.clone()))
            .app_data(web::Data::new(Rendered(rendered.clone())))
            .wrap(middleware::Compress::default())
            .wrap(middleware::from_fn(guard))
            .wrap(middleware::from_fn(head_as_get))
            .wrap(middleware::from_fn(observe))
            .service(ops::livez)
            .service(ops::readyz)
            .service(ops::metrics)
            .into_utoipa_app()
            .openapi(frame())
            .configure(api::configure)
            .default_service(web::to(no_such_route))
            .into_app()
            .configure(pages::configure)
            .service(swagger)
    });
    let server = server
        .client_request_timeout(Duration::from_secs(30))
        .shutdown_timeout(options.drain_for.as_secs())
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

/// A path that is none, or a method its resource does not know.
async fn no_such_route(request: HttpRequest) -> HttpResponse {
    if pages::wants_a_page(&request) {
        return pages::no_such_page(&request);
    }
    let methods = request.match_pattern().map(|pattern| routes::methods(&pattern));
    match methods {
        Some(methods) if !methods.is_empty() => {
            let mut response = Problem::new(Code::MethodNotAllowed).error_response();
            if let Ok(value) = actix_web::http::header::HeaderValue::from_str(&methods) {
                response.headers_mut().insert(actix_web::http::header::ALLOW, value);
            }
            response
        }
        _ => Problem::not_found().error_response(),
    }
}

/// What has to be done now and then: forgotten answers, forgotten shares.
async fn keep_house(house: House) {
    let mut hours = tokio::time::interval(Duration::from_secs(3600));
    loop {
        hours.tick().await;
        house.limiter.retain_recent();
        house.peers.retain_recent();
        house.sign_ins.retain_recent();
        let before = house.clock.now() - ANSWERS_KEPT;
        let forgotten = house
            .block(move |house| house.app.db.write(|c| idempotency::forget_before(c, before)))
            .await;
        if let Err(problem) = forgotten {
            tracing::warn!(%problem, "old answers were not forgotten");
        }
        let now = house.clock.now();
        let forgotten = house.block(move |house| users::forget_sessions(&house.app, now)).await;
        if let Err(problem) = forgotten {
            tracing::warn!(%problem, "old sessions were not forgotten");
        }
    }
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn wait(&mut self) {
        // Without a way to be told, it runs until it is ended.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

async fn stop(house: House, server: ServerHandle, not_ready_for: Duration) {
    tracing::info!("stopping: not ready any more, what runs is finished");
    house.ready.store(false, Ordering::SeqCst);
    tokio::time::sleep(not_ready_for).await;
    server.stop(true).await;
}
