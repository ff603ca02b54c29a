//! The invented vendor's register: who, where, what and under which contract, brought in through the
//! importers like everybody's files.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::DemoError;
use super::story::{Act, Condition, Story};
use crate::app::import::{Progress, Subject};
use crate::app::replay::dice::Dice;
use crate::app::replay::import::{Table, import};
use crate::app::{App, AppError, programmes, tokens};
use crate::db::facts;
use crate::domain::calendar::CalendarCode;
use crate::domain::ids::SerialNumber;
use crate::domain::programme::Programme;
use crate::domain::return_window::Place;
use crate::domain::service_level::ServiceLevel;

const ORGANIZATIONS: &str = include_str!("world/organizations.csv");
const SITES: &str = include_str!("world/sites.csv");

/// The one site that works on every day of the year.
const OPEN_EVERY_DAY: &str = "US-PLH-2";

const DISTRIBUTOR: &str = "Lagerhaus Elbe Distribution KG";
pub(super) const PARTNER: &str = "Meridian Bridge Partners";
/// The partner's end customers.
const LINKED: [&str; 3] = [
    "Städtische Netze Brückental GmbH",
    "Ελληνικά Δίκτυα Αιγαίου Α.Ε.",
    "Boğaziçi Veri Merkezi A.Ş.",
];

/// Manufacturer, part, description, contract manufacturer, price in hundredths of a dollar, and first
/// shipment, end of life and end of support in days before today (after it, where below zero).
type Product = (&'static str, &'static str, &'static str, &'static str, i64, [Option<i64>; 3]);
const SIERRA: &str = "Sierra Clara Electrónica";
const MORAVA: &str = "Morava Optronics";
const PRODUCTS: [Product; 6] = [
    ("QUILLMARK", "QM-R40", "Edge router, 40 ports", SIERRA, 1_249_000, [Some(1_100), None, None]),
    (
        "QUILLMARK",
        "QM-S48",
        "Access switch, 48 ports",
        SIERRA,
        389_000,
        [Some(2_300), Some(120), Some(-610)],
    ),
    (
        "QUILLMARK",
        "QM-F100",
        "Firewall, 100 Gbit/s",
        SIERRA,
        1_890_000,
        [Some(700), Some(-400), Some(-1_500)],
    ),
    (
        "QUILLMARK",
        "QM-R20",
        "Edge router, 20 ports (old)",
        SIERRA,
        640_000,
        [Some(3_900), Some(1_800), Some(75)],
    ),
    (
        "LUMENKEEL",
        "LK-OT400",
        "Transponder, 400 Gbit/s",
        MORAVA,
        2_260_000,
        [Some(900), None, None],
    ),
    ("LUMENKEEL", "LK-AMP2", "Line amplifier", MORAVA, 715_000, [Some(2_000), Some(-200), None]),
];

/// A price list, not a conversion: currency, parts in a thousand of the dollar price, decimals.
const CURRENCIES: [(&str, i64, u32); 10] = [
    ("USD", 1_000, 2),
    ("EUR", 940, 2),
    ("GBP", 810, 2),
    ("CAD", 1_390, 2),
    ("BRL", 5_900, 2),
    ("NOK", 10_800, 2),
    ("SAR", 3_790, 2),
    ("CNY", 7_300, 2),
    ("JPY", 152_000, 0),
    ("VND", 25_600_000, 0),
];

/// No list price has been agreed for this part in this currency: its RMAs wait (AMB-15).
const UNPRICED: (&str, &str) = ("LK-AMP2", "SAR");

