//! Light or dark (6.4), as a person wants every page.

use serde::{Deserialize, Serialize};

/// How pages look.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the device is set, which changes with the time of day for many.
    #[default]
    Device,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Device, Self::Light, Self::Dark];

    /// As in a form and in the document.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one with this key; as the device for every other.
    pub fn of_key(key: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.key() == key).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_theme_is_that_of_the_device() {
        for theme in Theme::ALL {
            assert_eq!(Theme::of_key(theme.key()), theme);
        }
        for odd in ["", "Dark", "sepia"] {
            assert_eq!(Theme::of_key(odd), Theme::Device, "{odd}");
        }
    }
}
