//! The main job at the command line: a unit's way home, its papers and reports, and what is refused.

use std::process::Stdio;

use crate::support::command::{Ran, homeward};
use crate::support::databases::{TestDatabase, each_database};

const FILES: &[(&str, &str, &str)] = &[
    (
        "organizations",
        "organizations.csv",
        "name,kind,currency,bill_to,email\nNorthwind Żółw,customer,USD,=Northwind AP,ap@northwind.example\n",
    ),
    (
        "products",
        "products.csv",
        "manufacturer,part_number,description,list_prices,contract_manufacturer\n\
         ACME,RT-100,Router,USD 1490.00;EUR 1390.00,Fabrikam\n",
    ),
    (
        "sites",
        "sites.csv",
        "code,name,kind,organization,contract_manufacturer,region,address,country,zone,calendar\n\
         NW-1,Northwind Łódź,customer,Northwind Żółw,,AMER,1 Main St|Austin TX 78701,US,America/Chicago,US\n\
         DEP-1,Depot,depot,,,AMER,2 Depot Rd|Louisville KY,US,America/Kentucky/Louisville,US-KY\n\
         CM-MX,Fabrikam Monterrey,repair_centre,,Fabrikam,AMER,Calle 3|Monterrey NL,MX,America/Monterrey,MX\n",
    ),
    (
        "units",
        "units.csv",
        "manufacturer,serial_number,part_number,account,site,shipped_on,registered_on\n\
         ACME,SN001,RT-100,Northwind Żółw,NW-1,2026-01-10,2026-01-12\n\
         ACME,ST900,RT-100,,DEP-1,2026-01-10,\n",
    ),
    (
        "contracts",
        "contracts.csv",
        "contract_number,account,level,starts_on,ends_on,manufacturer,serial_number\n\
         C-1,Northwind Żółw,next_day_delivery,2026-01-01,2035-12-31,ACME,SN001\n",
    ),
];

fn done(ran: Ran) -> String {
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out
}

/// A refusal says all of `words` on standard error, and nothing of the database changed.
fn refused(db: &TestDatabase, arguments: &[&str], words: &[&str]) {
    let before = done(db.homeward(&["verify"]));
    let ran = db.homeward(arguments);
    assert_ne!(ran.code, 0, "{arguments:?} was done: {ran:?}");
    for word in words {
        assert!(ran.err.contains(word), "{arguments:?} does not say {word:?}: {}", ran.err);
    }
    assert!(!ran.err.contains("panicked"), "{arguments:?}: {}", ran.err);
    assert_eq!(done(db.homeward(&["verify"])), before, "{arguments:?} changed something");
}

/// An RMA requested and issued through the command line; gives its number.
pub fn issued(db: &TestDatabase) -> String {
    for (subject, file, text) in FILES {
        std::fs::write(db.folder().join(file), text).expect("writing a file");
        done(db.homeward(&["import", subject, file]));
    }
    let case = done(db.homeward(&[
        "case",
        "open",
        "--serial",
        "SN001",
        "--summary",
        "no power",
        "--contact-name",
        "Ann",
        "--contact-email",
        "ann@northwind.example",
        "--as",
        "engineer:eve",
    ]));
    let rma = done(db.homeward(&[
        "rma",
        "request",
        case.trim(),
        "--serial",
        "SN001",
        "--symptom",
        "no power",
        "--as",
        "engineer:eve",
    ]));
    let rma = rma.trim().to_owned();
    act(db, &rma, &["create", "diagnosis=supply dead"], "engineer:eve");
    act(db, &rma, &["issue"], "logistics:lou");
    rma
}

fn act(db: &TestDatabase, rma: &str, command: &[&str], actor: &str) -> String {
    let mut arguments = vec!["rma", "do", rma];
    arguments.extend(command);
    arguments.extend(["--as", actor]);
    done(db.homeward(&arguments))
}

