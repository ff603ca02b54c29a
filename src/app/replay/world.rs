//! The world a replay plays in, made from the installed base: accounts, sites, products, contracts and
//! units, brought in through the importers like any other.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, NaiveTime};
use csv::StringRecord;

use super::ReplayError;
use super::dice::Dice;
use super::import::{Table, import};
use super::input::{Input, InputUnit};
use super::mix::Mix;
use crate::app::import::{Progress, Subject};
use crate::app::{App, AppError, programmes};
use crate::db::facts;
use crate::domain::programme::Programme;
use crate::domain::return_window::Place;
use crate::domain::service_level::ServiceLevel;

/// Accounts and sites: invented, in the importers' own format.
const ORGANIZATIONS: &str = include_str!("world/organizations.csv");
const SITES: &str = include_str!("world/sites.csv");

/// The distributors of `organizations.csv`.
const DISTRIBUTORS: [&str; 2] = ["Meridian Component Distribution", "Kontor Nord Distribution KG"];

/// Who builds and repairs for the manufacturers; their docks are in `sites.csv`.
const CONTRACT_MANUFACTURERS: [&str; 3] =
    ["Sierra Madre Electrónica", "Pacific Rim Assembly", "Pearl Delta Manufacturing"];

/// A list price: a base and an amount a terabyte, in minor units, of each currency. A price list, not
/// a conversion.
const PRICES: [(&str, u64, u64); 7] = [
    ("USD", 4_900, 2_600),
    ("EUR", 4_700, 2_500),
    ("GBP", 4_200, 2_150),
    ("JPY", 6_800, 3_600),
    ("CNY", 33_900, 17_900),
    ("BRL", 24_900, 13_900),
    ("INR", 389_900, 209_900),
];

/// A customer.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub name: String,
    pub currency: String,
    /// Codes of its sites.
    pub sites: Vec<String>,
}

/// A site as the replay needs it.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub place: Arc<Place>,
    pub region: String,
    pub contact_name: String,
    pub contact_email: String,
}

/// A part of the installed base.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub manufacturer: String,
    pub part_number: String,
    pub size_gb: u32,
}

/// The world, with what the replay looks up in it.
pub(super) struct World {
    pub input: Input,
    pub accounts: Vec<Account>,
    pub sites: HashMap<String, Site>,
    pub parts: Vec<Part>,
    part_at: HashMap<(String, String), usize>,
    seed: u64,
    unregistered: f64,
    unpriced: f64,
}

impl World {
    /// Deals the installed base out and imports everything.
    pub fn build(
        app: &App,
        input: Input,
        seed: u64,
        mix: &Mix,
        progress: &mut dyn Progress,
    ) -> Result<Self, ReplayError> {
        let mut world = Self {
            accounts: accounts(),
            sites: HashMap::new(),
            parts: parts(&input),
            part_at: HashMap::new(),
            input,
            seed,
            unregistered: mix.units.unregistered,
            unpriced: mix.units.unpriced,
        };
        let key = |part: &Part| (part.manufacturer.clone(), part.part_number.clone());
        world.part_at = world.parts.iter().enumerate().map(|(at, p)| (key(p), at)).collect();
        let first = world.input.failures.iter().map(|failure| failure.on).min();
        let at = first.map_or(DateTime::UNIX_EPOCH, |on| on.and_time(NaiveTime::MIN).and_utc());
        import(app, Subject::Organizations, &Table::of(ORGANIZATIONS), at, progress)?;
        import(app, Subject::Sites, &Table::of(SITES), at, progress)?;
        import(app, Subject::Products, &world.products(&BTreeSet::new()), at, progress)?;
        import(app, Subject::Units, &world.units(mix), at, progress)?;
        import(app, Subject::Contracts, &world.contracts(mix), at, progress)?;
        let (first_on, _) = world.input.span();
        let everyone = "*".parse().map_err(AppError::from)?;
        programmes::add(app, &everyone, first_on, &programme(mix))?;
        world.sites = load_sites(app)?;
        Ok(world)
    }

    /// The choices about one unit.
    pub fn dice(&self, unit: usize) -> Dice {
        let unit = &self.input.units[unit];
        Dice::new(self.seed, &format!("{}\n{}", unit.manufacturer, unit.serial_number))
    }

    /// Whose unit it is, and at which of the account's sites.
    pub fn home(&self, unit: usize) -> (&Account, &str) {
        let dice = self.dice(unit);
        // There are accounts, and each has a site: the embedded files say so, and a test.
        let account = &self.accounts[dice.roll("account") as usize % self.accounts.len()];
        (account, &account.sites[dice.roll("site") as usize % account.sites.len()])
    }

    /// The place of a part in `parts`.
    pub fn part(&self, manufacturer: &str, part_number: &str) -> usize {
        let key = (manufacturer.to_owned(), part_number.to_owned());
        self.part_at.get(&key).copied().unwrap_or_default()
    }