/// Contract, account, level, whether the defective medium may be kept.
const CONTRACTS: [(&str, &str, ServiceLevel, bool); 12] = [
    ("QC-1001", "Prairie Lantern Hosting LLC", ServiceLevel::NextDayDelivery, false),
    ("QC-1002", "Harbour & Finch Ltd", ServiceLevel::NextDayShip, false),
    ("QC-1003", "Städtische Netze Brückental GmbH", ServiceLevel::CorePlus, false),
    ("QC-1004", "Ελληνικά Δίκτυα Αιγαίου Α.Ε.", ServiceLevel::SameDay, false),
    ("QC-1005", "Công ty Cổ phần Viễn thông Sông Xanh", ServiceLevel::NextDayOnsite, false),
    ("QC-1006", "云岫网络科技（杭州）有限公司", ServiceLevel::SameDay2Hour, false),
    ("QC-1007", "山手データ株式会社", ServiceLevel::SameDayOnsite, true),
    ("QC-1008", "Telecom Serra Azul Ltda.", ServiceLevel::Core, false),
    ("QC-1009", "Al Wadi Cloud Services", ServiceLevel::NextDayDelivery, false),
    ("QC-1010", "Nordlys Sjøkabel AS", ServiceLevel::NextDayShip, false),
    ("QC-1011", "Boğaziçi Veri Merkezi A.Ş.", ServiceLevel::NextDayDelivery, false),
    ("QC-1012", "Clocher d'Or School Board", ServiceLevel::SameDay, false),
];

/// Units a site has that never fail, of each part.
const QUIET_UNITS: usize = 5;
/// Spare units on each shelf beyond what the stories take.
const SPARES: usize = 3;

/// A site as the stories need it.
pub(super) struct Site {
    pub place: Arc<Place>,
    pub region: String,
    pub contact_name: String,
    pub contact_email: String,
}

pub(super) struct World {
    pub sites: HashMap<String, Site>,
    /// What lies at the depot of a region, of a part.
    pub shelves: HashMap<(String, &'static str), VecDeque<SerialNumber>>,
    /// Each story's unit.
    pub units: Vec<SerialNumber>,
    /// A unit of each site that never fails.
    pub strangers: HashMap<String, SerialNumber>,
    today: NaiveDate,
    dice: Dice,
    made: u32,
}

/// Who builds and repairs a part.
pub(super) fn built_by(part: &str) -> &'static str {
    PRODUCTS.iter().find(|product| product.1 == part).map_or(SIERRA, |product| product.3)
}

pub(super) fn manufacturer_of(part: &str) -> &'static str {
    PRODUCTS.iter().find(|product| product.1 == part).map_or("QUILLMARK", |product| product.0)
}

fn depot_of(region: &str) -> &'static str {
    match region {
        "americas" => "DEP-LOU",
        "emea" => "DEP-VLO",
        _ => "DEP-SIN",
    }
}

/// A site's code, region and account, as the file has them.
struct Row {
    code: String,
    region: String,
    account: String,
}

fn rows() -> Vec<Row> {
    let sites = Table::of(SITES);
    let column = |row: &csv::StringRecord, at: usize| row.get(at).unwrap_or_default().to_owned();
    sites
        .rows()
        .map(|row| Row { code: column(row, 0), region: column(row, 5), account: column(row, 3) })
        .collect()
}

impl World {
    /// Brings everything in; `now` is the present, from which all dates are counted back.
    pub fn build(
        app: &App,
        stories: &[Story],
        now: DateTime<Utc>,
        seed: u64,
        progress: &mut dyn Progress,
    ) -> Result<Self, DemoError> {
        let mut world = Self {
            sites: HashMap::new(),
            shelves: HashMap::new(),
            units: Vec::new(),
            strangers: HashMap::new(),
            today: app.operator_zone.local_date(now),
            dice: Dice::new(seed, "demonstration"),
            made: 0,
        };
        import(app, Subject::Organizations, &Table::of(ORGANIZATIONS), now, progress)?;
        import(app, Subject::Sites, &world.sites_table(app)?, now, progress)?;
        import(app, Subject::Products, &world.products(), now, progress)?;
        let (units, contracts) = world.units_and_contracts(stories)?;
        import(app, Subject::Units, &units, now, progress)?;
        import(app, Subject::Contracts, &contracts, now, progress)?;
        world.policies(app)?;
        for customer in LINKED {
            tokens::link(app, PARTNER, customer, true)?;
        }
        world.sites = load_sites(app)?;
        Ok(world)
    }

    fn ago(&self, days: i64) -> NaiveDate {
        self.today - chrono::TimeDelta::days(days)
    }

