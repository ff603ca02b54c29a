//! The installed base with its products, a page at a time.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::{organizations, products, sites, units};
use crate::domain::ids::OrganizationId;
use crate::domain::product_life::LifeDates;
use crate::domain::site::UnitStatus;
use crate::reports::product_life::Row;

const PAGE: i64 = 1000;

#[derive(Queryable)]
struct Installed {
    id: i64,
    texts: (String, String, String, String, String, String),
    shipped_on: NaiveDate,
    product: Option<Product>,
}

type Dates = (Option<NaiveDate>, Option<NaiveDate>, Option<NaiveDate>, Option<NaiveDate>);
type Product = (String, Dates, Option<String>);

/// Calls `each` for every unit that stands with a customer and was shipped by the end of `as_of`, in the
/// order of the register; of one account, or of all.
pub fn installed<E: From<DbError>>(
    connection: &mut AnyConnection,
    account: Option<OrganizationId>,
    as_of: NaiveDate,
    mut each: impl FnMut(Row) -> Result<(), E>,
) -> Result<(), E> {
    let mut after = 0;
    loop {
        let page = page(connection, account, as_of, after)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id;
        for row in page {
            each(row.into())?;
        }
    }
}

fn page(
    connection: &mut AnyConnection,
    account: Option<OrganizationId>,
    as_of: NaiveDate,
    after: i64,
) -> Result<Vec<Installed>, DbError> {
    let of_unit = products::manufacturer
        .eq(units::manufacturer)
        .and(products::part_number.eq(units::part_number));
    let mut query = units::table
        .inner_join(
            organizations::table.on(units::organization_id.eq(organizations::id.nullable())),
        )
        .inner_join(sites::table.on(sites::id.eq(units::site_id)))
        .left_join(products::table.on(of_unit))
        .filter(units::id.gt(after))
        .filter(units::status.eq(UnitStatus::Installed.as_str()))
        .filter(units::shipped_on.le(as_of))
        .into_boxed();
    if let Some(OrganizationId(id)) = account {
        query = query.filter(units::organization_id.eq(id));
    }
    query
        .order(units::id)
        .limit(PAGE)
        .select((
            units::id,
            (
                organizations::name,
                sites::name,
                sites::country,
                units::manufacturer,
                units::serial_number,
                units::part_number,
            ),
            units::shipped_on,
            (
                products::description,
                (products::frs_on, products::eol_on, products::eoe_on, products::eos_on),
                products::replacement_part,
            )
                .nullable(),
        ))
        .load(connection)
        .during("reading the installed base")
}

impl From<Installed> for Row {
    fn from(unit: Installed) -> Self {
        let (account, site, country, manufacturer, serial_number, part_number) = unit.texts;
        let (description, (frs_on, eol_on, eoe_on, eos_on), replacement_part) =
            unit.product.unwrap_or_default();
        Self {
            account,
            site,
            country,
            manufacturer,
            serial_number,
            part_number,
            description,
            shipped_on: unit.shipped_on,
            dates: LifeDates { frs_on, eol_on, eoe_on, eos_on },
            replacement_part,
        }
    }
}