    /// The part that is sent when a substitute is: the next larger of the manufacturer, else itself.
    pub fn substitute(&self, part: usize) -> usize {
        let wanted = &self.parts[part];
        let fits = |(at, other): &(usize, &Part)| {
            *at != part
                && other.manufacturer == wanted.manufacturer
                && other.size_gb >= wanted.size_gb
        };
        let next = self.parts.iter().enumerate().filter(fits);
        next.min_by_key(|(at, other)| (other.size_gb, *at)).map_or(part, |(at, _)| at)
    }

    /// Another unit of the same account that never fails: what a wrong box holds.
    pub fn another_unit(&self, unit: usize, failing: &[bool]) -> Option<&InputUnit> {
        let (account, _) = self.home(unit);
        let count = self.input.units.len();
        (1..count.min(2_000))
            .map(|step| (unit + step) % count)
            .find(|other| !failing[*other] && self.home(*other).0.name == account.name)
            .map(|other| &self.input.units[other])
    }

    /// The products; `priced` are those of the parts and currencies whose missing price is given now.
    pub fn products(&self, priced: &BTreeSet<(usize, String)>) -> Table {
        let mut table = Table::new(&[
            "manufacturer",
            "part_number",
            "description",
            "list_prices",
            "contract_manufacturer",
        ]);
        for (at, part) in self.parts.iter().enumerate() {
            let prices = PRICES.iter().filter(|(currency, ..)| {
                let label = format!("{}\n{}\n{currency}", part.manufacturer, part.part_number);
                !Dice::new(self.seed, "price").share(&label, self.unpriced)
                    || priced.contains(&(at, (*currency).to_owned()))
            });
            let prices: Vec<String> = prices.map(|price| list_price(price, part.size_gb)).collect();
            table.row([
                &part.manufacturer,
                &part.part_number,
                &format!("Drive, {} GB", part.size_gb),
                &prices.join(";"),
                self.contract_manufacturer(&part.manufacturer),
            ]);
        }
        table
    }

    fn contract_manufacturer(&self, manufacturer: &str) -> &'static str {
        let mut all: Vec<&str> = self.parts.iter().map(|p| p.manufacturer.as_str()).collect();
        all.sort_unstable();
        all.dedup();
        let at = all.iter().position(|name| *name == manufacturer).unwrap_or_default();
        CONTRACT_MANUFACTURERS[at % CONTRACT_MANUFACTURERS.len()]
    }

    /// A row of the units' file; `registered_on` where the customer registers later than at first.
    pub fn unit_row(
        &self,
        unit: usize,
        mix: &Mix,
        registered_on: Option<NaiveDate>,
    ) -> Vec<String> {
        let dice = self.dice(unit);
        let (account, site) = self.home(unit);
        let unit = &self.input.units[unit];
        let days = |label, low, high| {
            let days = Days::new(u64::from(dice.between(label, low, high)));
            unit.in_service_on.checked_add_days(days).unwrap_or(unit.in_service_on).to_string()
        };
        let resold = dice.share("distributor", mix.units.through_distributor);
        let at_first = !dice.share("unregistered", self.unregistered);
        let registered_on = registered_on
            .map(|on| on.to_string())
            .or_else(|| at_first.then(|| days("registered", 0, 30)));
        let reported = resold && !dice.share("resale unknown", mix.units.resale_unknown);
        vec![
            unit.manufacturer.to_string(),
            unit.serial_number.to_string(),
            unit.part_number.to_string(),
            account.name.clone(),
            site.to_owned(),
            unit.in_service_on.to_string(),
            dice.one_of("which", &DISTRIBUTORS)
                .filter(|_| resold)
                .copied()
                .unwrap_or("")
                .to_owned(),
            if reported { days("resold", 0, 120) } else { String::new() },
            registered_on.unwrap_or_default(),
        ]
    }

    fn units(&self, mix: &Mix) -> Table {
        let mut table = units_table();
        for unit in 0..self.input.units.len() {
            table.row(self.unit_row(unit, mix, None));
        }
        table
    }

    fn contracts(&self, mix: &Mix) -> Table {
        let mut by_account: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for unit in 0..self.input.units.len() {
            by_account.entry(&self.home(unit).0.name).or_default().push(unit);
        }
        let mut table = Table::new(&[
            "contract_number",
            "account",
            "level",
            "starts_on",
            "ends_on",
            "media_retention",
            "manufacturer",
            "serial_number",
        ]);
        for contract in self.drafts(mix) {
            for unit in by_account.get(contract.account.as_str()).into_iter().flatten() {
                let unit = &self.input.units[*unit];
                table.row([
                    contract.number.as_str(),
                    &contract.account,
                    contract.level.as_str(),
                    &contract.starts_on.to_string(),
                    &contract.ends_on.to_string(),
                    if contract.media_retention { "true" } else { "false" },
                    unit.manufacturer.as_str(),
                    unit.serial_number.as_str(),
                ]);
            }
        }
        table
    }

    /// The covered accounts' contracts, the levels dealt in turn.
    fn drafts(&self, mix: &Mix) -> Vec<Contract> {
        let (first_on, last_on) = self.input.span();
        let span = u32::try_from((last_on - first_on).num_days()).unwrap_or(1).max(1);
        let dice = |account: &Account| Dice::new(self.seed, &format!("contract\n{}", account.name));
        let mut dealt: Vec<&Account> = self.accounts.iter().collect();
        dealt.sort_by_key(|account| (dice(account).roll("turn"), &account.name));
        let covered = (mix.contracts.accounts_covered * dealt.len() as f64).round() as usize;
        let mut drafts = Vec::new();
        for (turn, account) in dealt.into_iter().take(covered).enumerate() {
            let dice = dice(account);
            let day = |from: NaiveDate, days: u32| {
                from.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX)
            };
            let starts_on = first_on - Days::new(dice.between("start", 1, 200).into());
            let long_end = day(last_on, 365 + mix.tail_days);
            let early = dice.share("early", mix.contracts.ending_early);
            let middle = day(first_on, dice.between("middle", span * 3 / 10, span * 8 / 10));
            let first = Contract {
                number: format!("C-{:04}", turn * 2 + 1),
                account: account.name.clone(),
                level: ServiceLevel::ALL[turn % ServiceLevel::ALL.len()],
                starts_on,
                ends_on: if early { middle } else { long_end },
                media_retention: dice.share("media", mix.contracts.media_retention),
            };
            if early && dice.share("renewed", mix.contracts.renewed) {
                drafts.push(Contract {
                    number: format!("C-{:04}", turn * 2 + 2),
                    level: ServiceLevel::ALL[(turn + 1) % ServiceLevel::ALL.len()],
                    starts_on: day(middle, dice.between("gap", 1, 90)),
                    ends_on: long_end,
                    ..first.clone()
                });
            }
            drafts.push(first);
        }
        drafts
    }
}

