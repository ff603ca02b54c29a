//! The mix: which share of the failures takes which way. Documented in `mix.toml`, which is also what
//! is used when no other is given.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use figment::Figment;
use figment::providers::{Format, Toml};
use serde::Deserialize;

/// The mix that comes with the program, with a word on every setting.
pub const DEFAULT_MIX: &str = include_str!("mix.toml");

/// What the sample's mix says otherwise, so that its few failures show most of what can happen.
const SAMPLE_MIX: &str = include_str!("../../sample/mix.toml");

/// Which share of the failures takes which way.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mix {
    pub tail_days: u32,
    pub units: Units,
    pub contracts: Contracts,
    pub policy: Policy,
    pub request: Request,
    pub outbound: Outbound,
    pub advance: Advance,
    pub factory: Factory,
    pub claims: Claims,
    pub review: Review,
    pub bench: Bench,
    pub quotes: Quotes,
}

/// Declares a table of the mix; its numbers are shares or weights.
macro_rules! table {
    ($name:ident { shares: [$($share:ident),*], weights: [$($weight:ident),*] }) => {
        #[derive(Debug, Clone, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $(pub $share: f64,)*
            $(pub $weight: f64,)*
        }
        impl $name {
            fn check(&self, table: &str) -> Result<(), String> {
                $(share(table, stringify!($share), self.$share)?;)*
                let weights: &[(&str, f64)] = &[$((stringify!($weight), self.$weight)),*];
                weighs(table, weights)
            }
        }
    };
}

table!(Units {
    shares: [unregistered, through_distributor, resale_unknown, unpriced],
    weights: []
});
table!(Contracts {
    shares: [accounts_covered, ending_early, renewed, media_retention],
    weights: []
});
table!(Request { shares: [questionnaire, called_off], weights: [] });
table!(Outbound {
    shares: [backordered, substituted, failed_once, proof_late, dead_on_arrival],
    weights: []
});
table!(Advance {
    shares: [],
    weights: [
        in_time,
        late,
        after_charge,
        never,
        bought_before_charge,
        bought_after_charge,
        claimed,
        wrong_serial,
        swapped_boxes,
        replacement_back,
        destroyed
    ]
});
table!(Factory { shares: [], weights: [returned, claimed, destroyed, never] });
table!(Claims { shares: [], weights: [found, not_found, rejected] });
table!(Review {
    shares: [returned_when_extended, credited, bought_and_sent, excluded],
    weights: [charged, waived, extended]
});
table!(Bench { shares: [], weights: [repaired, no_fault_found, replaced, scrapped, quoted] });
table!(Quotes { shares: [accepted], weights: [] });

/// What the replay's programme says otherwise than the rulebook.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub country_extensions: BTreeMap<String, u32>,
    pub export_check_countries: BTreeSet<String>,
    pub no_return_countries: BTreeSet<String>,
}

/// Why a mix cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MixError {
    #[error("the mix {0} is not there")]
    Missing(String),
    #[error("the mix: {0}")]
    Wrong(Box<figment::Error>),
    #[error("the mix: {0}")]
    Value(String),
}

impl Mix {
    /// The mix of the program, with what `file` says otherwise.
    ///
    /// # Errors
    /// `Missing` without the file, `Wrong` for an unknown key or a value of another type, `Value` for
    /// a share or weight out of its range.
    pub fn load(file: Option<&Path>) -> Result<Self, MixError> {
        Self::from(Figment::from(Toml::string(DEFAULT_MIX)), file)
    }

    /// The mix of the sample, with what `file` says otherwise.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn for_sample(file: Option<&Path>) -> Result<Self, MixError> {
        let figment = Figment::from(Toml::string(DEFAULT_MIX)).merge(Toml::string(SAMPLE_MIX));
        Self::from(figment, file)
    }

    fn from(mut figment: Figment, file: Option<&Path>) -> Result<Self, MixError> {
        if let Some(path) = file {
            if !path.is_file() {
                return Err(MixError::Missing(path.display().to_string()));
            }
            figment = figment.merge(Toml::file_exact(path));
        }
        let mix: Self = figment.extract().map_err(|error| MixError::Wrong(Box::new(error)))?;
        mix.check().map_err(MixError::Value)?;
        Ok(mix)
    }

    fn check(&self) -> Result<(), String> {
        if self.tail_days > 3650 {
            return Err(format!("tail_days is {}; at most 3,650 are played", self.tail_days));
        }
        self.units.check("units")?;
        self.contracts.check("contracts")?;
        self.request.check("request")?;
        self.outbound.check("outbound")?;
        self.advance.check("advance")?;
        self.factory.check("factory")?;
        self.claims.check("claims")?;
        self.review.check("review")?;
        self.bench.check("bench")?;
        self.quotes.check("quotes")
    }
}

fn share(table: &str, name: &str, value: f64) -> Result<(), String> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(format!("{table}.{name} is {value}; a share lies between 0 and 1"))
}

fn weighs(table: &str, weights: &[(&str, f64)]) -> Result<(), String> {
    for (name, value) in weights {
        if !(0.0..=1e9).contains(value) {
            return Err(format!("{table}.{name} is {value}; a weight is a number from 0"));
        }
    }
    if !weights.is_empty() && weights.iter().all(|(_, value)| *value == 0.0) {
        return Err(format!("all weights of {table} are 0; give at least one"));
    }
    Ok(())
}
