//! Labels and instructions, read back with other programs: poppler renders them and extracts
//! their text, zbar reads the codes from the picture a 203 dpi printer would print.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use chrono::{NaiveDate, TimeZone, Utc};
use homeward::documents::{
    DocumentError, InstructionsData, LabelData, NonReturn, Paper, PostalAddress, Replacement,
    ReturnMode, Typesetter,
};
use proptest::prelude::*;

const LINK: &str = "https://rma.example.net/status/R0021056835?k=9f3b2c71d0";
const SERIAL: &str = "CAAB1234XYZ";

/// Loaded once, as a server does.
static TYPESETTER: LazyLock<Typesetter> = LazyLock::new(|| Typesetter::new(None).unwrap());

fn address(name: &str, country_code: &str) -> PostalAddress {
    PostalAddress {
        name: name.to_owned(),
        lines: vec!["Carretera Miguel Alemán km 20.5".to_owned(), "66600 Apodaca, N.L.".to_owned()],
        country: "Mexico".to_owned(),
        country_code: country_code.to_owned(),
    }
}

fn label() -> LabelData {
    LabelData {
        rma_number: "R0021056835".to_owned(),
        return_address: address("Monterrey Repair Site", "MX"),
        sender: address("Łódzkie Sieci Sp. z o.o.", "PL"),
        status_link: LINK.to_owned(),
        case_number: "2026-1121-0042".to_owned(),
        part_number: "MX480-SCBE3-R".to_owned(),
        serial_number: SERIAL.to_owned(),
        due_on: NaiveDate::from_ymd_opt(2026, 12, 7),
        attention: Some("María-José Núñez".to_owned()),
        created_at: Utc.with_ymd_and_hms(2026, 11, 21, 9, 0, 0).unwrap(),
    }
}

fn instructions() -> InstructionsData {
    InstructionsData {
        label: label(),
        mode: ReturnMode::AdvanceReplacement,
        replacement: Some(Replacement {
            part_number: "MX480-SCBE3-R".to_owned(),
            serial_number: "CAAX9876ABC".to_owned(),
        }),
        non_return: Some(NonReturn {
            due_on: NaiveDate::from_ymd_opt(2026, 12, 7),
            due_sentence: "10 business days after delivery on 23 November 2026.".to_owned(),
            business_days: 10,
            list_price: "US$ 48,500.00".to_owned(),
        }),
        carriage: Some("We pay the carriage to us.".to_owned()),
        what_to_send: vec!["The failed unit".to_owned(), "本体と付属ケーブル".to_owned()],
        contact: "Global Logistics, returns@example.net".to_owned(),
    }
}

/// Whether the tools are there; if not, says so, or fails where all tests are required.
fn tools(names: &[(&str, &str)]) -> bool {
    for (tool, package) in names {
        if Command::new(tool).arg("--help").output().is_err() {
            return skip(&format!("{tool} is missing: apt-get install {package}"));
        }
    }
    true
}

fn skip(reason: &str) -> bool {
    assert!(std::env::var_os("HOMEWARD_REQUIRE_ALL").is_none_or(|v| v != "1"), "{reason}");
    eprintln!("SKIPPED: {reason}");
    false
}

const POPPLER: (&str, &str) = ("pdftoppm", "poppler-utils");
const ZBAR: (&str, &str) = ("zbarimg", "zbar-tools");

/// A typesetter with the system's fonts, or none where they lack Chinese.
fn with_cjk() -> Option<&'static Typesetter> {
    let mut data = label();
    data.sender.name = "北京".to_owned();
    match TYPESETTER.label(&data) {
        Err(DocumentError::NoCjkFont { .. }) => {
            skip("no CJK font: apt-get install fonts-noto-cjk");
            None
        }
        _ => Some(&TYPESETTER),
    }
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn folder_with(pdf: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("d.pdf"), pdf).unwrap();
    folder
}

