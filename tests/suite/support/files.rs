//! Small real files to attach.

/// A page of PDF with a line of text on it.
pub fn pdf(text: &str) -> Vec<u8> {
    let page = format!("BT /F 12 Tf 20 100 Td ({text}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R\
         /Resources<</Font<</F 5 0 R>>>>>>"
            .to_owned(),
        format!("<</Length {}>>stream\n{page}\nendstream", page.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    let mut out = "%PDF-1.4\n".to_owned();
    let mut places = String::new();
    for (at, object) in objects.iter().enumerate() {
        places.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.push_str(&format!("{} 0 obj{object}endobj\n", at + 1));
    }
    let start = out.len();
    out.push_str(&format!(
        "xref\n0 6\n0000000000 65535 f \n{places}trailer<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    ));
    out.into_bytes()
}

fn bytes(hex: &str) -> Vec<u8> {
    let pair = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("a byte");
    (0..hex.len()).step_by(2).map(pair).collect()
}

/// A picture of two by two grey points.
pub fn png() -> Vec<u8> {
    bytes(
        "89504e470d0a1a0a0000000d494844520000000200000002080000000057dd52f80000000e4944415478da633c\
         c1c0c4c0000003fa00cc9d62da330000000049454e44ae426082",
    )
}

/// The same as a camera would write it.
pub fn jpeg() -> Vec<u8> {
    bytes(
        "ffd8ffe000104a46494600010100000100010000ffdb004300ffffffffffffffffffffffffffffffffffffffffff\
         ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc000\
         0b080002000201011100ffc40014000100000000000000000000000000000002ffc4001410010000000000000000\
         0000000000000000ffda0008010100003f004fffd9",
    )
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The day it is now at the repair centre in Monterrey, whose dates a proof of delivery speaks of.
pub fn today() -> String {
    let now = chrono::Utc::now().with_timezone(&chrono_tz::America::Monterrey);
    now.date_naive().to_string()
}
