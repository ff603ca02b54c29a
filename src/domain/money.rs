//! Money as whole minor units of an ISO 4217 currency. Never a float, never converted.

use std::fmt;

pub use iso_currency::Currency;
use serde::{Deserialize, Serialize};

/// An amount in minor units (cents, yen, fils) of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

/// Why a text is not an amount of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("{0:?} is not an ISO 4217 currency code")]
    Currency(String),
    #[error("{0:?} is not an amount: digits, with a point before the minor units")]
    Amount(String),
    #[error("{amount:?} has more decimals than {currency} knows ({decimals})")]
    Decimals { amount: String, currency: String, decimals: u16 },
    #[error("{0:?} is too large an amount")]
    TooLarge(String),
}

/// The currency of an ISO 4217 code that has minor units defined (funds and metals have none).
pub fn currency(code: &str) -> Result<Currency, MoneyError> {
    Currency::from_code(code)
        .filter(|c| c.exponent().is_some())
        .ok_or_else(|| MoneyError::Currency(code.to_owned()))
}

impl Money {
    /// Reads a decimal amount such as `149.00` into minor units of `currency`. Negative amounts,
    /// signs, group marks and more decimals than the currency has are refused.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, MoneyError> {
        let bad = || MoneyError::Amount(amount.to_owned());
        let decimals = currency.exponent().unwrap_or(0);
        let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || amount.ends_with('.') {
            return Err(bad());
        }
        if fraction.len() > usize::from(decimals) {
            return Err(MoneyError::Decimals {
                amount: amount.to_owned(),
                currency: currency.code().to_owned(),
                decimals,
            });
        }
        let padded = format!("{whole}{fraction:0<width$}", width = usize::from(decimals));
        let minor = padded.parse().map_err(|_| MoneyError::TooLarge(amount.to_owned()))?;
        Ok(Self { minor, currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = usize::from(self.currency.exponent().unwrap_or(0));
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        let point = if decimals > 0 { "." } else { "" };
        write!(f, "{} {sign}{whole}{point}{fraction}", self.currency.code())
    }
}