/// The codes on each page, as zbar names them, at the resolution of a label printer.
fn codes(pdf: &[u8]) -> Vec<BTreeSet<String>> {
    let folder = folder_with(pdf);
    run("pdftoppm", &["-r", "203", "-gray", "d.pdf", "p"], folder.path());
    let mut pages: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".pgm"))
        .collect();
    pages.sort();
    let only = ["-q", "-Sdisable", "-Scode128.enable", "-Sqrcode.enable"];
    let read = |page: &String| {
        let arguments: Vec<&str> = only.iter().copied().chain([page.as_str()]).collect();
        run("zbarimg", &arguments, folder.path()).lines().map(str::to_owned).collect()
    };
    pages.iter().map(read).collect()
}

fn expected_codes(rma: &str, serial: Option<&str>, link: &str) -> BTreeSet<String> {
    let mut codes = BTreeSet::from([format!("CODE-128:{rma}"), format!("QR-Code:{link}")]);
    codes.extend(serial.map(|serial| format!("CODE-128:{serial}")));
    codes
}

fn text(pdf: &[u8]) -> String {
    run("pdftotext", &["-raw", "d.pdf", "-"], folder_with(pdf).path())
}

/// Without white space, which a line break may have replaced.
fn dense(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).collect()
}

#[test]
fn rma_9_names_of_many_scripts_print_scan_and_copy() {
    let Some(typesetter) = with_cjk() else { return };
    if !tools(&[POPPLER, ZBAR]) {
        return;
    }
    let names = [
        ("Þórður Ģirts Ķēniņš Őry Çelik & Søn", "IS"),
        ("Γραφείο Επιστροφών Ὀδυσσεύς", "GR"),
        ("ООО «Связь-Щёлково» Ђорђе Їжак", "UA"),
        ("Nguyễn Thượng Đặng Huệ", "VN"),
        ("北京网络设备返修中心", "CN"),
        ("臺灣網路設備維修", "TW"),
        ("株式会社ネットワーク渡邉", "JP"),
        ("서울네트워크서비스", "KR"),
        ("Ada g̃uarani ẹ́ ė́", "PY"),
    ];
    let data = names.map(|(name, country)| LabelData {
        return_address: address(name, country),
        sender: address(name, country),
        ..label()
    });
    let pdf = typesetter.labels(&data).unwrap();
    let expected = expected_codes("R0021056835", Some(SERIAL), LINK);
    assert_eq!(codes(&pdf), vec![expected; names.len()]);
    let pages = text(&pdf);
    for ((name, _), page) in names.iter().zip(pages.split('\u{c}')) {
        let found = dense(page).matches(&dense(name)).count();
        assert_eq!(found, 2, "{name} in:\n{page}");
    }
}

#[test]
fn decomposed_letters_are_composed() {
    if !tools(&[POPPLER]) {
        return;
    }
    let mut data = label();
    data.sender.name = "Nguye\u{302}\u{303}n A\u{30A}sa".to_owned();
    let pdf = TYPESETTER.label(&data).unwrap();
    assert!(text(&pdf).contains("Nguyễn Åsa"), "{}", text(&pdf));
}

#[test]
fn long_addresses_are_set_whole() {
    if !tools(&[POPPLER, ZBAR]) {
        return;
    }
    let mut data = label();
    let line = "Ipari Park, 14. számú csarnok, a déli kapu mellett balra, ";
    data.return_address.lines = (1..=8).map(|n| format!("{line} {n}. emelet")).collect();
    data.sender.lines =
        (1..=8).map(|n| format!("Nave {n}, Parque Industrial Milenium, N.L.")).collect();
    let pdf = TYPESETTER.label(&data).unwrap();
    let page = dense(&text(&pdf));
    for line in data.return_address.lines.iter().chain(&data.sender.lines) {
        assert!(page.contains(&dense(line)), "{line:?} in {page}");
    }
    assert_eq!(codes(&pdf), vec![expected_codes("R0021056835", Some(SERIAL), LINK)]);
}

