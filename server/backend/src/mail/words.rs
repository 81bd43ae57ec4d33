//! The texts of mails, from the message files in `locales/`, in the language of one mail.

use super::zone;
use domain::{
    authenticators::FactorKind,
    roles::{NamedRole, Role},
    time::ZonedTime,
};
use std::{borrow::Cow, sync::LazyLock};

/// The languages there are message files in.
pub fn languages() -> impl Iterator<Item = &'static str> {
    static LANGUAGES: LazyLock<Vec<Cow<'static, str>>> = LazyLock::new(|| rust_i18n::available_locales!());
    LANGUAGES.iter().map(AsRef::as_ref)
}

/// Speaks one language.
pub struct Words {
    language: String,
}

impl Words {
    /// In `language` if there are message files for it, and otherwise in English.
    pub fn of(language: &str) -> Self {
        Self { language: languages().find(|known| *known == language).unwrap_or("en").into() }
    }

    /// Which language that is, for the `lang` of the page.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// The text with this key; `%{name}` in it stands for a value. Values are put in as they are, once.
    pub fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        let text = rust_i18n::t!(key, locale = &self.language);
        let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        let values: Vec<String> = values.iter().map(|(_, value)| (*value).to_owned()).collect();
        rust_i18n::replace_patterns(&text, &names, &values)
    }

    /// The label of a built-in role.
    pub fn role(&self, role: Role) -> String {
        self.say(&format!("role.{}", role.built_in_key().unwrap_or("custom")), &[])
    }

    /// A role as it is called now.
    pub fn role_named(&self, named: &NamedRole) -> String {
        named.name.clone().unwrap_or_else(|| self.role(named.role))
    }

    /// A role as it was written down: the key of a built-in one, or what a custom one was called.
    pub fn role_written(&self, written: &str) -> String {
        Role::of_key(written).map_or_else(|| written.to_owned(), |role| self.role(role))
    }

    /// A kind of method.
    pub fn factor(&self, kind: FactorKind) -> String {
        self.say(&format!("factor.{}", kind.key()), &[])
    }

    /// A time that cannot be mistaken, wherever and whenever it is read: with the year and the zone.
    pub fn time(&self, time: &ZonedTime) -> String {
        let civil = time.civil();
        let month = self.say(&format!("time.month_{}", civil.month), &[]);
        let (day, year) = (civil.day.to_string(), civil.year.to_string());
        let clock = format!("{:02}:{:02}", civil.hour, civil.minute);
        let offset = zone::offset(time);
        let zone = if time.zone == offset { offset } else { format!("{}, {offset}", time.zone) };
        self.say("time.exact", &[("day", &day), ("month", &month), ("year", &year), ("clock", &clock), ("zone", &zone)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::Timestamp;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn every_role_factor_and_month_has_a_word() {
        let words = Words::of("en");
        for word in Role::ALL.iter().map(|role| words.role(*role)).chain(FactorKind::ALL.map(|kind| words.factor(kind)))
        {
            assert!(!word.contains('.'), "{word}");
        }
        for month in 0..12 {
            let time = words.time(&zone::zoned(Timestamp::from_ms(month * 31 * 86_400_000), "UTC"));
            assert!(!time.contains("month"), "{time}");
        }
    }

    #[test]
    fn a_time_names_its_zone() {
        let time = Timestamp::from_ms(1_795_334_400_000);
        let words = Words::of("en");
        assert_eq!(words.time(&zone::zoned(time, "Europe/Rome")), "22 November 2026, 09:00 (Rome, UTC+1)");
        assert_eq!(words.time(&zone::zoned(time, "UTC")), "22 November 2026, 08:00 (UTC)");
    }

    #[test]
    fn values_are_put_in_once() {
        let said = Words::of("en").say("mail.greeting", &[("name", "%{name} %{reference}")]);
        assert_eq!(said, "Hello %{name} %{reference},");
    }

    #[test]
    fn every_language_says_what_english_says_with_the_same_values() {
        let texts = |language: &str| -> BTreeMap<String, String> {
            let texts = crate::_RUST_I18N_BACKEND.messages_for_locale(language).expect("it is one of them");
            texts.into_iter().map(|(key, text)| (key.into_owned(), text.into_owned())).collect()
        };
        let english = texts("en");
        for language in languages() {
            for (key, text) in texts(language) {
                let original = english.get(&key).unwrap_or_else(|| panic!("{language}: {key} is not English"));
                assert_eq!(values_of(&text), values_of(original), "{language}: {key}");
            }
            let spoken = texts(language);
            let missing: Vec<_> = english.keys().filter(|key| !spoken.contains_key(*key)).collect();
            assert!(missing.iter().all(|key| key.starts_with("role.")), "{language} lacks {missing:?}");
        }
    }

    fn values_of(text: &str) -> BTreeSet<&str> {
        text.split("%{").skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    #[test]
    fn an_unknown_language_is_english() {
        assert_eq!(Words::of("tlh").language(), "en");
    }
}
