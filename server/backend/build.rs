//! Writes `countries.tsv`: a line a country, its region code (ISO 3166-1 alpha-2) and its name in each language of Postern. The
//! library knows 131 languages; only what is spoken here goes into the binary.

use std::{env, fs, io, path::Path};

/// As in `sms/numbers.rs`, whose test finds the one that is missing.
const LANGUAGES: [&str; 2] = ["en", "de"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    // The texts are built in; without this a changed one is not.
    println!("cargo::rerun-if-changed=locales");
    let mut lines = String::new();
    for region in keshvar::SUPPORTED_ALPHA2_LIST {
        let country = region.to_country();
        lines.push_str(&country.alpha2().to_string());
        for language in LANGUAGES {
            let name = country.translations().get(language).copied().unwrap_or_else(|| country.iso_short_name());
            lines.extend(["\t", name]);
        }
        lines.push('\n');
    }
    let folder = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&folder).join("countries.tsv"), lines)
}