#[test]
fn chinese_characters_take_the_form_of_the_country() {
    let Some(typesetter) = with_cjk() else { return };
    if !tools(&[POPPLER]) {
        return;
    }
    let mut faces = BTreeSet::new();
    for country in ["CN", "TW", "JP", "KR"] {
        let mut data = label();
        data.sender = address("直骨返却", country);
        let list =
            run("pdffonts", &["d.pdf"], folder_with(&typesetter.label(&data).unwrap()).path());
        let cjk = list.lines().skip(2).filter(|line| !line.contains("+NotoSans-"));
        let names: Vec<String> = cjk
            .filter_map(|line| Some(line.split_once('+')?.1.split(' ').next()?.to_owned()))
            .collect();
        assert_eq!(names.len(), 1, "{list}");
        faces.extend(names);
    }
    if faces.len() < 4 {
        skip("the CJK font has no regional faces: apt-get install fonts-noto-cjk");
    }
}

#[test]
fn the_label_is_four_by_six_inches_and_its_bars_stand_on_printer_dots() {
    if !tools(&[POPPLER]) {
        return;
    }
    let pdf = TYPESETTER.label(&label()).unwrap();
    let folder = folder_with(&pdf);
    let info = run("pdfinfo", &["d.pdf"], folder.path());
    assert!(info.contains("288 x 432 pts"), "{info}");
    run("pdftoppm", &["-r", "203", "-gray", "-singlefile", "d.pdf", "p"], folder.path());
    let image = std::fs::read(folder.path().join("p.pgm")).unwrap();
    let header = b"P5\n812 1218\n255\n";
    assert!(image.starts_with(header));
    // A row through the middle of the RMA number's bars, 233 pt below the top.
    let row = &image[header.len() + 657 * 812..][..812];
    assert!(row.iter().all(|&dot| dot == 0 || dot == 255), "a dot is grey");
    let runs: Vec<usize> = row.chunk_by(|a, b| a == b).map(<[u8]>::len).collect();
    let (quiet, bars) = (runs[0].min(runs[runs.len() - 1]), &runs[1..runs.len() - 1]);
    let module = *bars.iter().min().unwrap();
    assert!(module >= 3, "{runs:?}");
    assert!(quiet >= 10 * module, "{runs:?}");
    assert!(bars.iter().all(|run| run % module == 0 && run / module <= 4), "{runs:?}");
}

#[test]
fn serials_and_numbers_of_every_shape_scan() {
    if !tools(&[POPPLER, ZBAR]) {
        return;
    }
    let long_link = format!("{LINK}&{}", "x".repeat(150));
    let cases = [
        ("R21056835", "1234", LINK),
        ("R0000000000", "12345", LINK),
        ("R9999999999", "A12345B", LINK),
        ("RMA-2026/0042", "a123456b ~{|}", long_link.as_str()),
        ("R00000000000000000001", "0000000000001", LINK),
        ("RWWWWWWWWWWWWWWWWWWWWWWWWWW", "JN1234567-AB_99.001/X", LINK),
    ];
    let data: Vec<LabelData> = cases
        .iter()
        .map(|(rma, serial, link)| LabelData {
            rma_number: (*rma).to_owned(),
            serial_number: (*serial).to_owned(),
            status_link: (*link).to_owned(),
            ..label()
        })
        .collect();
    let read = codes(&TYPESETTER.labels(&data).unwrap());
    for ((rma, serial, link), codes) in cases.iter().zip(read) {
        assert_eq!(codes, expected_codes(rma, Some(serial), link));
    }
}

#[test]
fn a_serial_that_code_128_cannot_hold_is_printed_as_text_alone() {
    if !tools(&[POPPLER, ZBAR]) {
        return;
    }
    let data = LabelData { serial_number: "Ж-1234".to_owned(), ..label() };
    let pdf = TYPESETTER.label(&data).unwrap();
    assert_eq!(codes(&pdf), vec![expected_codes("R0021056835", None, LINK)]);
    assert!(text(&pdf).contains("Ж-1234"));
}

