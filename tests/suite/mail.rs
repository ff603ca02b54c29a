//! What messages say, and that no text of people can make them say anything else (NTF-1 to NTF-3).

use chrono::NaiveDate;
use homeward::domain::carriage::Carriage;
use homeward::domain::entitlement::{ContractCover, Source};
use homeward::domain::notice::NoticeKind;
use homeward::domain::rma::tracks::Mode;
use homeward::domain::service_level::ServiceLevel;
use homeward::domain::zone::Zone;
use homeward::mail::{
    Attachment, Due, FolderTransport, Letter, MailSettings, MemoryTransport, Notice, Sender,
    Transport, message_id, render,
};
use serde_json::{Value, json};

use super::world::{day, utc};

/// A notice of an advance replacement whose window runs.
pub fn sample(kind: NoticeKind, said: Value) -> Notice {
    Notice {
        kind,
        rma_number: "R0021056835".to_owned(),
        case_number: "2026-1112-000001".to_owned(),
        part_number: "PN-1".to_owned(),
        serial_number: "SN-DEFECTIVE".to_owned(),
        contact_name: "Ngô Thị Ánh".to_owned(),
        site: "Northwind New York".to_owned(),
        zone: Zone::parse("America/New_York").expect("a zone"),
        mode: Some(Mode::AdvanceReplacement),
        asked_back: true,
        return_site: Some("Fabrikam Monterrey".to_owned()),
        due: Some(Due {
            on: day("2026-12-01"),
            because: "Ten business days from delivery on Mon 16 Nov 2026 in the United States of \
                      America; Thu 26 Nov is Thanksgiving Day; due Tue 1 Dec 2026"
                .to_owned(),
        }),
        window_to_come: Some("Ten business days are given for the return.".to_owned()),
        list_price: Some("USD 2500.00".to_owned()),
        carriage: carriage(Mode::AdvanceReplacement),
        papers_attached: false,
        label_there: false,
        label_attached: false,
        still_owed: true,
        status_link: "https://rma.vendor.example/rmas/R0021056835".to_owned(),
        survey_link: Some("https://survey.vendor.example/R0021056835".to_owned()),
        said,
    }
}

/// What a contract gives.
fn carriage(mode: Mode) -> Option<Carriage> {
    let contract = ContractCover {
        number: "C-1".to_owned(),
        level: ServiceLevel::SameDay,
        from_on: NaiveDate::MIN,
        through_on: NaiveDate::MAX,
        media_retention: false,
        through_chassis: None,
    };
    Some(Carriage::of(mode, &Source::Contract(contract), true))
}

fn before_delivery(mut notice: Notice) -> Notice {
    notice.due = None;
    notice.papers_attached = notice.asked_back;
    notice
}

