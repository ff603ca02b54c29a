//! Return labels a second and thread, one PDF each, beside the same label drawn by Python's
//! reportlab: ten times as many.

use std::process::Command;
use std::time::{Duration, Instant};

use homeward::documents::{LabelData, PostalAddress, Typesetter};

use super::fill::instant;
use super::measure::{Table, Wanted, in_turns};

const ROUNDS: usize = 5;
const A_ROUND: Duration = Duration::from_secs(2);
const SCRIPT: &str = include_str!("label.py");

pub fn run(table: &mut Table) {
    let probe = Command::new("python3").args(["-c", "import reportlab, qrcode"]).output();
    if !probe.is_ok_and(|run| run.status.success()) {
        return table.aside("labels", "pip install reportlab qrcode");
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("regular.ttf"), notosans::REGULAR_TTF).expect("a font");
    std::fs::write(path("bold.ttf"), notosans::BOLD_TTF).expect("a font");
    let typesetter = Typesetter::new(None).expect("the fonts");
    let mut number = 0;
    let (ours, limit) = in_turns(
        ROUNDS,
        || {
            let (began, first) = (Instant::now(), number);
            while began.elapsed() < A_ROUND {
                number += 1;
                std::hint::black_box(typesetter.label(&label(number)).expect("a label"));
            }
            f64::from(number - first) / began.elapsed().as_secs_f64()
        },
        || {
            let run = Command::new("python3")
                .args(["-c", SCRIPT])
                .args([path("regular.ttf"), path("bold.ttf")])
                .arg(A_ROUND.as_secs().to_string())
                .output()
                .expect("python3");
            assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
            String::from_utf8_lossy(&run.stdout).trim().parse().expect("a rate")
        },
    );
    table.line("labels, one thread, a PDF each", "a second", ours, limit, Wanted::AtLeast(10.0));
    let bytes = typesetter.label(&label(1)).expect("a label").len();
    table.figure("a label's PDF", "KiB", bytes as f64 / 1024.0);
}

/// The same texts as in `label.py`.
fn label(number: u32) -> LabelData {
    let text = str::to_owned;
    let rma_number = format!("R{:010}", 21_000_000 + number);
    LabelData {
        return_address: PostalAddress {
            name: text("Contract Works Monterrey S.A. de C.V."),
            lines: vec![text("Avenida Constitución 2050, Dock 7"), text("64000 Monterrey, N.L.")],
            country: text("México"),
            country_code: text("MX"),
        },
        sender: PostalAddress {
            name: text("Bäckerei Müller & Söhne GmbH"),
            lines: vec![text("Königstraße 5"), text("70173 Stuttgart")],
            country: text("Germany"),
            country_code: text("DE"),
        },
        status_link: format!("https://homeward.example/rmas/{rma_number}"),
        rma_number,
        case_number: text("2026-1112-000042"),
        part_number: text("MX-480-B"),
        serial_number: text("SN-2026-00417"),
        due_on: Some(instant("2026-12-01T00:00:00Z").date_naive()),
        attention: Some(text("Receiving")),
        created_at: instant("2026-11-16T15:00:00Z"),
    }
}
