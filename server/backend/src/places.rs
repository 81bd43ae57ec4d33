//! Where a network address is, in words, by a database that the operator supplies (MaxMind DB format, of cities or countries).
//! It is a guess: shown beside the address, and never a reason to let anybody in or keep them out.

use maxminddb::{MaxMindDbError, Reader, geoip2};
use std::{fmt, net::IpAddr, path::Path};

/// A database that is open.
pub struct Places(Reader<Vec<u8>>);

/// Where an address is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Town, where it is known, and country.
    pub words: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

/// Why a file is no such database.
#[derive(Debug, thiserror::Error)]
#[error("it is no database of places: {0}")]
pub struct NoPlaces(#[from] MaxMindDbError);

impl Places {
    /// Reads a file, all of it: a database of countries takes some 10 MB of memory, one of towns ten times as much.
    ///
    /// # Errors
    /// [`NoPlaces`].
    pub fn open(path: &Path) -> Result<Self, NoPlaces> {
        Ok(Self(Reader::open_readfile(path)?))
    }

    /// Where this address is, if it is known.
    pub fn of(&self, address: IpAddr) -> Option<Place> {
        let found: geoip2::City = self.0.lookup(address.to_canonical()).ok()?.decode().ok()??;
        let country = found.country.iso_code.filter(|code| code.len() == 2)?.to_owned();
        let country_name = found.country.names.english.unwrap_or(&country).to_owned();
        let words = match found.city.names.english {
            Some(town) => format!("{town}, {country_name}"),
            None => country_name,
        };
        Some(Place { words, country })
    }

    /// What it is, for `postern doctor`.
    pub fn kind(&self) -> &str {
        &self.0.metadata().database_type
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}
