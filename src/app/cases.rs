//! Opening a support case (RMA-1: an RMA always hangs on one).

use chrono::{DateTime, Utc};

use super::context::App;
use super::error::AppError;
use super::intake;
use crate::db::AnyConnection;
use crate::db::cases::{self, NewCase};
use crate::db::dialect::next_counter;
use crate::db::facts::{self, Unit};
use crate::domain::ids::{CaseNumber, Manufacturer, SerialNumber, checked, checked_text};
use crate::domain::intake::{CaseKind, Way};
use crate::domain::rma::Actor;

/// What opens a case (CASE-1).
#[derive(Debug, Clone)]
pub struct OpenCase {
    pub serial_number: SerialNumber,
    /// Needed where two manufacturers share the serial.
    pub manufacturer: Option<Manufacturer>,
    /// 1 to 4.
    pub priority: i16,
    pub summary: String,
    /// The customer's own number for it (ID-4).
    pub customer_reference: Option<String>,
    pub contact_name: String,
    pub contact_email: String,
    pub kind: CaseKind,
    pub way: Way,
}

/// Opens a case on a unit of the register and gives its number (ID-1).
pub fn open(
    app: &App,
    connection: &mut AnyConnection,
    case: &OpenCase,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<CaseNumber, AppError> {
    check(case)?;
    let unit = the_unit(connection, &case.serial_number, case.manufacturer.as_ref())?;
    let Some(organization_id) = unit.organization_id else {
        let reason = format!("serial {} is stock, no customer's unit", unit.serial_number);
        return Err(AppError::Invalid { field: "serial_number", reason });
    };
    let set_aside = intake::admit(app, connection, &unit, (case.kind, &case.way), actor, now)?;
    let day = app.operator_zone.local_date(now);
    let serial = next_counter(connection, &format!("case:{day}"))?;
    let number = u32::try_from(serial).ok().and_then(|n| CaseNumber::new(day, n));
    let Some(number) = number else {
        let reason = format!("all 999,999 case numbers of {day} are given out");
        return Err(AppError::Invalid { field: "case", reason });
    };
    let new = NewCase {
        number,
        organization_id,
        site_id: unit.site_id,
        unit_id: unit.id,
        priority: case.priority,
        summary: case.summary.clone(),
        customer_reference: case.customer_reference.clone(),
        contact_name: case.contact_name.clone(),
        contact_email: case.contact_email.clone(),
        opened_by: actor.to_string(),
        opened_at: now,
        kind: case.kind,
        channel: case.way.channel,
    };
    let id = cases::insert(connection, &new)?;
    if let Some(set_aside) = set_aside {
        intake::keep(connection, &set_aside, (id, None), actor, now)?;
    }
    Ok(number)
}

fn check(case: &OpenCase) -> Result<(), AppError> {
    let invalid = |field, reason: &str| Err(AppError::Invalid { field, reason: reason.to_owned() });
    if !(1..=4).contains(&case.priority) {
        return invalid("priority", "a priority is 1, 2, 3 or 4");
    }
    if let Err(error) = checked_text(&case.summary, 2000) {
        return invalid("summary", &error.to_string());
    }
    if let Err(error) = checked("the contact's name", &case.contact_name, 120) {
        return invalid("contact_name", &error.to_string());
    }
    let address = email_address::EmailAddress::parse_with_options(
        &case.contact_email,
        email_address::Options::default().with_required_tld().without_display_text(),
    );
    if let Err(error) = address {
        return invalid("contact_email", &format!("{:?}: {error}", case.contact_email));
    }
    if let Some(reference) = &case.customer_reference
        && let Err(error) = checked("the customer's reference", reference, 120)
    {
        return invalid("customer_reference", &error.to_string());
    }
    Ok(())
}

/// The one unit a serial means, with the manufacturer to tell two apart.
pub fn the_unit(
    connection: &mut AnyConnection,
    serial: &SerialNumber,
    manufacturer: Option<&Manufacturer>,
) -> Result<Unit, AppError> {
    let mut found = facts::units_of_serial(connection, serial)?;
    found.retain(|unit| manufacturer.is_none_or(|m| unit.manufacturer == *m));
    match (found.len(), found.pop()) {
        (1, Some(unit)) => Ok(unit),
        (0, _) | (_, None) => {
            Err(AppError::NoSuch { what: "unit with serial", name: serial.to_string() })
        }
        (_, Some(_)) => Err(AppError::Invalid {
            field: "manufacturer",
            reason: format!("several manufacturers have a serial {serial}; name one"),
        }),
    }
}