#[test]
fn a_unit_goes_home_through_the_command_line() {
    each_database("the main job", |db| {
        let rma = issued(db);
        act(db, &rma, &["allocate", "serial_number=ST900"], "depot:dan");
        act(db, &rma, &["ship", "carrier=UPS", "tracking_number=1Z9"], "depot:dan");
        act(db, &rma, &["deliver", "signed_by=Ann"], "carrier:ups");
        // Eight digits mean the same number (AMB-7).
        let short = format!("R{}", &rma[3..]);
        let shown = done(db.homeward(&["rma", "show", &short]));
        for words in ["Ten business days from delivery", "RET-1", "exposure        exposed"] {
            assert!(shown.contains(words), "{words:?} is not in {shown}");
        }
        done(db.homeward(&["label", &rma, "--out", "label.pdf"]));
        done(db.homeward(&["instructions", &rma, "--paper", "letter", "--out", "sheet.pdf"]));
        for file in ["label.pdf", "sheet.pdf"] {
            let pdf = std::fs::read(db.folder().join(file)).expect("the PDF");
            assert!(pdf.starts_with(b"%PDF-"), "{file} is no PDF");
        }
        let verdict = done(db.homeward(&[
            "dock", "CM-MX", "--marked", &rma, "--serial", "SN001", "--as", "dock:dee",
        ]));
        assert!(verdict.starts_with(&format!("receive\t{rma}")), "{verdict}");
        let after = act(db, &rma, &["accept"], "inspector:ian");
        assert!(after.contains("Closed") && after.contains("exposure cleared"), "{after}");
        let verified = done(db.homeward(&["verify"]));
        assert!(verified.contains("1 RMAs") && verified.contains(" 0 findings"), "{verified}");
    });
}

#[test]
fn what_is_asked_wrongly_is_refused_by_name_and_nothing_is_stored() {
    each_database("refusals at the door", |db| {
        let rma = issued(db);
        let one = rma.as_str();
        refused(db, &["rma", "show", "R0000009999"], &["there is no RMA R0000009999"]);
        refused(db, &["rma", "show", "R12"], &["is not an RMA number", "ID-3"]);
        refused(db, &["label", "R0000009999", "--out", "x.pdf"], &["there is no RMA"]);
        refused(db, &["rma", "do", one, "explode"], &["unknown variant", "rma commands"]);
        refused(db, &["rma", "do", one, "charge", "amount_minor=1"], &["missing field", "reason"]);
        refused(
            db,
            &["rma", "do", one, "charge", "amount_minor=99999999999999999999", "reason=x"],
            &["amount_minor reason"],
        );
        refused(
            db,
            &["rma", "do", one, "charge", "amount_minor=1", "reason=x", "--as", "finance:fay"],
            &["not in review", "T11"],
        );
        refused(
            db,
            &["rma", "do", one, "accept", "--as", "customer:ann"],
            &["customer may not", "T9"],
        );
        refused(
            db,
            &["rma", "do", one, "cancel", "reason=x", "--version", "1", "--as", "logistics:lou"],
            &["has moved on to version 3"],
        );
        refused(
            db,
            &["rma", "do", one, "hand_over", "--as", "customer:ann", "--at", "2026-01-01T00:00:00"],
            &["--at"],
        );
        refused(
            db,
            &[
                "rma",
                "do",
                one,
                "hand_over",
                "--as",
                "customer:ann",
                "--at",
                "9999-01-01T00:00:00Z",
            ],
            &["still to come"],
        );
        refused(
            db,
            &["rma", "request", "2026-0230-000001", "--serial", "SN001", "--symptom", "x"],
            &["is not a case number", "ID-1"],
        );
        refused(
            db,
            &["rma", "request", "2026-0101-000009", "--serial", "SN001", "--symptom", "x"],
            &["there is no case 2026-0101-000009"],
        );
        refused(db, &["dock", "NOWHERE", "--serial", "SN001"], &["there is no site", "NOWHERE"]);
        refused(
            db,
            &["report", "run", "sales", "--out", "-"],
            &["no report \"sales\"", "non-returns"],
        );
        refused(
            db,
            &["report", "run", "non-returns", "--as-of", "2026-02-30", "--out", "-"],
            &["2026-02-30"],
        );
        refused(
            db,
            &["report", "run", "non-returns", "--as-of", "9000-01-01", "--out", "-"],
            &["has not begun"],
        );
        refused(
            db,
            &["report", "run", "non-returns", "--out", "absent/folder/r.csv"],
            &["absent/folder/r.csv"],
        );
    });
}

#[test]
fn a_full_disk_is_named_and_leaves_no_half_file() {
    let db = TestDatabase::sqlite();
    let rma = issued(&db);
    if !std::path::Path::new("/dev/full").exists() {
        crate::support::skipped("writing to a full device", "run on Linux, which has /dev/full");
        return;
    }
    refused(&db, &["label", &rma, "--out", "/dev/full"], &["/dev/full", "No space left"]);
    refused(
        &db,
        &["report", "run", "non-returns", "--out", "/dev/full"],
        &["/dev/full", "No space left"],
    );
    assert!(std::path::Path::new("/dev/full").exists(), "the device was replaced by a file");
}

