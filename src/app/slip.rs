//! A carrier's slip as a page of PDF, for the invented lives of the demonstration and the replay: what is
//! attached there is a file like any other.

use lopdf::content::{Content, Operation};
use lopdf::{Document, Object, Stream, dictionary};

/// Lines of ASCII on a page; the same lines give the same bytes.
///
/// # Errors
/// The library cannot write the page.
pub(super) fn slip(lines: &[&str]) -> Result<Vec<u8>, lopdf::Error> {
    let mut operations = vec![
        Operation::new("BT", vec![]),
        Operation::new("Tf", vec!["F".into(), 12.into()]),
        Operation::new("TL", vec![16.into()]),
        Operation::new("Td", vec![36.into(), 380.into()]),
    ];
    for line in lines {
        let plain: String = line.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
        operations.push(Operation::new("Tj", vec![Object::string_literal(plain)]));
        operations.push(Operation::new("T*", vec![]));
    }
    operations.push(Operation::new("ET", vec![]));
    let mut document = Document::with_version("1.4");
    let page = Stream::new(dictionary! {}, Content { operations }.encode()?);
    let contents = document.add_object(page);
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica",
    });
    let pages = document.new_object_id();
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => contents,
        "MediaBox" => vec![0.into(), 0.into(), 288.into(), 432.into()],
        "Resources" => dictionary! { "Font" => dictionary! { "F" => font } },
    });
    document.set_object(
        pages,
        dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 },
    );
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    let mut out = Vec::new();
    document.save_to(&mut out)?;
    Ok(out)
}
