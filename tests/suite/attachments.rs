//! Files at the command line, at the dock, in the mail and in a backup (T13, AMB-14, AMB-26).

use std::sync::Arc;

use diesel::prelude::*;
use homeward::app::attachments::Thing;
use homeward::app::papers;
use homeward::clock::SystemClock;
use homeward::db::{Backend, DbError};
use homeward::domain::attachment::AttachmentKind;
use homeward::domain::rma::Command;
use homeward::jobs::Stop;
use homeward::jobs::outbox::run;
use homeward::mail::MailSettings;

use crate::door::issued;
use crate::outbox::{app, mailer};
use crate::support::command::Ran;
use crate::support::databases::{TestDatabase, each_database};
use crate::support::files::{jpeg, pdf, png, sha256, today};
use crate::support::skipped;
use crate::support::smtp::Smtp;
use crate::support::world::{World, ship};

fn done(ran: Ran) -> String {
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out
}

fn refused(ran: Ran, part: &str) {
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains(part), "{part:?}: {ran:?}");
}

fn write(db: &TestDatabase, name: &str, bytes: &[u8]) {
    std::fs::write(db.folder().join(name), bytes).expect("writing a file");
}

/// Keeps a file of the test's folder with an RMA.
fn attach(db: &TestDatabase, rma: &str, (file, kind, who): (&str, &str, &str)) -> Ran {
    db.homeward(&["rma", "attach", rma, file, "--kind", kind, "--as", who])
}

#[test]
fn t13_a_proof_is_attached_and_named_at_the_command_line() {
    each_database("files at the command line", |db| {
        let rma = issued(db);
        write(db, "slip.pdf", &pdf("signed at gate 2"));
        let slip = ("slip.pdf", "delivery_proof", "customer:ann");
        assert_eq!(done(attach(db, &rma, slip)), "1\n");
        let again = attach(db, &rma, slip);
        assert!(again.err.contains("kept before"), "{again:?}");
        assert_eq!(done(again), "1\n");
        let listed = done(db.homeward(&["rma", "attachments", &rma]));
        let hash = sha256(&pdf("signed at gate 2"));
        let line = format!(
            "1\tdelivery_proof\tslip.pdf\tapplication/pdf\t{}\t{hash}",
            pdf("signed at gate 2").len()
        );
        assert!(listed.starts_with(&line) && listed.lines().count() == 1, "{listed}");
        done(db.homeward(&["rma", "attachment", "1", "--out", "got.pdf"]));
        let got = std::fs::read(db.folder().join("got.pdf")).expect("the file");
        assert_eq!(got, pdf("signed at gate 2"));

        let day = format!("delivered_on={}", today());
        let claim = |more: &[&str]| {
            let what = ["rma", "do", &rma, "claim_delivery", "proof=signed", &day];
            db.homeward(&[&what[..], more, &["--as", "customer:ann"]].concat())
        };
        refused(claim(&[]), "missing field `attachments`");
        refused(claim(&["attachments=2"]), "attachment 2 is no delivery_proof");
        refused(claim(&["attachments=one"]), "claim_delivery proof delivered_on attachments=N,N");
        done(claim(&["attachments=1"]));
        let shown = done(db.homeward(&["rma", "show", &rma]));
        assert!(shown.contains(&format!("proof           attachment 1 ({hash})")), "{shown}");

        write(db, "page.png", b"<html><script>alert(1)</script></html>");
        write(db, "large.pdf", &[pdf("x"), vec![b'\n'; 10 << 20]].concat());
        for (file, kind, who, part) in [
            (
                "page.png",
                "other",
                "customer:ann",
                "page.png: the bytes are neither PDF, JPEG nor PNG",
            ),
            ("large.pdf", "other", "customer:ann", "large.pdf: the file is larger than 10 MiB"),
            ("slip.pdf", "carrier_label", "customer:ann", "customer may not give a carrier_label"),
            ("none.pdf", "other", "customer:ann", "none.pdf: "),
        ] {
            refused(attach(db, &rma, (file, kind, who)), part);
        }
        let withdraw = |who: &str| {
            let what =
                ["rma", "withdraw-attachment", &rma, "1", "--reason", "another's", "--as", who];
            db.homeward(&what)
        };
        refused(withdraw("customer:ann"), "customer may not withdraw a file");
        done(withdraw("logistics:lou"));
        let out = db.homeward(&["rma", "attachment", "1", "--out", "-"]);
        refused(out, "attachment 1 was withdrawn by logistics:lou on ");
        let listed = done(db.homeward(&["rma", "attachments", &rma]));
        assert!(
            listed.contains(&hash) && listed.contains("withdrawn by logistics:lou"),
            "{listed}"
        );
        let verified = done(db.homeward(&["verify"]));
        assert!(verified.contains(" 0 files verified: 0 findings"), "{verified}");
    });
}