#[test]
fn verify_finds_what_was_changed_behind_the_events() {
    const KEPT: &str = "the state kept in its row";
    let tampering: &[(&str, &str)] = &[
        ("UPDATE rmas SET due_on = '2030-01-01'", "stored state differs"),
        ("UPDATE rmas SET serial_number = 'SN002'", "unit or account differ"),
        ("UPDATE rmas SET bill_to = 'Somebody else'", "terms kept at issue"),
        (
            "UPDATE rmas SET state = replace(state, '\"diagnosed\":true', '\"diagnosed\":false')",
            KEPT,
        ),
        ("UPDATE rmas SET terms_sequence = NULL", KEPT),
        ("UPDATE rma_events SET actor = 'finance:mallory' WHERE sequence = 2", "chain of hashes"),
        (
            "UPDATE rma_events SET occurred_at = '2020-01-01 00:00:00' WHERE sequence = 2",
            "chain of hashes",
        ),
        ("DELETE FROM rma_events WHERE sequence = 2", "does not follow"),
        ("DELETE FROM rma_events WHERE sequence = 3", "stored state differs"),
        ("UPDATE rma_events SET payload = '{}' WHERE sequence = 2", "cannot be read"),
        ("DELETE FROM outbox", "the outbox"),
        (
            "INSERT INTO ledger VALUES (1, 3, 'charge', 5, 'USD', 'x', 'x', 'x', '2026-01-01 00:00:00')",
            "the ledger",
        ),
    ];
    each_database("verify", |db| {
        issued(db);
        for (statement, words) in tampering {
            let undo = Undo::before(db);
            undo.execute(statement);
            let ran = db.homeward(&["verify"]);
            assert_ne!(ran.code, 0, "{statement} was not found");
            assert!(ran.out.contains(words), "{statement}: {ran:?}");
            undo.run();
        }
        assert_eq!(db.homeward(&["verify"]).code, 0, "everything was put back");
    });
}

/// Puts the four tables a test tampers with back as they were.
struct Undo {
    url: String,
}

impl Undo {
    const TABLES: [&str; 4] = ["rmas", "rma_events", "outbox", "ledger"];

    fn before(db: &TestDatabase) -> Self {
        let undo = Self { url: db.url_text().to_owned() };
        for table in Self::TABLES {
            undo.execute(&format!("DROP TABLE IF EXISTS kept_{table}"));
            undo.execute(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"));
        }
        undo
    }

    fn run(self) {
        for table in ["outbox", "ledger", "rma_events"] {
            self.execute(&format!("DELETE FROM {table}"));
        }
        self.execute("DELETE FROM rmas");
        for table in Self::TABLES {
            self.execute(&format!("INSERT INTO {table} SELECT * FROM kept_{table}"));
            self.execute(&format!("DROP TABLE kept_{table}"));
        }
    }

    fn execute(&self, sql: &str) {
        use diesel::Connection;
        use diesel::connection::SimpleConnection;
        let done = match self.url.strip_prefix("sqlite://") {
            Some(path) => diesel::SqliteConnection::establish(path)
                .map(|mut c| c.batch_execute(sql))
                .expect("connecting"),
            None => diesel::PgConnection::establish(&self.url)
                .map(|mut c| c.batch_execute(sql))
                .expect("connecting"),
        };
        done.expect(sql);
    }
}

/// Whoever reads an answer no further (`| head`) does not fail the command; an answer that finds no room does.
#[test]
fn an_answer_nobody_reads_on_ends_no_command() {
    let db = TestDatabase::sqlite();
    let number = issued(&db);
    let command = |out: Stdio, arguments: &[&str]| -> Ran {
        let mut command = homeward(db.folder(), db.url_text());
        command.args(arguments).stdout(out).output().expect("running homeward").into()
    };
    for arguments in [["rma", "show", &number], ["unit", "show", "SN001"]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let ran = command(writer.into(), &arguments);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments:?}");
        if let Ok(full) = std::fs::File::options().write(true).open("/dev/full") {
            let ran = command(full.into(), &arguments);
            assert_eq!(ran.code, 1, "{ran:?}");
            assert!(ran.err.starts_with("error: the answer could not be written: "), "{ran:?}");
        }
    }
}
