//! A carrier's slip as a page of PDF, for the invented lives of the demonstration and the replay: what is
//! attached there is a file like any other.

/// Lines of ASCII on a page; the same lines give the same bytes.
pub(super) fn slip(lines: &[&str]) -> Vec<u8> {
    let shown = |line: &&str| {
        let plain: String = line.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
        format!("({}) Tj T*\n", plain.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)"))
    };
    let text: String = lines.iter().map(shown).collect();
    let page = format!("BT /F 12 Tf 16 TL 36 380 Td\n{text}ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 288 432]/Contents 4 0 R\
         /Resources<</Font<</F 5 0 R>>>>>>"
            .to_owned(),
        format!("<</Length {}>>stream\n{page}\nendstream", page.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    let mut out = "%PDF-1.4\n".to_owned();
    let mut places = "0000000000 65535 f \n".to_owned();
    for (at, object) in objects.iter().enumerate() {
        places.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.push_str(&format!("{} 0 obj{object}endobj\n", at + 1));
    }
    let (start, size) = (out.len(), objects.len() + 1);
    out.push_str(&format!(
        "xref\n0 {size}\n{places}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    ));
    out.into_bytes()
}
