//! The cookie of a session. Its name and its protection depend on how the service is reached: over TLS it is
//! `__Host-homeward`, which browsers take and send over TLS alone. On plain HTTP no browser keeps such a cookie,
//! so one without protection is set there, and only where nobody but this machine can reach the service.

use std::net::SocketAddr;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header;
use actix_web::http::header::HeaderMap;

use super::public_url::PublicUrl;
use crate::app::users::AT_MOST;

/// Which of the two it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// `__Host-homeward`, over TLS alone.
    Tls,
    /// `homeward`, on the loopback address without TLS.
    Loopback,
}

impl Manner {
    pub fn of(public_url: Option<&PublicUrl>, bound: SocketAddr) -> Self {
        let over_tls = public_url.is_some_and(PublicUrl::is_https);
        if bound.ip().is_loopback() && !over_tls { Self::Loopback } else { Self::Tls }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Tls => "__Host-homeward",
            Self::Loopback => "homeward",
        }
    }

    /// The secret a browser sends, if it sends one alone.
    pub fn secret(self, headers: &HeaderMap) -> Option<String> {
        let all = headers.get_all(header::COOKIE).filter_map(|value| value.to_str().ok());
        let mut ours = all
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == self.name())
            .map(|(_, value)| value);
        match (ours.next(), ours.next()) {
            (Some(secret), None) if !secret.is_empty() && secret.len() <= 128 => {
                Some(secret.to_owned())
            }
            _ => None,
        }
    }

    /// The cookie of a session that has begun.
    pub fn set(self, secret: String) -> Cookie<'static> {
        let seconds = AT_MOST.num_seconds();
        self.build(secret).max_age(actix_web::cookie::time::Duration::seconds(seconds)).finish()
    }

    /// A cookie that takes the one there is away.
    pub fn unset(self) -> Cookie<'static> {
        let mut cookie = self.build(String::new()).finish();
        cookie.make_removal();
        cookie
    }

    fn build(self, value: String) -> actix_web::cookie::CookieBuilder<'static> {
        Cookie::build(self.name(), value)
            .path("/")
            .http_only(true)
            .secure(self == Self::Tls)
            .same_site(SameSite::Lax)
    }
}