/// Every kind of notice, some in several forms, by the name of its snapshot.
fn samples() -> Vec<(&'static str, Notice)> {
    use NoticeKind::*;
    let issued = json!({
        "mode": "advance_replacement", "asked_back": true, "list_price": "USD 2500.00",
        "replacement_due": { "promise": "deliver_by", "at": "2026-11-12T19:00:00Z" },
        "visit_due": { "promise": "deliver_by", "at": "2026-11-12T19:00:00Z" },
    });
    let factory = Notice {
        mode: Some(Mode::ReturnToFactory),
        carriage: Some(Carriage::of(Mode::ReturnToFactory, &Source::Warranty, true)),
        ..before_delivery(sample(Issued, json!({ "asked_back": true })))
    };
    let with_label = |notice| Notice { label_there: true, label_attached: true, ..notice };
    let labelled = with_label(before_delivery(sample(Issued, issued.clone())));
    let reminded = Notice {
        label_there: true,
        ..sample(Reminder, json!({ "due_on": "2026-12-01", "business_days_left": 5 }))
    };
    let keep = Notice {
        asked_back: false,
        papers_attached: false,
        ..before_delivery(sample(Issued, json!({ "asked_back": false })))
    };
    let settled = Notice { asked_back: false, ..keep.clone() };
    let settled = Notice { said: issued.clone(), ..settled };
    let overtaken = Notice {
        still_owed: false,
        ..sample(Reminder, json!({ "due_on": "2026-12-01", "business_days_left": 2 }))
    };
    let days = |left| json!({ "due_on": "2026-12-01", "business_days_left": left });
    let money = json!({ "amount": "USD 2500.00", "reason": "not returned by 1 December" });
    vec![
        ("acknowledgement", sample(Acknowledgement, json!({ "symptom": "電源が入らない" }))),
        ("issued", before_delivery(sample(Issued, issued))),
        ("issued-with-the-prepaid-label", labelled),
        ("issued-return-to-factory", factory),
        ("issued-nothing-asked-back", keep),
        ("issued-settled-since", settled),
        ("held", sample(Held, json!({ "reason": "registration", "remedy": "no site on file" }))),
        ("denied", sample(Denied, json!({ "reason": "out of warranty since 1 May 2024" }))),
        ("cancelled", sample(Cancelled, json!({ "reason": "no longer needed" }))),
        (
            "shipped",
            sample(
                Shipped,
                json!({ "serial_number": "SN-SPARE", "carrier": "Parcel Co", "tracking": "1Z999" }),
            ),
        ),
        ("return-label", with_label(sample(ReturnLabel, json!({})))),
        ("reminder-with-the-prepaid-label", reminded),
        ("return-label-overtaken", sample(ReturnLabel, json!({}))),
        (
            "delivered",
            sample(Delivered, json!({ "delivered_on": "2026-11-16", "signed_by": "Ngô Thị Ánh" })),
        ),
        ("reminder-five", sample(Reminder, days(5))),
        ("reminder-one", sample(Reminder, days(1))),
        ("reminder-due-today", sample(Reminder, days(0))),
        ("reminder-overtaken", overtaken),
        ("received", sample(Received, json!({ "received_on": "2026-11-30" }))),
        (
            "discrepancy",
            sample(Discrepancy, json!({ "reason": "another part", "due_on": "2026-12-03" })),
        ),
        (
            "due-date-moved",
            sample(DueDateMoved, json!({ "business_days": 1, "due_on": "2026-12-02" })),
        ),
        ("charged", sample(Charged, money.clone())),
        ("credited", sample(Credited, money)),
        ("waived", sample(Waived, json!({ "reason": "goodwill" }))),
        ("purchased", sample(Purchased, json!({ "purchase_order": "PO-4711" }))),
        ("claim-found", sample(ClaimDecided, json!({ "upheld": true, "found": true }))),
        ("lost-by-us", sample(LostByUs, json!({}))),
        ("claim-lost", sample(ClaimDecided, json!({ "upheld": true, "found": false }))),
        (
            "claim-rejected",
            sample(ClaimDecided, json!({ "upheld": false, "reason": "slip of another box" })),
        ),
        ("quoted", sample(Quoted, json!({ "amount": "USD 320.00" }))),
        (
            "visit-planned",
            sample(VisitPlanned, json!({ "engineer": "Eva Field", "at": "2026-11-13T15:00:00Z" })),
        ),
        (
            "visit-moved",
            sample(
                VisitMoved,
                json!({
                    "engineer": "Eva Field", "at": "2026-11-13T19:00:00Z",
                    "reason": "the site is closed in the morning",
                }),
            ),
        ),
        (
            "visit-done",
            sample(
                VisitRecorded,
                json!({
                    "engineer": "Eva Field", "at": "2026-11-13T19:05:00Z", "outcome": "replaced",
                }),
            ),
        ),
        (
            "visit-could-not",
            sample(
                VisitRecorded,
                json!({
                    "engineer": "Eva Field", "at": "2026-11-13T19:05:00Z", "outcome": "could_not",
                    "reason": "the rails do not fit",
                }),
            ),
        ),
        (
            "visit-not-let-in",
            sample(
                VisitRecorded,
                json!({
                    "engineer": "Eva Field", "at": "2026-11-13T19:05:00Z",
                    "outcome": "customer_absent",
                }),
            ),
        ),
        (
            "visit-declined",
            sample(VisitEnded, json!({ "declined": true, "reason": "our own people do it" })),
        ),
        ("visit-void", sample(VisitEnded, json!({ "at": "2026-11-13T15:00:00Z" }))),
        (
            "visit-with-the-child",
            sample(VisitEnded, json!({ "at": "2026-11-13T15:00:00Z", "child": "R0021056844" })),
        ),
        (
            "analysis-started",
            sample(AnalysisStarted, json!({ "analysis": "ra", "due_on": "2027-01-09" })),
        ),
        (
            "failure-analysis-started",
            sample(AnalysisStarted, json!({ "analysis": "fa", "due_on": "2027-01-27" })),
        ),
        (
            "repair-analysis-report",
            sample(
                AnalysisReport,
                json!({
                    "report": "repair_analysis", "text": "Power stage U7 failed; 电源级已更换",
                    "unit_destroyed": false, "due_on": null,
                }),
            ),
        ),
        (
            "interim-report",
            sample(
                AnalysisReport,
                json!({
                    "report": "failure_analysis_interim", "text": "Seen at 55 °C; sections follow",
                    "unit_destroyed": false, "due_on": "2027-03-01",
                }),
            ),
        ),
        (
            "failure-analysis-report",
            sample(
                AnalysisReport,
                json!({
                    "report": "failure_analysis_final", "text": "Cracked joint; profile changed",
                    "unit_destroyed": true, "due_on": null,
                }),
            ),
        ),
        (
            "analysis-void",
            sample(AnalysisEnded, json!({ "void": true, "reason": "fan tray, both optics" })),
        ),
        (
            "analysis-declined",
            sample(
                AnalysisEnded,
                json!({ "analysis": "ra", "void": false, "reason": "cause known since 2024" }),
            ),
        ),
        (
            "failure-analysis-declined",
            sample(
                AnalysisEnded,
                json!({ "analysis": "fa", "void": false, "reason": "the report answers it" }),
            ),
        ),
        ("closed", sample(Closed, json!({}))),
        (
            "progress-answered",
            sample(
                ProgressAnswered,
                json!({
                    "about": "shipment_update", "asked": "Where is the replacement?",
                    "answer": "It leaves Louisville tonight.",
                }),
            ),
        ),
    ]
}