#[derive(Debug, Clone)]
struct Contract {
    number: String,
    account: String,
    level: ServiceLevel,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    media_retention: bool,
}

/// An empty file of units.
pub(super) fn units_table() -> Table {
    Table::new(&[
        "manufacturer",
        "serial_number",
        "part_number",
        "account",
        "site",
        "shipped_on",
        "distributor",
        "resold_on",
        "registered_on",
    ])
}

fn list_price((currency, base, a_terabyte): &(&str, u64, u64), size_gb: u32) -> String {
    let minor = base + a_terabyte * u64::from(size_gb) / 1_000;
    if *currency == "JPY" {
        format!("{currency} {minor}")
    } else {
        format!("{currency} {}.{:02}", minor / 100, minor % 100)
    }
}

fn programme(mix: &Mix) -> Programme {
    Programme {
        version: "replay.1".to_owned(),
        country_extensions: mix.policy.country_extensions.clone(),
        export_check_countries: mix.policy.export_check_countries.clone(),
        no_return_countries: mix.policy.no_return_countries.clone(),
        ..Programme::default()
    }
}

/// The customers of the embedded files with their sites, in the order of the file.
fn accounts() -> Vec<Account> {
    let sites = Table::of(SITES);
    let organizations = Table::of(ORGANIZATIONS);
    let column = |row: &StringRecord, at: usize| row.get(at).unwrap_or_default().to_owned();
    let customers = organizations.rows().filter(|row| row.get(1) == Some("customer"));
    customers
        .map(|row| Account {
            name: column(row, 0),
            currency: column(row, 2),
            sites: sites
                .rows()
                .filter(|site| site.get(3) == row.get(0))
                .map(|site| column(site, 0))
                .collect(),
        })
        .collect()
}

/// The parts of the installed base, by manufacturer and number.
fn parts(input: &Input) -> Vec<Part> {
    let mut parts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for unit in &input.units {
        let key = (unit.manufacturer.as_str(), unit.part_number.as_str());
        parts.entry(key).or_insert(unit.size_gb);
    }
    parts
        .into_iter()
        .map(|((manufacturer, part_number), size_gb)| Part {
            manufacturer: manufacturer.to_owned(),
            part_number: part_number.to_owned(),
            size_gb,
        })
        .collect()
}

/// The sites as they were stored, calendars and closing days with them.
fn load_sites(app: &App) -> Result<HashMap<String, Site>, ReplayError> {
    let codes = Table::of(SITES);
    app.db.read(|connection| {
        let mut sites = HashMap::new();
        for code in codes.rows().filter_map(|row| row.get(0)) {
            let Some(row) = facts::site_of_code(connection, code)? else { continue };
            let site = Site {
                place: Arc::new(app.place(&row)?),
                region: row.region,
                contact_name: row.contact_name.unwrap_or_default(),
                contact_email: row.contact_email.unwrap_or_default(),
            };
            sites.insert(code.to_owned(), site);
        }
        Ok(sites)
    })
}