#[test]
fn sys_13_a_case_keeps_files_too() {
    each_database("files of a case", |db| {
        let rma = issued(db);
        let shown = done(db.homeward(&["rma", "show", &rma]));
        let line = shown.lines().find(|line| line.starts_with("case ")).expect("a case");
        let case = line.split_whitespace().last().expect("its number");
        write(db, "rack.jpg", &jpeg());
        let kept = ["case", "attach", case, "rack.jpg", "--name", "front of rack.jpg"];
        assert_eq!(done(db.homeward(&kept)), "1\n");
        let listed = done(db.homeward(&["case", "attachments", case]));
        assert!(listed.starts_with("1\tother\tfront of rack.jpg\timage/jpeg\t"), "{listed}");
        let acting = ["--reason", "another's rack", "--as", "logistics:lou"];
        let taken = [&["case", "withdraw-attachment", case, "1"][..], &acting].concat();
        done(db.homeward(&taken));
        let listed = done(db.homeward(&["case", "attachments", case]));
        assert!(listed.contains("\twithdrawn by logistics:lou at "), "{listed}");
        refused(db.homeward(&taken), "attachment 1 was withdrawn by logistics:lou on ");
        assert_eq!(done(db.homeward(&["rma", "attachments", &rma])), "");
    });
}

#[test]
fn amb_14_a_refused_box_is_on_record_with_its_photo() {
    each_database("photos of the dock", |db| {
        issued(db);
        write(db, "box.jpg", &jpeg());
        write(db, "box.txt", b"a box");
        let dock = |photo: &str| {
            db.homeward(&[
                "dock", "CM-MX", "--marked", "RMA 12?", "--serial", "XX-1", "--box", "1Z999",
                "--photo", photo, "--as", "dock:dee",
            ])
        };
        refused(dock("box.txt"), "box.txt: the bytes are neither");
        assert_eq!(
            done(db.homeward(&["boxes"])),
            "",
            "a box whose photo cannot be kept is not judged"
        );
        let judged = done(dock("box.jpg"));
        assert!(judged.starts_with("refuse\t-\t") && judged.ends_with("\nbox\t1\n"), "{judged}");
        let listed = done(db.homeward(&["boxes", "--verdict", "refuse", "--read", "1Z999"]));
        for part in [
            "CM-MX\trefuse\t-\tmarked RMA 12?\tserial XX-1\tbox 1Z999\tdock:dee\t",
            "sender's cost",
        ] {
            assert!(listed.contains(part), "{part}: {listed}");
        }
        assert_eq!(done(db.homeward(&["boxes", "--verdict", "quarantine"])), "");
        done(db.homeward(&["rma", "attachment", "1", "--out", "seen.jpg"]));
        assert_eq!(std::fs::read(db.folder().join("seen.jpg")).expect("the photo"), jpeg());
        write(db, "side.png", &png());
        let kept = ["box", "attach", "1", "side.png", "--as", "dock:dee"];
        assert_eq!(done(db.homeward(&kept)), "2\n");
        let acting = ["--reason", "another box", "--as", "logistics:lou"];
        done(db.homeward(&[&["box", "withdraw-attachment", "1", "2"][..], &acting].concat()));
        let listed = done(db.homeward(&["box", "attachments", "1"]));
        assert!(listed.starts_with("1\tdock_photo\tbox.jpg\t"), "{listed}");
        assert!(listed.contains("\n2\tdock_photo\tside.png\t"), "{listed}");
        assert!(listed.ends_with(": another box\n"), "{listed}");
        refused(
            db.homeward(&[&["box", "withdraw-attachment", "2", "1"][..], &acting].concat()),
            "there is no box 2",
        );
    });
}

