//! Text as it is compared: the one normal form of an address, and names without case and accents for search and order.

use domain::person::{EmailAddress, is_seen};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The one form of an address by which a person is looked up: NFKC, lower case.
pub fn address(address: &EmailAddress) -> String {
    address.as_str().nfkc().collect::<String>().to_lowercase()
}

/// What is searched, sorted and told apart by: without case, accents, what cannot be seen, and repeated spaces.
pub fn text(text: &str) -> String {
    let is_plain = |c: &char| !is_combining_mark(*c) && (is_seen(*c) || c.is_whitespace());
    let plain: String = text.nfkd().filter(is_plain).collect::<String>().to_lowercase();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_width_do_not_matter() {
        assert_eq!(text("  Gudrun  NILSDÓTTIR "), "gudrun nilsdottir");
        assert_eq!(text("a\0b\tc\n"), "ab c");
        assert_eq!(text("Ad\u{AD}min\u{200B}"), "admin", "nobody is taken for another by what cannot be seen");
        let wide = EmailAddress::parse("Chiara@Northwind.example").unwrap();
        assert_eq!(address(&wide), "chiara@northwind.example");
    }
}
