//! What is on record in a story's world: tracks, dates, money, messages, the register, the boxes.

use chrono::NaiveDate;
use homeward::app::verify;
use homeward::db::audit::{self, Page};
use homeward::db::{DbError, facts};
use homeward::domain::ids::{RmaId, RmaNumber};
use homeward::domain::rma::Rma;

use super::world::{World, serial};

impl World<'_> {
    pub fn rma(&self, number: RmaNumber) -> Rma {
        let loaded = self.app.db.read(|c| homeward::db::rmas::load(c, number)).expect("loading");
        loaded.expect("an RMA of that number").rma
    }

    fn page(&self, number: RmaNumber) -> (RmaId, Page) {
        let (page, _) =
            self.app.db.read(|c| audit::page(c, RmaId(0), 10_000)).expect("what is stored");
        let mine =
            |(identity, ..): &&(audit::Identity, _, _)| identity.number == number.to_string();
        let id = RmaId(page.rmas.iter().find(mine).expect("an RMA of that number").0.id);
        (id, page)
    }

    /// The tracks: authorisation outbound inbound repair exposure, and Open or Closed; analysis before
    /// that, once one was asked for.
    #[track_caller]
    pub fn tracks(&self, number: RmaNumber, expected: &str) {
        let (id, page) = self.page(number);
        let stored = page.rmas.iter().find(|(identity, ..)| identity.id == id.0);
        let row = &stored.expect("a row").1;
        let status = if row.is_open { "Open" } else { "Closed" };
        let analysis = match row.analysis.as_str() {
            "none" => String::new(),
            word => format!("{word} "),
        };
        let found = format!(
            "{} {} {} {} {} {analysis}{status}",
            row.authorisation, row.outbound, row.inbound, row.repair, row.exposure
        );
        assert_eq!(found, expected, "the tracks of {number}");
    }

    /// The due date with its reasons: day, rule, anchor with its day, calendar.
    #[track_caller]
    pub fn due(&self, number: RmaNumber, expected: &str) {
        let (id, page) = self.page(number);
        let stored = page.rmas.iter().find(|(identity, ..)| identity.id == id.0);
        let row = &stored.expect("a row").1;
        let found = match (row.due_on, &row.due_rule, &row.anchor, row.anchor_on, &row.due_calendar)
        {
            (Some(due), Some(rule), Some(anchor), Some(from), Some(calendar)) => {
                format!("{due} {rule} {anchor} {from} {calendar}")
            }
            _ => "none".to_owned(),
        };
        assert_eq!(found, expected, "the due date of {number}");
    }

    /// The ledger: `charge 420000 USD, credit 420000 USD`.
    #[track_caller]
    pub fn ledger(&self, number: RmaNumber, expected: &str) {
        let (id, page) = self.page(number);
        let rows = page.ledger.iter().filter(|row| row.0 == id.0);
        let found: Vec<_> = rows.map(|row| format!("{} {} {}", row.2, row.3, row.4)).collect();
        assert_eq!(found.join(", "), expected, "the ledger of {number}");
    }

    /// The messages, in their order.
    #[track_caller]
    pub fn outbox(&self, number: RmaNumber, expected: &str) {
        let (id, page) = self.page(number);
        let found: Vec<_> =
            page.outbox.iter().filter(|row| row.0 == id.0).map(|row| row.2.as_str()).collect();
        assert_eq!(found.join(" "), expected, "the messages of {number}");
    }

    /// What is owed as known now: due date, exposure, balance; `nothing` where nothing is.
    #[track_caller]
    pub fn owed(&self, number: RmaNumber, expected: &str) {
        let (id, page) = self.page(number);
        let (_, row, _) = page.rmas.iter().find(|row| row.0.id == id.0).expect("its row");
        let found = match (row.is_owed, row.due_on) {
            (false, _) => "nothing".to_owned(),
            (true, due_on) => {
                let balance = row.charged_minor - row.credited_minor;
                format!("{} {} {balance}", due_on.expect("a due date"), row.exposure)
            }
        };
        assert_eq!(found, expected, "what is owed for {number}");
    }

    /// A unit in the register: status, site, and each cover as `contract from..through`.
    #[track_caller]
    pub fn unit(&self, unit: &str, expected: &str) {
        let found = self.app.db.read(|c| {
            let units = facts::units_of_serial(c, &serial(unit))?;
            let [one] = units.as_slice() else { panic!("{unit}: {units:?}") };
            let site = facts::site(c, one.site_id)?.expect("its site");
            let mut words = vec![one.status.to_string(), site.code];
            for row in facts::covers(c, one.id)? {
                if row.cover.from_on <= row.cover.through_on {
                    let cover = row.cover;
                    words.push(format!("{} {}..{}", cover.number, cover.from_on, cover.through_on));
                }
            }
            Ok::<_, DbError>(words.join(" "))
        });
        assert_eq!(found.expect("reading the register"), expected, "unit {unit}");
    }

    /// The last covered day of a unit's warranty, as a repair or a replacement left it.
    pub fn granted_cover(&self, unit: &str) -> Option<NaiveDate> {
        let units = self.app.db.read(|c| facts::units_of_serial(c, &serial(unit)));
        units.expect("reading the register").pop().and_then(|unit| unit.sale.cover_through_on)
    }

    /// The boxes seen with a serial: `verdict R0000000001` or `verdict -`.
    #[track_caller]
    pub fn boxes(&self, unit: &str, expected: &str) {
        let receipts =
            self.app.db.read(|c| homeward::db::cases::receipts_of_serial(c, &serial(unit)));
        let found: Vec<String> = receipts
            .expect("reading receipts")
            .into_iter()
            .map(|receipt| {
                let rma = receipt.rma.map_or("-".to_owned(), |number| number.value().to_string());
                format!("{} {rma}", receipt.verdict)
            })
            .collect();
        assert_eq!(found.join(", "), expected, "the boxes with {unit}");
    }

    /// Every RMA's events give what is stored: the last step of each story.
    pub fn verified(&self) {
        let mut findings = Vec::new();
        let found = verify::run(&self.app, |f| findings.push(f.to_string()), |_| ());
        assert_eq!(found.expect("verifying").findings, 0, "{findings:#?}");
        let (_, page) = match self.app.db.read(|c| audit::page(c, RmaId(0), 10_000)) {
            Ok((page, last)) => (last, page),
            Err(error) => panic!("{error}"),
        };
        for (identity, row, _) in &page.rmas {
            let number: RmaNumber = identity.number.parse().expect("a number");
            let rma = self.rma(number);
            if !rma.is_open {
                assert!(rma.is_settled(), "{number} is closed with a live track: {row:?}");
                assert_eq!(row.clock_at, None, "{number} is closed with a live clock");
            }
            let balance = rma.balance_minor();
            assert!(balance >= 0, "{number}: {balance}");
            let snapshot = rma.terms.as_ref().map_or(0, |terms| terms.list_price.minor);
            assert!(balance <= snapshot, "{number}: {balance} of {snapshot}");
        }
    }
}
