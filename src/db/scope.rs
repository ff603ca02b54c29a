//! Whose rows a caller may see (AMB-19). Every query of cases and RMAs on behalf of a caller takes one,
//! so that it cannot be left out; what is foreign is not found, just as what is absent.

use diesel::prelude::*;

use super::connection::AnyConnection;
use super::error::{DbError, During};
use super::schema::{cases, rmas};
use super::straight::LoadStraight;
use crate::domain::ids::{CaseNumber, OrganizationId, RmaNumber};

diesel::define_sql_function! {
    /// Lower case of ASCII letters at the least, on both databases.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// What a caller may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everything: staff.
    All,
    /// The rows of these accounts: an account admin's own, a partner's linked end customers.
    Accounts(Vec<OrganizationId>),
    /// The cases of one account that one person opened, or is the contact of, and their RMAs.
    Opener { account: OrganizationId, email: String },
}

/// Narrows a query that has `cases` in it: a macro, since a query of one table and one of a join are
/// different types. A boxed one stays of its type; of another, which a connection knows again by its type, is
/// given what to do with it.
macro_rules! within {
    ($query:expr, $scope:expr) => {
        $crate::db::scope::within!($query, $scope, |narrowed| narrowed)
    };
    ($query:expr, $scope:expr, |$narrowed:ident| $done:expr) => {
        match $scope {
            $crate::db::scope::Scope::All => {
                let $narrowed = $query;
                $done
            }
            $crate::db::scope::Scope::Accounts(accounts) => {
                let ids: Vec<i64> = accounts.iter().map(|id| id.0).collect();
                let $narrowed =
                    $query.filter($crate::db::schema::cases::organization_id.eq_any(ids));
                $done
            }
            $crate::db::scope::Scope::Opener { account, email } => {
                let $narrowed =
                    $query.filter($crate::db::schema::cases::organization_id.eq(account.0)).filter(
                        $crate::db::scope::lower($crate::db::schema::cases::contact_email)
                            .eq(email.to_lowercase())
                            .or($crate::db::schema::cases::opened_by
                                .eq(format!("customer:{email}"))),
                    );
                $done
            }
        }
    };
}
pub(super) use within;

impl Scope {
    /// Whether rows of this account can be among those seen.
    pub fn knows_account(&self, id: OrganizationId) -> bool {
        match self {
            Self::All => true,
            Self::Accounts(accounts) => accounts.contains(&id),
            Self::Opener { account, .. } => *account == id,
        }
    }
}

/// Whether the caller may see the RMA; `false` too when there is none.
pub fn sees_rma(
    connection: &mut AnyConnection,
    scope: &Scope,
    number: RmaNumber,
) -> Result<bool, DbError> {
    let value = i64::try_from(number.value()).unwrap_or(i64::MAX);
    let query =
        rmas::table.inner_join(cases::table).filter(rmas::number_value.eq(value)).select(rmas::id);
    let found: Vec<i64> = within!(query, scope, |mine| mine.load_straight(connection))
        .during("looking for an RMA")?;
    Ok(!found.is_empty())
}

/// Whether the caller may see the case; `false` too when there is none.
pub fn sees_case(
    connection: &mut AnyConnection,
    scope: &Scope,
    number: CaseNumber,
) -> Result<bool, DbError> {
    let query = cases::table.filter(cases::number.eq(number.to_string())).select(cases::id);
    let found: Vec<i64> = within!(query, scope, |mine| mine.load_straight(connection))
        .during("looking for a case")?;
    Ok(!found.is_empty())
}
