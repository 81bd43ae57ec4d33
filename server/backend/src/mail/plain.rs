//! What people typed, made harmless before it stands in a mail: a name must not be able to break a line, turn the text
//! around it, fill the page, or become a link by looking like an address on the web.

use domain::person::is_seen;

/// The most characters of a name that a mail repeats.
const LONGEST: usize = 100;

/// A name for one line of a mail.
pub fn plain(typed: &str) -> String {
    let visible: Vec<char> =
        typed.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| is_seen(*c)).collect();
    let mut name: String = visible.iter().take(LONGEST).collect();
    if visible.len() > LONGEST {
        name.push('…');
    }
    let name = unlinked(name.trim());
    // Isolated (UAX #9), so that a name from right to left does not reorder the sentence.
    if name.chars().any(is_right_to_left) { format!("\u{2068}{name}\u{2069}") } else { name }
}

/// A word joiner behind each dot and colon of what looks like an address: it cannot be seen, and mail programs make no
/// link of it.
fn unlinked(name: &str) -> String {
    let letters = |text: &str| text.chars().take_while(|c| c.is_alphabetic()).count();
    let mut out = String::with_capacity(name.len());
    for (at, c) in name.char_indices() {
        out.push(c);
        let (before, after) = (&name[..at], &name[at + c.len_utf8()..]);
        let in_host = c == '.' && before.ends_with(char::is_alphanumeric) && letters(after) >= 2;
        if in_host || c == ':' && after.starts_with("//") {
            out.push('\u{2060}');
        }
    }
    out
}

/// Hebrew, Arabic and their neighbours.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in
            ["Chiara Marchetti", "J. R. Müller-Lüdenscheidt", "Northwind S.p.A.", "O'Neil", "李小龍", "Nr. 7: Süd"]
        {
            assert_eq!(plain(name), name);
        }
    }

    #[test]
    fn a_name_stays_on_its_line() {
        assert_eq!(plain("Eve\r\nBcc: all@evil.example\t!"), "Eve  Bcc: all@evil.\u{2060}example !");
        assert_eq!(plain("a\u{2028}b\u{0}c\u{7f}"), "a bc");
    }

    #[test]
    fn a_name_does_not_turn_the_text_around() {
        assert_eq!(plain("\u{202E}drowssap\u{202C}"), "drowssap");
        assert_eq!(plain("שרה"), "\u{2068}שרה\u{2069}");
    }

    #[test]
    fn a_name_is_no_link() {
        assert_eq!(plain("https://evil.example/x"), "https:\u{2060}//evil.\u{2060}example/x");
        assert_eq!(plain("win at www.evil.example"), "win at www.\u{2060}evil.\u{2060}example");
    }

    #[test]
    fn a_name_does_not_fill_the_page() {
        assert_eq!(plain(&"x".repeat(5_000)).chars().count(), LONGEST + 1);
    }
}