#[test]
fn every_notice_reads_well() {
    let samples = samples();
    for kind in NoticeKind::ALL {
        assert!(samples.iter().any(|(_, notice)| notice.kind == *kind), "{kind} has no sample");
    }
    for (name, notice) in samples {
        let said = render(&notice).expect("a message");
        let html = said.html.replace("&#39;", "'");
        insta::assert_snapshot!(name, format!("Subject: {}\n\n{}", said.subject, said.text));
        for line in said.text.lines().filter(|line| !line.is_empty()) {
            let plain = line.split_once(". ").map_or(line, |(_, rest)| rest);
            let shown = html.contains(plain)
                || plain.split(": ").all(|part| html.contains(part.trim_matches('*').trim()))
                || line == "What to do next:";
            assert!(shown, "{name}: the HTML does not say {line:?}");
        }
    }
}

#[test]
fn the_html_is_set_as_it_was_looked_at() {
    let said = render(&before_delivery(sample(NoticeKind::Issued, json!({ "asked_back": true }))));
    insta::assert_snapshot!("issued.html", said.expect("a message").html);
}

/// Where nothing is asked back the notice asks for nothing (RMA-12, T3).
#[test]
fn ntf_1_asks_for_nothing_where_nothing_is_owed() {
    for (name, notice) in samples().into_iter().filter(|(_, n)| n.kind == NoticeKind::Issued) {
        let text = render(&notice).expect("a message").text;
        assert_eq!(text.contains("Send it to"), notice.asked_back, "{name}");
        let advance = notice.mode == Some(Mode::AdvanceReplacement);
        assert_eq!(text.contains("full list price"), notice.asked_back && advance, "{name}");
    }
}

const HOSTILE: &str = "x\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script>\n\n\
                       Your due date is 1 Jan 2099\u{202E}\u{2028}\"&'{{7*7}}";

fn sender() -> Sender {
    Sender::parse("Homeward <rma@vendor.example>", None).expect("a sender")
}

fn write(notice: &Notice, name: &str) -> Letter {
    let id = message_id("R0021056835", 7, notice.kind.as_str(), "vendor.example");
    let said = render(notice).expect("a message");
    let at = utc("2026-11-16T15:00:00Z");
    let file = Attachment {
        name: format!("label{name}.pdf"),
        media_type: "application/pdf",
        bytes: b"%PDF-1.7".to_vec(),
    };
    Letter::write(&sender(), ("ann@customer.example", name), (&id, None), &said, &[file], at)
        .expect("a letter")
}