    /// The sites' file, with every day off of the site that has none as a working day of its own.
    fn sites_table(&self, app: &App) -> Result<Table, DemoError> {
        let calendar = CalendarCode::parse("US").and_then(|code| app.calendars.get(&code));
        let calendar = calendar.map_err(AppError::from)?;
        let mut worked = Vec::new();
        for offset in 0..280 {
            let day = self.ago(200) + Days::new(offset);
            if !calendar.is_business_day(day).map_err(AppError::from)? {
                worked.push(day.to_string());
            }
        }
        let file = Table::of(SITES);
        let mut table = Table::like(&file);
        for row in file.rows() {
            let open = row.get(0) == Some(OPEN_EVERY_DAY);
            let last = row.len() - 1;
            let own = worked.join(";");
            table.row(
                row.iter().enumerate().map(
                    |(at, value)| {
                        if open && at == last { own.as_str() } else { value }
                    },
                ),
            );
        }
        Ok(table)
    }

    fn products(&self) -> Table {
        let mut table = Table::new(&[
            "manufacturer",
            "part_number",
            "description",
            "list_prices",
            "contract_manufacturer",
            "frs_on",
            "eol_on",
            "eos_on",
        ]);
        for (manufacturer, part, description, built_by, cents, milestones) in PRODUCTS {
            let priced = CURRENCIES.iter().filter(|price| (part, price.0) != UNPRICED);
            let prices: Vec<String> = priced.map(|price| list_price(price, cents)).collect();
            let [frs, eol, eos] =
                milestones.map(|days| days.map_or_else(String::new, |d| self.ago(d).to_string()));
            let prices = prices.join(";");
            table.row([manufacturer, part, description, &prices, built_by, &frs, &eol, &eos]);
        }
        table
    }

