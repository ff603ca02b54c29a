//! The questionnaires that come with the program. A version here is never changed, since answers were
//! given to it: a new text is a new version, added at the end of the list.

use std::sync::LazyLock;

use super::Questionnaire;
use crate::domain::ids::Family;

static BUILTIN: LazyLock<Vec<Questionnaire>> = LazyLock::new(|| {
    let documents = [include_str!("builtin/switch.toml"), include_str!("builtin/optic.toml")];
    // They are part of the program, and a test reads every one: none can fail to.
    let read = |text| toml::from_str(text).expect("a questionnaire that comes with the program");
    documents.into_iter().map(read).collect()
});

/// Every version that comes with the program for a family, the newest first.
pub fn builtin(family: &Family) -> impl Iterator<Item = &'static Questionnaire> + use<'_> {
    BUILTIN.iter().rev().filter(move |document| document.family == *family)
}

/// The families that the program brings a questionnaire for.
pub fn builtin_families() -> Vec<&'static Family> {
    let mut families: Vec<&Family> = BUILTIN.iter().map(|document| &document.family).collect();
    families.sort();
    families.dedup();
    families
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_is_read_and_holds_together() {
        assert_eq!(BUILTIN.len(), 2);
        for document in BUILTIN.iter() {
            let name = format!("{} {}", document.family, document.version);
            assert_eq!(document.check().map_err(|faults| faults.to_string()), Ok(()), "{name}");
        }
        let names: Vec<&str> = builtin_families().iter().map(|family| family.as_str()).collect();
        assert_eq!(names, ["optic", "switch"]);
    }
}
