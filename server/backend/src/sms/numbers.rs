//! Telephone numbers (ITU-T E.164): what is one, and which of them takes a text message.

use domain::{errors::Problem, sms::Country};
use phonenumber::{Mode, Type, country::Id, metadata::DATABASE};

/// More characters than any number is typed with.
const TYPED: usize = 40;

/// A number as it was typed, of the country that was chosen unless it begins with a plus and so names its own:
/// `+491711234567`.
///
/// # Errors
/// [`Problem::Unknown`] of the country; [`Problem::NotANumber`]; [`Problem::TakesNoTexts`], of which those that whoever
/// writes to them pays for are the ones that matter.
pub fn parse(region: &str, typed: &str) -> Result<String, Wrong> {
    let typed: String = typed.trim().chars().take(TYPED).collect();
    let region: Option<Id> = match region {
        "" if typed.starts_with('+') => None,
        region => Some(region.parse().map_err(|_| Wrong::Country)?),
    };
    let number = phonenumber::parse(region, typed).map_err(|_| Wrong::Number(Problem::NotANumber))?;
    if !number.is_valid() {
        return Err(Wrong::Number(Problem::NotANumber));
    }
    // In some countries nobody can tell.
    match number.number_type(&DATABASE) {
        Type::Mobile | Type::FixedLineOrMobile | Type::PersonalNumber => {}
        _ => return Err(Wrong::Number(Problem::TakesNoTexts)),
    }
    Ok(number.format().mode(Mode::E164).to_string())
}

/// What is wrong with a number that was typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// There is no such country.
    Country,
    /// This, with the number itself.
    Number(Problem),
}

/// A line a country: its region, and its name in each of [`LANGUAGES`].
const COUNTRIES: &str = include_str!(concat!(env!("OUT_DIR"), "/countries.tsv"));
/// As in `build.rs`.
const LANGUAGES: [&str; 2] = ["en", "de"];

/// Every country that has numbers, by its name in this language; in English where nobody here speaks it.
pub fn countries(language: &str) -> Vec<Country> {
    let column = LANGUAGES.iter().position(|tag| *tag == language).unwrap_or(0);
    let mut countries: Vec<Country> = COUNTRIES
        .lines()
        .filter_map(|line| {
            let (region, names) = line.split_once('\t')?;
            let name = names.split('\t').nth(column)?.to_owned();
            let id: Id = region.parse().ok()?;
            let calling_code = DATABASE.by_id(id.as_ref())?.country_code();
            Some(Country { region: region.to_owned(), name, calling_code })
        })
        .collect();
    countries.sort_by_cached_key(|country| crate::fold::text(&country.name));
    countries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_in_every_way_it_is_written() {
        for typed in ["0171 1234567", "171-123 45 67", "+49 (171) 1234567", "0049 171 1234567", " 01711234567 "] {
            assert_eq!(parse("DE", typed), Ok("+491711234567".to_owned()), "{typed}");
        }
        for region in ["FR", ""] {
            assert_eq!(parse(region, "+49 171 1234567"), Ok("+491711234567".to_owned()), "its own plus is stronger");
        }
    }

    #[test]
    fn what_takes_no_text_message_is_refused() {
        let number = |typed: &str| parse("DE", typed);
        for typed in ["", "x", "12", "+", "0171", "0171 12345678901234", "+999 1234567", "';--", &"1".repeat(1000)] {
            assert_eq!(number(typed), Err(Wrong::Number(Problem::NotANumber)), "{typed}");
        }
        // A landline in Berlin, and a number that is free for who calls it.
        for typed in ["030 123456", "0800 1234567"] {
            assert_eq!(number(typed), Err(Wrong::Number(Problem::TakesNoTexts)), "{typed}");
        }
        // Toll: satellite and premium numbers.
        for (region, typed) in [("US", "+1 900 555 0123"), ("GB", "+44 9011 234567")] {
            assert!(matches!(parse(region, typed), Err(Wrong::Number(_))), "{typed}");
        }
        assert_eq!(parse("XX", "0171 1234567"), Err(Wrong::Country));
        assert_eq!(parse("", "0171 1234567"), Err(Wrong::Country));
    }

    #[test]
    fn every_country_has_a_name_in_the_readers_language() {
        assert!(crate::mail::languages().all(|language| LANGUAGES.contains(&language)));
        let (english, german) = (countries("en"), countries("de"));
        assert!(english.len() > 200, "{}", english.len());
        assert_eq!(english.len(), german.len());
        let of = |countries: &[Country], region: &str| {
            countries.iter().find(|country| country.region == region).map(|one| (one.name.clone(), one.calling_code))
        };
        assert_eq!(of(&german, "DE"), Some(("Deutschland".to_owned(), 49)));
        assert_eq!(of(&english, "GB").map(|(_, code)| code), Some(44));
        assert_eq!(of(&german, "AT").map(|(name, _)| name).as_deref(), Some("Österreich"));
        // As one looks for it: Ä and Ö are not behind Z.
        let at = |region| german.iter().position(|country| country.region == region).unwrap();
        assert!(at("AT") < at("PL") && at("AT") > at("NO"));
    }
}
