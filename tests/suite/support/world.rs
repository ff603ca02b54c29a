//! A small world to tell stories in: accounts in three countries, their sites, depots, repair centres,
//! products with prices; and short words for what happens in it and what is then on record.

use std::sync::Mutex;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use homeward::app::attachments::{self, By, NewFile, Thing};
use homeward::app::cases::OpenCase;
use homeward::app::clock_job::{self, ClockReport};
use homeward::app::dock::{self, Arrival};
use homeward::app::rmas::{self, Outcome, RequestRma};
use homeward::app::{App, AppError, cases};
use homeward::db::attachments::Attachment;
use homeward::db::scope::Scope;
use homeward::db::{DbError, facts};
use homeward::domain::attachment::AttachmentKind;
use homeward::domain::calendar::Calendars;
use homeward::domain::dock::Judgement;
use homeward::domain::ids::{CaseNumber, RmaNumber, SerialNumber};
use homeward::domain::intake::{CaseKind, Way};
use homeward::domain::programme::Programme;
use homeward::domain::rma::tracks::ReplacementCondition;
use homeward::domain::rma::{Actor, Command, Order, Refusal};
use homeward::domain::zone::Zone;

use homeward::app::import::Subject;

use super::bring_in::bring_in;
use super::databases::TestDatabase;
use super::snapshot::{assert_same, snapshot};

const ORGANIZATIONS: &str = "\
name,kind,currency,bill_to
Meridian Networks,customer,USD,Meridian Networks|Accounts Payable
Noordzee Telecom B.V.,customer,EUR,Noordzee Telecom B.V.|Crediteuren
上海远航科技有限公司,customer,CNY,上海远航科技有限公司|财务部
Cascade Partners,partner,USD,Cascade Partners
";

const PRODUCTS: &str = "\
manufacturer,part_number,description,list_prices,contract_manufacturer
Halden,HX-4300,48-port switch,USD 4200.00;EUR 3900.00;CNY 31500.00,Fab One
Halden,HX-4310,48-port switch revision 2,USD 4400.00;EUR 4100.00;CNY 33000.00,Fab One
Halden,HX-9000,chassis without a price in euros,USD 99000.00,Fab One
";

const SITES: &str = "\
code,name,kind,organization,contract_manufacturer,region,address,country,zone,calendar,closed_days
MER-LOU,Meridian Louisville,customer,Meridian Networks,,AMER,400 W Market St|Louisville KY 40202,US,America/Kentucky/Louisville,US,
MER-DAL,Meridian Dallas,customer,Meridian Networks,,AMER,1950 N Stemmons|Dallas TX 75207,US,America/Chicago,US,2026-11-30 Stocktaking;2026-12-01 Stocktaking
NOR-AMS,Noordzee Amsterdam,customer,Noordzee Telecom B.V.,,EMEA,Science Park 120|1098 XG Amsterdam,NL,Europe/Amsterdam,NL,
YH-PVG,上海浦东机房,customer,上海远航科技有限公司,,APAC,浦东新区张江路88号|上海 201203,CN,Asia/Shanghai,CN,
DEP-LOU,Depot Louisville,depot,,,AMER,Air Park|Louisville KY,US,America/Kentucky/Louisville,US,
DEP-VEN,Depot Venlo,depot,,,EMEA,Venlo Trade Port,NL,Europe/Amsterdam,NL,
DEP-SHA,Depot Shanghai,depot,,,APAC,Waigaoqiao,CN,Asia/Shanghai,CN,
RC-MTY,Fab One Monterrey,repair_centre,,Fab One,AMER,Apodaca|Nuevo León,MX,America/Monterrey,MX,
RC-TSR,Fab One Timisoara,repair_centre,,Fab One,EMEA,Calea Torontalului|Timișoara,RO,Europe/Bucharest,RO,
RC-SUZ,Fab One Suzhou,repair_centre,,Fab One,APAC,苏州工业园区,CN,Asia/Shanghai,CN,
";

/// The world, at an instant the story sets.
pub struct World<'d> {
    pub app: App,
    pub db: &'d TestDatabase,
    now: Mutex<DateTime<Utc>>,
}

/// An instant written `2026-11-16 15:00`, in UTC.
pub fn utc(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("YYYY-MM-DD HH:MM").and_utc()
}

pub fn actor(text: &str) -> Actor {
    text.parse().expect("role:name")
}

pub fn serial(text: &str) -> SerialNumber {
    text.parse().expect("a serial number")
}

