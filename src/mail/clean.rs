//! Text of people, made fit to stand in a message.

/// The longest text of a person that a message repeats, in characters.
const LONGEST: usize = 500;

/// One line of plain text: line breaks and other controls become a space, characters that turn the
/// direction of writing or hide go, white space is collapsed, and what is very long is cut. So no
/// text can begin a header, a paragraph of ours, or read other than it is written.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(LONGEST));
    let mut space = false;
    let mut count = 0;
    for character in text.chars().filter(|c| !is_hidden(*c)) {
        if character.is_whitespace() || character.is_control() {
            space = !line.is_empty();
            continue;
        }
        if count >= LONGEST {
            line.push('…');
            break;
        }
        if space {
            line.push(' ');
            count += 1;
            space = false;
        }
        line.push(character);
        count += 1;
    }
    line
}

/// Characters that show nothing and change how others are read.
fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
            | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}'
    )
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn a_text_is_one_line_and_reads_as_written() {
        let cases = [
            ("plain", "plain"),
            ("a\r\nBcc: x@y.example", "a Bcc: x@y.example"),
            ("  a\u{2028}b\u{0}\u{85}c\t ", "a b c"),
            ("pay \u{202E}txt.exe", "pay txt.exe"),
            ("電源が入らない", "電源が入らない"),
            ("", ""),
        ];
        for (given, wanted) in cases {
            assert_eq!(one_line(given), wanted, "{given:?}");
        }
        assert_eq!(one_line(&"x".repeat(9000)).chars().count(), super::LONGEST + 1);
    }
}