/// In Base64, as mail carries it.
const PNG_IN_MAIL: &str = "iVBORw0KGgo";

#[test]
fn amb_26_the_label_goes_with_the_notices_once_it_is_there() {
    each_database("the label in the mail", |db| {
        let rma = issued(db);
        let server = Smtp::start(&[]);
        let text = format!(
            "transport = 'smtp'\n[smtp]\nhost = '127.0.0.1'\nport = {}\nsecurity = 'none'",
            server.port
        );
        let settings: MailSettings = toml::from_str(&text).expect("settings");
        let transport = Arc::from(homeward::mail::open(&settings).expect("a transport"));
        let (house, mailer) = (app(db), mailer(transport));
        let sent = |kind: &str| {
            run(&house, &mailer, &SystemClock, &Stop::default()).expect("a run");
            let kept = server.kept();
            let of = |(id, _): &&(String, String)| id.contains(&format!(".{kind}@"));
            let (_, text) = kept.iter().rfind(of).unwrap_or_else(|| panic!("no {kind}")).clone();
            text.replace("=\r\n", "").replace("\r\n", " ")
        };
        let name = format!("{rma}-prepaid-label.png");
        let first = sent("issued");
        assert!(
            first.contains("prepaid label is still to come") && !first.contains(&name),
            "{first}"
        );
        write(db, "label.png", &png());
        assert_eq!(done(attach(db, &rma, ("label.png", "carrier_label", "depot:dan"))), "1\n");
        let acting = |what: &[&str], who: &str| {
            done(db.homeward(&[&["rma", "do", &rma], what, &["--as", who]].concat()))
        };
        acting(&["allocate", "serial_number=ST900"], "depot:dan");
        acting(&["ship", "carrier=UPS"], "depot:dan");
        let shipped = sent("shipped");
        assert!(shipped.contains(&name) && shipped.contains(PNG_IN_MAIL), "{shipped}");
        assert!(shipped.contains("Keep the attached prepaid label"), "{shipped}");

        // A wrong one, found when the box has left: the right one is sent by itself.
        let wrong = [
            "rma",
            "withdraw-attachment",
            &rma,
            "1",
            "--reason",
            "of another",
            "--as",
            "logistics:lou",
        ];
        done(db.homeward(&wrong));
        let shown = done(db.homeward(&["rma", "show", &rma]));
        assert!(shown.contains("return label    missing (AMB-26)"), "{shown}");
        write(db, "right.pdf", &pdf("paid by the addressee"));
        done(attach(db, &rma, ("right.pdf", "carrier_label", "depot:dan")));
        let letter = sent("return_label");
        assert!(letter.contains(&format!("{rma}-prepaid-label.pdf")), "{letter}");
        assert!(letter.contains("paid by the addressee"), "{letter}");
        assert!(letter.contains("Use the enclosed prepaid label"), "{letter}");
        // The one that was withdrawn is there by its hash alone.
        let verified = done(db.homeward(&["verify"]));
        assert!(verified.contains(" 1 files verified: 0 findings"), "{verified}");
        let moved = "UPDATE attachments SET case_id = (SELECT case_id FROM rmas), rma_id = NULL WHERE id = 2";
        let moved = db.write(|c| diesel::sql_query(moved).execute(c).map_err(DbError::from));
        assert_eq!(moved.expect("a change"), 1);
        let found = db.homeward(&["verify"]);
        let what = format!("{rma}: attachment 2 is not the file that its event names");
        assert!(found.code == 1 && found.out.contains(&what), "{found:?}");
    });
}