pub fn on(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// What a box is, where the story does not say more.
pub fn boxed(site: &str, marked: Option<RmaNumber>, unit: Option<&str>) -> Arrival {
    Arrival {
        site: site.to_owned(),
        marked: marked.map(|number| number.to_string()),
        serial_number: unit.map(serial),
        box_id: None,
        condition: ReplacementCondition::Unopened,
        occurred_at: DateTime::UNIX_EPOCH,
        source: "dock scanner".to_owned(),
    }
}

impl<'d> World<'d> {
    pub fn new(db: &'d TestDatabase) -> Self {
        bring_in(db, Subject::Organizations, ORGANIZATIONS);
        bring_in(db, Subject::Products, PRODUCTS);
        bring_in(db, Subject::Sites, SITES);
        let zone = Zone::parse("America/Los_Angeles").expect("a zone");
        let app = App::new((**db).clone(), Calendars::builtin(), zone);
        Self { app, db, now: Mutex::new(utc("2026-11-12 14:00")) }
    }

    // --- what the register holds -----------------------------------------------------------------

    /// A policy of the operator's own, from the beginning of the year.
    pub fn programme(&self, programme: &Programme) {
        self.db
            .write(|c| facts::add_programme(c, "*", on("2026-01-01"), programme))
            .expect("a programme");
    }

    /// An installed and registered unit, a year's warranty from 2026-01-10.
    pub fn install(&self, serial: &str, site: &str) {
        self.install_row(serial, "HX-4300", site, "2026-01-10", "2026-01-12");
    }

    pub fn install_row(
        &self,
        serial: &str,
        part: &str,
        site: &str,
        shipped: &str,
        registered: &str,
    ) {
        let account = account_of(site);
        bring_in(
            self.db,
            Subject::Units,
            &format!(
                "manufacturer,serial_number,part_number,account,site,shipped_on,registered_on\n\
                 Halden,{serial},{part},{account},{site},{shipped},{registered}\n"
            ),
        );
    }

    /// A unit on a depot's shelf.
    pub fn stock(&self, serial: &str, depot: &str) {
        self.install_row(serial, "HX-4300", depot, "2026-06-01", "");
    }

    /// A contract of its own for one unit, through 2027.
    pub fn cover(&self, serial: &str, site: &str, level: &str) {
        self.cover_row(serial, site, level, "2027-12-31", false);
    }

    pub fn cover_row(&self, serial: &str, site: &str, level: &str, ends: &str, retention: bool) {
        let account = account_of(site);
        bring_in(
            self.db,
            Subject::Contracts,
            &format!(
                "contract_number,account,level,starts_on,ends_on,media_retention,manufacturer,serial_number\n\
                 CT-{serial},{account},{level},2026-01-01,{ends},{retention},Halden,{serial}\n"
            ),
        );
    }

    /// An installed unit with next-day delivery.
    pub fn advance_unit(&self, serial: &str, site: &str) {
        self.install(serial, site);
        self.cover(serial, site, "next_day_delivery");
    }

    /// What an RMA waits for, as a database of before that was kept is filled with it.
    #[track_caller]
    pub fn refilled(&self, number: RmaNumber, task: Option<&str>) {
        let migration = include_str!("../../../migrations/sqlite/0020_waiting/up.sql");
        let fill = migration.split(';').find(|statement| statement.contains("UPDATE rmas"));
        let execute = |sql: &str| {
            let done = self.db.write(|c| Ok::<_, DbError>(diesel::sql_query(sql).execute(c)?));
            assert!(done.expect(sql) > 0, "{sql}");
        };
        execute("UPDATE rmas SET next_task = NULL");
        execute(fill.expect("a statement that fills"));
        let found = self.rma(number).next_task();
        assert_eq!(found.map(|task| task.as_str()), task);
        self.verified();
    }

    // --- what happens ----------------------------------------------------------------------------

    /// Sets the instant, `2026-11-16 15:00` in UTC.
    pub fn at(&self, text: &str) -> &Self {
        *self.now.lock().expect("a clock") = utc(text);
        self
    }

    pub fn now(&self) -> DateTime<Utc> {
        *self.now.lock().expect("a clock")
    }

    pub fn open_case(&self, unit: &str) -> CaseNumber {
        let case = case_of(unit);
        let who = actor("customer:noc@meridian.example");
        self.app
            .db
            .write(|c| cases::open(&self.app, c, &case, &who, self.now()))
            .expect("opening a case")
    }

    pub fn try_request(&self, case: CaseNumber, unit: &str) -> Result<Outcome, AppError> {
        request(&self.app, case, unit, self.now())
    }

    /// T1 on a case of its own.
    pub fn request(&self, unit: &str) -> RmaNumber {
        let case = self.open_case(unit);
        self.try_request(case, unit).expect("requesting an RMA").rma.number
    }

    /// T1 and T2.
    pub fn created(&self, unit: &str) -> RmaNumber {
        let number = self.request(unit);
        let diagnosis = Some("power supply dead, replaced by a known good one".to_owned());
        self.run(number, "engineer:eva", Command::Create { diagnosis });
        number
    }

    /// T1 to T3.
    pub fn issued(&self, unit: &str) -> RmaNumber {
        let number = self.created(unit);
        let outcome = self.run(number, "logistics:lena", Command::Issue {});
        assert_eq!(outcome.rma.authorisation.as_str(), "issued", "{:?}", outcome.rma.reason);
        number
    }

    /// T1 to T5: an advance replacement on its way, at the instant that is set.
    pub fn shipped(&self, unit: &str, replacement: &str) -> RmaNumber {
        let number = self.issued(unit);
        self.send(number, replacement);
        number
    }

    /// T5: allocated and shipped.
    pub fn send(&self, number: RmaNumber, replacement: &str) {
        let serial_number = serial(replacement);
        self.run(number, "depot:dirk", Command::Allocate { serial_number });
        self.run(number, "depot:dirk", ship());
    }

    /// T6 at the instant that is set.
    pub fn deliver(&self, number: RmaNumber) -> Outcome {
        self.run(number, "carrier:swift", deliver())
    }

    /// T9.
    pub fn accept(&self, number: RmaNumber) -> Outcome {
        self.run(number, "inspector:ines", Command::Accept {})
    }

    pub fn try_run(
        &self,
        number: RmaNumber,
        who: &str,
        command: Command,
        judged_on: Option<i64>,
    ) -> Result<Outcome, AppError> {
        self.try_late(number, who, command, self.now(), judged_on)
    }

    fn try_late(
        &self,
        number: RmaNumber,
        who: &str,
        command: Command,
        occurred_at: DateTime<Utc>,
        judged_on: Option<i64>,
    ) -> Result<Outcome, AppError> {
        let source = "story".to_owned();
        let order = Order { command, actor: actor(who), occurred_at, source };
        rmas::command(&self.app, number, &order, judged_on, self.now())
    }

    /// Carries out a command that has to be possible.
    #[track_caller]
    pub fn run(&self, number: RmaNumber, who: &str, command: Command) -> Outcome {
        let told = format!("{command:?}");
        match self.try_run(number, who, command, None) {
            Ok(outcome) => outcome,
            Err(error) => panic!("{who} {told}: {error}"),
        }
    }

    /// As `run`, for what happened earlier and is learned of now.
    #[track_caller]
    pub fn run_late(
        &self,
        number: RmaNumber,
        who: &str,
        command: Command,
        occurred: &str,
    ) -> Outcome {
        let told = format!("{command:?}");
        match self.try_late(number, who, command, utc(occurred), None) {
            Ok(outcome) => outcome,
            Err(error) => panic!("{who} {told}: {error}"),
        }
    }

    /// As `run_late`, for what may be refused.
    pub fn try_run_late(
        &self,
        number: RmaNumber,
        who: &str,
        command: Command,
        occurred: &str,
    ) -> Result<Outcome, AppError> {
        self.try_late(number, who, command, utc(occurred), None)
    }

    /// A command that a rule forbids: nothing at all is stored.
    #[track_caller]
    pub fn refused(&self, number: RmaNumber, who: &str, command: Command) -> Refusal {
        let told = format!("{command:?}");
        self.stores_nothing(&told, || self.try_run(number, who, command, None))
    }

    /// Whatever `attempt` is, a rule forbids it and nothing at all is stored.
    #[track_caller]
    pub fn stores_nothing<T>(
        &self,
        told: &str,
        attempt: impl FnOnce() -> Result<T, AppError>,
    ) -> Refusal {
        let before = snapshot(self.db);
        let result = attempt();
        assert_same(&before, &snapshot(self.db), told);
        match result {
            Err(AppError::Refused(refusal)) => refusal,
            Err(other) => panic!("{told}: {other}"),
            Ok(_) => panic!("{told} was not refused"),
        }
    }

    /// A box at a dock, at the instant that is set.
    #[track_caller]
    pub fn arrives(&self, site: &str, marked: Option<RmaNumber>, unit: Option<&str>) -> Judgement {
        self.arrives_as(boxed(site, marked, unit))
    }

    #[track_caller]
    pub fn arrives_as(&self, arrival: Arrival) -> Judgement {
        let arrival = Arrival { occurred_at: self.now(), ..arrival };
        match arrive(&self.app, &arrival, self.now()) {
            Ok(judgement) => judgement,
            Err(error) => panic!("{arrival:?}: {error}"),
        }
    }

    /// Runs the clock job at the instant that is set.
    pub fn clock(&self) -> ClockReport {
        let report = clock_job::run(&self.app, self.now()).expect("the clock job");
        assert_eq!(report.failed, 0);
        report
    }
}

fn account_of(site: &str) -> &'static str {
    match site {
        "MER-LOU" | "MER-DAL" => "Meridian Networks",
        "NOR-AMS" => "Noordzee Telecom B.V.",
        "YH-PVG" => "上海远航科技有限公司",
        _ => "",
    }
}