#[test]
fn many_labels_share_their_fonts() {
    if !tools(&[POPPLER, ZBAR]) {
        return;
    }
    let number = |n: u32| format!("R{n:010}");
    let data: Vec<LabelData> =
        (0..60).map(|n| LabelData { rma_number: number(n), ..label() }).collect();
    let pdf = TYPESETTER.labels(&data).unwrap();
    let folder = folder_with(&pdf);
    assert_eq!(run("pdffonts", &["d.pdf"], folder.path()).lines().skip(2).count(), 2);
    let pages = codes(&pdf);
    assert_eq!(pages.len(), data.len());
    for (n, page) in (0..).zip(pages) {
        assert_eq!(page, expected_codes(&number(n), Some(SERIAL), LINK));
    }
    assert!(pdf.len() < 60 * 5_000 + 40_000, "{} bytes", pdf.len());
}

#[test]
fn a_label_of_five_scripts_is_small() {
    let Some(typesetter) = with_cjk() else { return };
    let mut data = label();
    data.return_address = address("株式会社日立ロジスティクス 返却センター", "JP");
    data.return_address.lines =
        vec!["神奈川県川崎市幸区堀川町72番地34".to_owned(), "Γραφείο Επιστροφών".to_owned()];
    data.sender = address("ООО «Связь-Сервис», Nguyễn Thượng Đặng", "VN");
    let pdf = typesetter.label(&data).unwrap();
    assert!(pdf.len() < 60_000, "{} bytes", pdf.len());
}

#[test]
fn the_same_data_give_the_same_bytes_from_any_thread() {
    let typesetter = &*TYPESETTER;
    let first = Typesetter::new(None).unwrap().label(&label()).unwrap();
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..4).map(|_| scope.spawn(|| typesetter.label(&label()).unwrap())).collect();
        for thread in threads {
            assert!(thread.join().unwrap() == first);
        }
    });
    let later =
        LabelData { created_at: label().created_at + chrono::TimeDelta::hours(1), ..label() };
    let later = typesetter.label(&later).unwrap();
    let date = |pdf: &[u8], wanted: &[u8]| pdf.windows(wanted.len()).any(|part| part == wanted);
    assert!(date(&first, b"D:20261121090000+00'00'") && !date(&later, b"D:20261121090000"));
    assert!(date(&later, b"D:20261121100000+00'00'"));
}

#[test]
fn refusals_name_the_field_the_trouble_and_the_cure() {
    // An empty folder: what is refused must not depend on the fonts of the machine.
    let folder = tempfile::tempdir().unwrap();
    let typesetter = Typesetter::new(Some(folder.path())).unwrap();
    type Change = fn(&mut LabelData);
    let cases: [(Change, &[&str]); 19] = [
        (|l| l.return_address.lines = vec!["short".into(); 30], &["return address is too long"]),
        (|l| l.sender.name = "شركة الشبكات".into(), &["sender, name", "Arabic", "Latin letters"]),
        (|l| l.sender.lines[1] = "רחוב הרצל".into(), &["sender, line 2", "Hebrew"]),
        (|l| l.attention = Some("नेटवर्क".into()), &["attention", "Devanagari"]),
        (|l| l.return_address.name = "บริษัท".into(), &["return address, name", "Thai"]),
        (|l| l.return_address.country = "\u{1112}\u{1161}".into(), &[]),
        (|l| l.sender.name = "A\u{7}B".into(), &["sender, name", "U+0007", "remove"]),
        (|l| l.case_number = "1\n2".into(), &["case number", "U+000A"]),
        (|l| l.part_number = "A\u{202E}B".into(), &["part number", "U+202E"]),
        (|l| l.sender.name = "Ada 😀".into(), &["sender, name", "U+1F600", "no available font"]),
        (|l| l.sender.name = "北京".into(), &["sender, name", "fonts-noto-cjk", "fonts folder"]),
        (|l| l.rma_number = "R002105683é".into(), &["RMA number", "Code 128", "U+00E9"]),
        (|l| l.rma_number = " ".into(), &["RMA number is empty"]),
        (|l| l.rma_number = "R".repeat(80), &["RMA number is too long"]),
        (|l| l.sender.name = String::new(), &["sender, name is empty"]),
        (|l| l.return_address.lines[0] = "W".repeat(990), &["return address, line 1 is too long"]),
        (|l| l.return_address.name = "x".repeat(1001), &["return address, name is too long"]),
        (|l| l.status_link = format!("https://{}", "x".repeat(900)), &["status link is too long"]),
        (|l| l.part_number = "X".repeat(200), &["part number is too long"]),
    ];
    for (change, expected) in cases {
        let mut data = label();
        change(&mut data);
        let result = typesetter.label(&data);
        let Err(error) = result else { panic!("not refused: {expected:?}") };
        let message = error.to_string();
        for part in expected {
            assert!(message.contains(part), "{message:?} lacks {part:?}");
        }
    }
}