#[test]
fn amb_26_the_instructions_speak_of_the_label_once_it_is_there() {
    each_database("the label in the instructions", |db| {
        let w = World::new(db);
        w.advance_unit("A1", "MER-LOU");
        w.install("A2", "MER-LOU");
        let (paid, own) = (w.at("2026-11-12 15:00").issued("A1"), w.issued("A2"));
        let says = |number| {
            let url = "https://rma.example";
            let sheet = w.app.db.read(|c| papers::instructions(&w.app, c, number, url));
            sheet.expect("instructions").carriage.expect("a sentence")
        };
        let kind = AttachmentKind::CarrierLabel;
        assert!(says(paid).contains("still to come"));
        let label = w.attach(Thing::Rma(paid), kind, "depot:dan", pdf("paid"));
        assert_eq!(says(paid), "We pay the carriage: use the enclosed prepaid label.");
        // Under warranty the way back is the customer's: a label of ours is refused, and nothing is kept.
        let why = w.stores_nothing("a label of ours", || {
            w.try_attach(Thing::Rma(own), kind, "depot:dan", pdf("paid"))
        });
        assert!(why.to_string().contains("not ours to pay"), "{why}");
        // Given again, it is enclosed once; another takes its place, and the first may come back.
        w.attach(Thing::Rma(paid), kind, "depot:dan", pdf("paid"));
        let other = w.attach(Thing::Rma(paid), kind, "logistics:leo", pdf("paid anew"));
        assert_eq!(w.rma(paid).return_label.expect("a label").id, other.id);
        w.attach(Thing::Rma(paid), kind, "depot:dan", pdf("paid"));
        assert_eq!(w.rma(paid).return_label.expect("a label").id, label.id);
        w.stock("B1", "DEP-LOU");
        w.run(
            paid,
            "depot:dan",
            Command::Allocate { serial_number: crate::support::world::serial("B1") },
        );
        w.run(paid, "depot:dan", ship());
        // It went with the notice of shipping: no message of its own.
        w.outbox(paid, "acknowledgement issued shipped");
        w.verified();
    });
}

#[test]
fn files_outlive_a_restore_and_verify_compares_their_bytes() {
    each_database("files in a backup", |db| {
        let rma = issued(db);
        // More than the rows that are stored at once may weigh.
        let mut large = pdf("large");
        large.splice(9..9, [b"%".to_vec(), vec![b'x'; 5 << 20], b"\n".to_vec()].concat());
        for (name, bytes) in [("large.pdf", &large), ("small.png", &png()), ("wrong.jpg", &jpeg())]
        {
            write(db, name, bytes);
            done(attach(db, &rma, (name, "other", "customer:ann")));
        }
        let taken =
            ["rma", "withdraw-attachment", &rma, "3", "--reason", "wrong", "--as", "logistics:lou"];
        done(db.homeward(&taken));
        done(db.homeward(&["backup", "house.hwb"]));
        let file = db.folder().join("house.hwb").display().to_string();
        for kind in [Backend::Sqlite, Backend::Postgres] {
            let other = match kind {
                Backend::Sqlite => TestDatabase::sqlite(),
                Backend::Postgres => match TestDatabase::postgres() {
                    Ok(other) => other,
                    Err(why) => {
                        skipped("restoring files into PostgreSQL", why);
                        continue;
                    }
                },
            };
            done(other.homeward(&["restore", &file]));
            let listed = |db: &TestDatabase| done(db.homeward(&["rma", "attachments", &rma]));
            assert_eq!(listed(&other), listed(db), "{kind:?}");
            for (id, bytes) in [("1", &large), ("2", &png())] {
                done(other.homeward(&["rma", "attachment", id, "--out", "got"]));
                assert!(std::fs::read(other.folder().join("got")).expect("a file") == *bytes);
            }
            assert!(done(other.homeward(&["verify"])).contains(" 2 files verified: 0 findings"));
            // The next file goes on from those.
            write(&other, "next.pdf", &pdf("next"));
            assert_eq!(done(attach(&other, &rma, ("next.pdf", "other", "customer:ann"))), "4\n");
            let bytes = if kind == Backend::Sqlite { "x'00'" } else { "'\\x00'" };
            let changed = format!("UPDATE attachments SET bytes = {bytes} WHERE id = 2");
            let changed =
                other.write(|c| diesel::sql_query(changed).execute(c).map_err(DbError::from));
            assert_eq!(changed.expect("a change"), 1);
            let found = other.homeward(&["verify"]);
            assert_eq!(found.code, 1, "{found:?}");
            let what = format!("{rma}: the bytes of attachment 2 are not those given");
            assert!(found.out.contains(&what), "{found:?}");
        }
    });
}