    /// The stories' units, quiet ones beside them, the stock, and the contracts over the accounts'.
    fn units_and_contracts(&mut self, stories: &[Story]) -> Result<(Table, Table), DemoError> {
        let rows = rows();
        let mut units = Table::new(&[
            "manufacturer",
            "serial_number",
            "part_number",
            "account",
            "site",
            "shipped_on",
            "distributor",
            "resold_on",
            "registered_on",
        ]);
        let mut owned: BTreeMap<&str, Vec<(&'static str, SerialNumber)>> = BTreeMap::new();
        for story in stories {
            let Some(site) = rows.iter().find(|row| row.code == story.site) else { continue };
            let serial = self.unit(&mut units, story.part, site, story.condition)?;
            owned.entry(&site.account).or_default().push((story.part, serial.clone()));
            self.units.push(serial);
        }
        for site in rows.iter().filter(|row| !row.account.is_empty()) {
            for at in 0..PRODUCTS.len() * QUIET_UNITS {
                let part = PRODUCTS[at % PRODUCTS.len()].1;
                let condition = if at % 3 == 0 { Condition::New } else { Condition::Old };
                let serial = self.unit(&mut units, part, site, condition)?;
                self.strangers.insert(site.code.clone(), serial.clone());
                owned.entry(&site.account).or_default().push((part, serial));
            }
        }
        self.stock(&mut units, stories, &rows)?;
        Ok((units, self.contracts(&owned)))
    }

    /// A unit at a customer's site. One in four came through the distributor.
    fn unit(
        &mut self,
        table: &mut Table,
        part: &'static str,
        site: &Row,
        condition: Condition,
    ) -> Result<SerialNumber, DemoError> {
        let serial = self.serial(part)?;
        let dice = Dice::new(u64::from(self.made), "a unit's age");
        let shipped = self.ago(match condition {
            Condition::Old => dice.between("old", 520, 1_600).into(),
            _ => dice.between("new", 130, 240).into(),
        });
        let later = |days: u32| (shipped + Days::new(days.into())).to_string();
        let resold = self.made.is_multiple_of(4);
        let registered = condition != Condition::Unregistered;
        table.row([
            manufacturer_of(part),
            serial.as_str(),
            part,
            &site.account,
            &site.code,
            &shipped.to_string(),
            if resold { DISTRIBUTOR } else { "" },
            &if resold { later(dice.between("resold", 10, 80)) } else { String::new() },
            &if registered { later(dice.between("registered", 81, 100)) } else { String::new() },
        ]);
        Ok(serial)
    }

    /// What the stories take from each shelf, and some more.
    fn stock(
        &mut self,
        table: &mut Table,
        stories: &[Story],
        rows: &[Row],
    ) -> Result<(), DemoError> {
        let mut wanted: BTreeMap<(String, &'static str), usize> = BTreeMap::new();
        for region in ["americas", "emea", "apac"] {
            for product in PRODUCTS {
                wanted.insert((region.to_owned(), product.1), SPARES);
            }
        }
        for story in stories {
            let Some(site) = rows.iter().find(|row| row.code == story.site) else { continue };
            let takes = story.steps.iter().filter(|step| matches!(step.act, Act::Allocate)).count();
            *wanted.entry((site.region.clone(), story.part)).or_default() += takes;
        }
        for ((region, part), count) in wanted {
            for _ in 0..count {
                let serial = self.serial(part)?;
                let built = self.ago(110).to_string();
                let depot = depot_of(&region);
                let maker = manufacturer_of(part);
                table.row([maker, serial.as_str(), part, "", depot, &built, "", "", ""]);
                self.shelves.entry((region.clone(), part)).or_default().push_back(serial);
            }
        }
        Ok(())
    }

    fn contracts(&self, owned: &BTreeMap<&str, Vec<(&'static str, SerialNumber)>>) -> Table {
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
        for (number, account, level, media) in CONTRACTS {
            for (part, serial) in owned.get(account).into_iter().flatten() {
                table.row([
                    number,
                    account,
                    level.as_str(),
                    &self.ago(430).to_string(),
                    &self.ago(-300).to_string(),
                    if media { "true" } else { "false" },
                    manufacturer_of(part),
                    serial.as_str(),
                ]);
            }
        }
        table
    }

    fn serial(&mut self, part: &str) -> Result<SerialNumber, DemoError> {
        self.made += 1;
        let scatter = self.dice.roll(&self.made.to_string()) >> 48;
        let letters: String = part.chars().filter(char::is_ascii_alphanumeric).take(3).collect();
        let serial = format!("{letters}{scatter:04X}{:04}", self.made);
        Ok(serial.parse().map_err(AppError::from)?)
    }

    /// Everybody's policy, and one manufacturer's own.
    fn policies(&self, app: &App) -> Result<(), DemoError> {
        let policy = Programme {
            version: "demonstration.1".to_owned(),
            country_extensions: BTreeMap::from([("BR".to_owned(), 3)]),
            no_return_countries: ["TR".to_owned()].into(),
            export_check_countries: ["CN".to_owned()].into(),
            ..Programme::default()
        };
        let optics = Programme {
            version: "lumenkeel.1".to_owned(),
            repair_days: 15,
            cut_off: chrono::NaiveTime::from_hms_opt(14, 0, 0).unwrap_or(policy.cut_off),
            ..policy.clone()
        };
        let from = self.ago(400);
        for (maker, policy) in [("*", policy), ("LUMENKEEL", optics)] {
            let maker = maker.parse().map_err(AppError::from)?;
            programmes::add(app, &maker, from, &policy)?;
        }
        Ok(())
    }
}

fn list_price((currency, thousandths, decimals): &(&str, i64, u32), cents: i64) -> String {
    let minor = cents * thousandths / 1_000;
    if *decimals == 0 {
        return format!("{currency} {}", minor / 100);
    }
    format!("{currency} {}.{:02}", minor / 100, minor % 100)
}

/// The sites as they were stored, calendars and working days with them.
fn load_sites(app: &App) -> Result<HashMap<String, Site>, DemoError> {
    app.db.read(|connection| {
        let mut sites = HashMap::new();
        for row in rows() {
            let Some(stored) = facts::site_of_code(connection, &row.code)? else { continue };
            let site = Site {
                place: Arc::new(app.place(&stored)?),
                region: stored.region,
                contact_name: stored.contact_name.unwrap_or_default(),
                contact_email: stored.contact_email.unwrap_or_default(),
            };
            sites.insert(row.code, site);
        }
        Ok(sites)
    })
}
