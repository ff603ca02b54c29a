//! The facts decisions are made on: units and their cover, places, prices, programmes.

mod catalogue;
mod covers;
mod places;
mod programmes;
mod units;

pub use catalogue::{Account, ProductFacts, account, account_named, milestones, product};
pub use covers::{Cover, covers};
pub use places::{Site, depot, return_site, site, site_of_code, sites_with_own_days, two_sites};
pub use programmes::{
    add_programme, all_programmes, programme_on, programme_version, programmes_of,
};
pub use units::{Unit, hold_units, unit, units_of_serial};