#[test]
fn refusals_of_many_labels_and_of_folders() {
    let typesetter = &*TYPESETTER;
    assert!(matches!(typesetter.labels(&[]), Err(DocumentError::NoLabels)));
    let bad = LabelData { serial_number: "A\tB".to_owned(), ..label() };
    let message = typesetter.labels(&[label(), bad]).unwrap_err().to_string();
    assert!(message.starts_with("label 2 of 2 (RMA \"R0021056835\"): serial number"), "{message}");
    let missing = Typesetter::new(Some(Path::new("/nowhere/fonts"))).unwrap_err().to_string();
    assert!(missing.contains("/nowhere/fonts"), "{missing}");
}

#[test]
fn rma_7_instructions_on_both_papers_carry_the_notice() {
    let Some(typesetter) = with_cjk() else { return };
    if !tools(&[POPPLER, ZBAR]) {
        return;
    }
    for (paper, size) in [(Paper::A4, "595.276 x 841.89 pts"), (Paper::Letter, "612 x 792 pts")] {
        let pdf = typesetter.instructions(&instructions(), paper).unwrap();
        let info = run("pdfinfo", &["d.pdf"], folder_with(&pdf).path());
        assert!(info.contains(size) && info.contains("Pages:           1"), "{info}");
        let dense = dense(&text(&pdf));
        for part in [
            "Please return the part by 7 December 2026",
            "10 business days after delivery on 23 November 2026.",
            "you may be charged its full list price, US$ 48,500.00",
            "RMA label: put it on the outside of the box. Not a carrier's airbill.",
            "goes back to the sender at the sender's cost",
            "MX480-SCBE3-R, serial number CAAX9876ABC",
            "本体と付属ケーブル",
            "Monterrey Repair Site",
            "returns@example.net",
            LINK,
        ] {
            assert!(dense.contains(&self::dense(part)), "{part:?} is missing");
        }
        assert_eq!(codes(&pdf), vec![expected_codes("R0021056835", None, LINK)]);
        assert!(pdf == typesetter.instructions(&instructions(), paper).unwrap());
    }
}

#[test]
fn ret_1_instructions_before_delivery_and_without_debt() {
    if !tools(&[POPPLER]) {
        return;
    }
    let typesetter = &*TYPESETTER;
    let mut data = instructions();
    data.what_to_send = (1..=80).map(|n| format!("Accessory {n} of the failed unit")).collect();
    data.label.due_on = None;
    data.non_return.as_mut().unwrap().due_on = None;
    let pdf = typesetter.instructions(&data, Paper::A4).unwrap();
    let words = text(&pdf);
    assert!(words.contains("within 10 business days"), "{words}");
    assert!(words.contains("Accessory 80 of") && words.contains("Page 3 of 3"), "{words}");
    data.mode = ReturnMode::ReturnToFactory;
    data.non_return = None;
    let words = text(&typesetter.instructions(&data, Paper::A4).unwrap());
    assert!(!words.contains("list price") && words.contains("We repair or replace"), "{words}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn hostile_names_are_printed_or_refused_by_name(name in "\\PC{0,40}|.{0,20}") {
        let typesetter = &*TYPESETTER;
        let mut data = label();
        data.sender.name = name;
        match typesetter.label(&data) {
            Ok(pdf) => prop_assert!(pdf.starts_with(b"%PDF-1.7")),
            Err(error) => prop_assert!(error.to_string().starts_with("sender, name")),
        }
    }
}
