//! Where people reach the service from outside, as the settings say it.

use std::fmt;

use serde::Deserialize;

/// A scheme, a host and a port where it is not the scheme's own: `https://rma.example`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl(String);

/// Why a text is no such address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not where the service is reached: write scheme and host alone, such as https://rma.example"
)]
pub struct NoPublicUrl(String);

impl PublicUrl {
    /// What browsers send as `Origin`.
    pub fn origin(&self) -> &str {
        &self.0
    }

    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = NoPublicUrl;

    fn try_from(text: String) -> Result<Self, NoPublicUrl> {
        let bare = text.trim_end_matches('/').to_ascii_lowercase();
        let uri = bare.parse::<actix_web::http::Uri>().ok();
        let is_origin = uri.is_some_and(|uri| {
            let web = matches!(uri.scheme_str(), Some("http" | "https"));
            let plain = uri.path_and_query().is_none_or(|rest| rest.as_str() == "/");
            let named = uri.authority().is_some_and(|a| !a.as_str().contains('@'));
            web && plain && named
        });
        if is_origin { Ok(Self(bare)) } else { Err(NoPublicUrl(text)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_scheme_and_host_alone() {
        for good in ["https://rma.example", "https://RMA.example/", "http://localhost:8080"] {
            let url = PublicUrl::try_from(good.to_owned()).expect(good);
            assert_eq!(url.origin(), good.to_lowercase().trim_end_matches('/'));
        }
        for bad in
            ["rma.example", "ftp://rma.example", "https://a/b", "https://u@a", "", "https://a?b"]
        {
            assert!(PublicUrl::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