pub fn case_of(unit: &str) -> OpenCase {
    OpenCase {
        serial_number: serial(unit),
        manufacturer: None,
        priority: 2,
        summary: "no light on any port".to_owned(),
        customer_reference: Some("CHG-4711".to_owned()),
        contact_name: "张伟".to_owned(),
        contact_email: "noc@meridian.example".to_owned(),
        is_ssrn: false,
        kind: CaseKind::Rma,
        way: Way::default(),
    }
}

/// T1, as any thread may give it.
pub fn request(
    app: &App,
    case: CaseNumber,
    unit: &str,
    now: DateTime<Utc>,
) -> Result<Outcome, AppError> {
    let wanted = RequestRma {
        case_number: case,
        serial_number: serial(unit),
        manufacturer: None,
        symptom: "no light on any port".to_owned(),
        way: Way::default(),
        occurred_at: now,
        source: "portal".to_owned(),
    };
    let who = actor("customer:noc@meridian.example");
    rmas::retrying(|| app.db.write(|c| rmas::request_rma(app, c, &wanted, &who, now)))
}

impl World<'_> {
    /// Keeps a file, or says why not.
    pub fn try_attach(
        &self,
        thing: Thing,
        kind: AttachmentKind,
        who: &str,
        bytes: Vec<u8>,
    ) -> Result<Attachment, AppError> {
        let name = format!("{kind}.file").parse().expect("a name");
        let file = NewFile::read(kind, name, bytes, None)?;
        let who = actor(who);
        let by = By { actor: &who, scope: &Scope::All, source: "story" };
        let kept = rmas::retrying(|| {
            self.app.db.write(|c| attachments::attach(&self.app, c, thing, &file, by, self.now()))
        });
        kept.map(|(attachment, _)| attachment)
    }

    pub fn attach(
        &self,
        thing: Thing,
        kind: AttachmentKind,
        who: &str,
        bytes: Vec<u8>,
    ) -> Attachment {
        self.try_attach(thing, kind, who, bytes).expect("a kept file")
    }

    /// T13: a claim of delivery on a day, with its proof attached.
    pub fn claim(&self, number: RmaNumber, delivered_on: &str) -> Command {
        let kind = AttachmentKind::DeliveryProof;
        let who = "customer:noc@meridian.example";
        let proof = self.attach(Thing::Rma(number), kind, who, super::files::pdf("POD-1"));
        Command::ClaimDelivery {
            proof: "POD-1.pdf".to_owned(),
            delivered_on: on(delivered_on),
            attachments: vec![proof.id],
        }
    }
}

/// A box at a dock, as any thread may bring it.
pub fn arrive(app: &App, arrival: &Arrival, now: DateTime<Utc>) -> Result<Judgement, AppError> {
    let who = actor("dock:dora");
    rmas::retrying(|| app.db.write(|c| Ok(dock::arrive(app, c, arrival, &who, now)?.judgement)))
}

pub fn ship() -> Command {
    Command::Ship { carrier: "Swift".to_owned(), tracking_number: Some("1Z999".to_owned()) }
}

pub fn deliver() -> Command {
    Command::Deliver { signed_by: Some("R. Jansen".to_owned()) }
}

pub fn charge(amount_minor: i64) -> Command {
    Command::Charge { amount_minor, reason: "not returned".to_owned() }
}

pub fn credit(amount_minor: i64) -> Command {
    Command::Credit { amount_minor, reason: "came back after all".to_owned() }
}
