//! What serde says of a value it cannot take, in the words of whoever sent it.

/// The reason of a JSON error that is about its data: what is asked for, and what was given. What is not one
/// of serde's own sentences (a rule's, of a value that was parsed) is given as it stands, without the place
/// in the body, for the field is named.
pub(super) fn in_words(said: &str) -> String {
    let said = said.rsplit_once(" at line ").map_or(said, |(reason, place)| {
        let is_place = place.bytes().all(|b| b.is_ascii_digit() || b" column".contains(&b));
        if is_place { reason } else { said }
    });
    if said.starts_with("missing field `") {
        return "it is missing".to_owned();
    }
    if said.starts_with("duplicate field `") {
        return "it is given twice".to_owned();
    }
    if let Some(rest) = said.strip_prefix("unknown field `") {
        let known = rest.split_once("`, expected ").map(|(_, known)| known);
        return format!("there is no such field{}", one_of("; known: ", known));
    }
    if let Some(rest) = said.strip_prefix("unknown variant `") {
        let (given, known) = rest.split_once("`, expected ").unwrap_or((rest, ""));
        let given = given.trim_end_matches('`');
        return format!("{given:?} is none of the words{}", one_of(" known here: ", Some(known)));
    }
    let wrong = ["invalid type: ", "invalid value: ", "invalid length "];
    let rest = wrong.iter().find_map(|begin| said.strip_prefix(begin));
    match rest.and_then(|rest| rest.rsplit_once(", expected ")) {
        Some((given, wanted)) => format!("{} is asked for, not {}", asked(wanted), told(given)),
        None => said.to_owned(),
    }
}

/// A list of names in backticks, as serde writes it, plainly.
fn one_of(before: &str, names: Option<&str>) -> String {
    let names = names.map(|names| names.trim_start_matches("one of ").replace('`', ""));
    let names = names.filter(|names| !names.is_empty() && !names.starts_with("there are no"));
    names.map_or_else(String::new, |names| format!("{before}{}", names.replace(" or ", ", ")))
}

/// What serde would have taken.
fn asked(wanted: &str) -> String {
    let range = |least: &str, most: &str| format!("a whole number from {least} to {most}");
    match wanted {
        "u8" => range("0", "255"),
        "u16" => range("0", "65535"),
        "u32" => range("0", "4294967295"),
        "u64" | "usize" => "a whole number of at least 0".to_owned(),
        "i8" => range("-128", "127"),
        "i16" => range("-32768", "32767"),
        "i32" => range("-2147483648", "2147483647"),
        "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a string" | "a borrowed string" | "string" | "str" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" | "map" => "an object".to_owned(),
        other if other.starts_with("struct ") || other.starts_with("internally tagged enum ") => {
            "an object".to_owned()
        }
        other if other.starts_with("enum ") || other.starts_with("variant ") => {
            "one of the words known here".to_owned()
        }
        other => other.to_owned(),
    }
}

/// What serde was given.
fn told(given: &str) -> String {
    let quoted = |begin: &str| given.strip_prefix(begin).map(|rest| rest.trim_matches('`'));
    if let Some(number) = quoted("integer ").or_else(|| quoted("floating point ")) {
        return format!("the number {number}");
    }
    if let Some(truth) = quoted("boolean ") {
        return truth.to_owned();
    }
    if let Some(text) = given.strip_prefix("string ") {
        return format!("the text {text}");
    }
    match given {
        "null" | "unit value" => "null",
        "sequence" => "a list",
        "map" => "an object",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn serdes_sentences_are_told_plainly() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(dead_code)]
        struct Wanted {
            days: i16,
            name: String,
            kind: Kind,
            list: Vec<u8>,
        }
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Kind {
            One,
            Two,
        }
        let whole = r#"{"days":1,"name":"n","kind":"one","list":[1]}"#;
        serde_json::from_str::<Wanted>(whole).expect("a whole one");
        for (from, to, plain) in [
            (
                r#""days":1"#,
                r#""days":"x""#,
                r#"a whole number from -32768 to 32767 is asked for, not the text "x""#,
            ),
            (
                r#""days":1"#,
                r#""days":1.5"#,
                "a whole number from -32768 to 32767 is asked for, not the number 1.5",
            ),
            (
                r#""days":1"#,
                r#""days":99999"#,
                "a whole number from -32768 to 32767 is asked for, not the number 99999",
            ),
            (
                r#""days":1"#,
                r#""days":null"#,
                "a whole number from -32768 to 32767 is asked for, not null",
            ),
            (r#""days":1,"#, "", "it is missing"),
            (r#""days":1"#, r#""days":1,"days":2"#, "it is given twice"),
            (
                r#""days":1"#,
                r#""days":1,"dais":2"#,
                "there is no such field; known: days, name, kind, list",
            ),
            (r#""name":"n""#, r#""name":true"#, "a text is asked for, not true"),
            (r#""name":"n""#, r#""name":{}"#, "a text is asked for, not an object"),
            (
                r#""kind":"one""#,
                r#""kind":"three""#,
                r#""three" is none of the words known here: one, two"#,
            ),
            (r#""list":[1]"#, r#""list":7"#, "a list is asked for, not the number 7"),
            (
                r#""list":[1]"#,
                r#""list":[-1]"#,
                "a whole number from 0 to 255 is asked for, not the number -1",
            ),
        ] {
            let text = whole.replace(from, to);
            assert_ne!(text, whole);
            let error = serde_json::from_str::<Wanted>(&text).expect_err(&text);
            assert_eq!(in_words(&error.to_string()), plain, "{text}");
        }
        assert_eq!(in_words("`a b` is no serial at line 1 column 7"), "`a b` is no serial");
        assert_eq!(in_words("the train leaves at line 9"), "the train leaves");
        assert_eq!(in_words("look at line drawings"), "look at line drawings");
    }
}