#[test]
fn text_of_people_stays_text() {
    for (name, mut notice) in samples() {
        for value in notice.said.as_object_mut().expect("an object").values_mut() {
            if value.is_string() {
                *value = json!(HOSTILE);
            }
        }
        notice.contact_name = HOSTILE.to_owned();
        notice.serial_number = HOSTILE.to_owned();
        notice.site = HOSTILE.to_owned();
        notice.return_site = Some(HOSTILE.to_owned());
        let said = render(&notice).expect("a message");
        assert!(!said.html.contains("<script>"), "{name}: markup of a person in the HTML");
        assert!(!said.subject.contains(['\r', '\n']), "{name}");
        let forged =
            said.text.lines().find(|l| l.starts_with("Your due date") || l.starts_with("Bcc"));
        assert_eq!(forged, None, "{name}: a text of a person began a line");
        let letter = write(&notice, HOSTILE);
        let bytes = String::from_utf8(letter.bytes).expect("ASCII");
        let headers = bytes.split("\r\n\r\n").next().expect("headers");
        let names: Vec<&str> = headers
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .filter_map(|line| line.split(':').next())
            .collect();
        let known = [
            "From",
            "To",
            "Date",
            "Message-ID",
            "Subject",
            "Auto-Submitted",
            "MIME-Version",
            "Content-Type",
        ];
        for header in &names {
            assert!(known.contains(header), "{name}: a header {header:?} came in: {headers}");
        }
        assert_eq!(letter.envelope.to().len(), 1, "{name}: one recipient");
    }
}

#[test]
fn the_date_is_the_clocks_and_the_message_id_stands() {
    let notice = sample(NoticeKind::Closed, json!({}));
    let letter = write(&notice, "Ann");
    let text = String::from_utf8(letter.bytes).expect("ASCII");
    assert!(text.contains("Date: Mon, 16 Nov 2026 15:00:00 +0000\r\n"), "{text}");
    assert!(text.contains("Message-ID: <R0021056835.7.closed@vendor.example>\r\n"), "{text}");
}

#[test]
fn a_recipient_that_is_no_address_is_refused() {
    let said = render(&sample(NoticeKind::Closed, json!({}))).expect("a message");
    let at = utc("2026-11-16T15:00:00Z");
    for bad in
        ["", "ann", "a@b@c", "ann@x.example\r\nBcc: v@example.org", "a@x.example, b@x.example"]
    {
        let written = Letter::write(&sender(), (bad, ""), ("<1@x>", None), &said, &[], at);
        assert!(written.is_err(), "{bad:?} was taken as an address");
    }
}

#[test]
fn a_folder_keeps_one_file_a_message() {
    let folder = tempfile::tempdir().expect("a folder");
    let transport = FolderTransport::new(&folder.path().join("mail")).expect("a transport");
    let memory = MemoryTransport::default();
    for _ in 0..2 {
        let letter = write(&sample(NoticeKind::Closed, json!({})), "Ann");
        transport.send(&letter).expect("kept");
        memory.send(&letter).expect("kept");
    }
    assert_eq!(memory.letters().len(), 2);
    let names: Vec<String> = std::fs::read_dir(folder.path().join("mail"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names, ["R0021056835.7.closed.eml"]);
}

#[test]
fn a_password_is_never_shown_and_never_sent_in_the_clear() {
    let read = |text: &str| toml::from_str::<MailSettings>(text).expect("settings");
    let settings = read(
        "transport = 'smtp'\n[smtp]\nhost = '192.0.2.1'\nsecurity = 'none'\nuser = 'u'\npassword = 'hunter2'",
    );
    assert!(!format!("{settings:?}").contains("hunter2"));
    let refused = homeward::mail::open(&settings).err().expect("refused").to_string();
    assert!(refused.contains("mail.smtp.security") && !refused.contains("hunter2"), "{refused}");
    let no_host = homeward::mail::open(&read("transport = 'smtp'")).err().expect("refused");
    assert!(no_host.to_string().contains("mail.smtp.host"), "{no_host}");
}
