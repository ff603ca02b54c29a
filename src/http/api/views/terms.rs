//! What was kept at issue.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::carriage::Carriage;
use crate::domain::rma::event::SiteTerms;

/// An amount in minor units of its currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoneyView {
    #[schema(example = 149_000)]
    pub amount_minor: i64,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
}

/// A place as it was when the RMA was issued.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceView {
    pub code: String,
    pub name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// IANA.
    pub zone: String,
    pub calendar: String,
}

impl From<&SiteTerms> for PlaceView {
    fn from(site: &SiteTerms) -> Self {
        Self {
            code: site.code.clone(),
            name: site.name.clone(),
            country: site.country.clone(),
            zone: site.zone.to_string(),
            calendar: site.calendar.as_str().to_owned(),
        }
    }
}

/// What was kept at issue.
#[derive(Debug, Serialize, ToSchema)]
pub struct TermsView {
    pub mode: String,
    pub issued_on: NaiveDate,
    /// The rule that gave the entitlement.
    pub entitlement_rule: String,
    #[schema(value_type = Object)]
    pub entitlement: serde_json::Value,
    pub list_price: MoneyView,
    pub bill_to: String,
    pub programme: String,
    pub ship_to: PlaceView,
    pub return_to: PlaceView,
    /// None in terms of older programs.
    pub dispatch: Option<DispatchView>,
    /// None in terms of older programs.
    pub carriage: Option<CarriageView>,
}

/// The depot a replacement leaves from (AMB-6).
#[derive(Debug, Serialize, ToSchema)]
pub struct DispatchView {
    pub depot: PlaceView,
    /// The latest local time that counts as that day.
    #[schema(example = "15:00:00")]
    pub cut_off: String,
    /// The depot's own; else the programme's.
    pub own_cut_off: bool,
}

/// Who pays carriage each way (WAR-6, AMB-26).
#[derive(Debug, Serialize, ToSchema)]
pub struct CarriageView {
    /// Of the defective unit: customer or vendor.
    #[schema(example = "customer")]
    pub inbound: String,
    /// Of the replacement or the repaired unit: customer or vendor.
    #[schema(example = "vendor")]
    pub outbound: String,
    /// A prepaid return label comes with the replacement.
    pub prepaid_label: bool,
    #[schema(example = "AMB-26")]
    pub rule: String,
    /// The same in one sentence to the customer.
    pub sentence: String,
}

impl From<&Carriage> for CarriageView {
    fn from(carriage: &Carriage) -> Self {
        Self {
            inbound: carriage.inbound.to_string(),
            outbound: carriage.outbound.to_string(),
            prepaid_label: carriage.prepaid_label,
            rule: carriage.rule.clone(),
            sentence: carriage.sentence().to_owned(),
        }
    }
}
