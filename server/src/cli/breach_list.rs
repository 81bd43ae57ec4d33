//! `postern breach-list`: the passwords that nobody may choose, because they were stolen elsewhere.

use super::Failure;
use backend::crypto::breach_list;
use clap::Subcommand;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter},
    path::{Path, PathBuf},
};

#[derive(Subcommand)]
pub enum BreachList {
    /// Make the file for POSTERN_BREACH_LIST
    ///
    /// PUBLIC is the list of “Have I Been Pwned”: SHA-1 hashes ordered by hash, a line `HASH:COUNT`; `-` reads it from
    /// standard input. The file takes 6 bytes a password. Prints how many there are.
    Build {
        /// The public list, or `-`
        #[arg(value_name = "PUBLIC")]
        public: PathBuf,
        /// The file to make
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
        /// Leave out what was seen less often than this
        #[arg(long, value_name = "COUNT", default_value_t = 1)]
        at_least: u64,
    },
}

impl BreachList {
    pub fn run(&self) -> Result<(), Failure> {
        let Self::Build { public, output, at_least } = self;
        if output.exists() && !output.is_file() {
            return Err(Failure::Refused(format!("{}: it is there and is no file. Name another.", output.display())));
        }
        // A list that is in use is replaced whole or not at all.
        let unfinished = output.with_added_extension("part");
        let built = build(public, &unfinished, *at_least);
        let entries = built.inspect_err(|_| _ = std::fs::remove_file(&unfinished))?;
        std::fs::rename(&unfinished, output).map_err(|problem| file(output, problem))?;
        println!("entries {entries}");
        Ok(())
    }
}

fn build(public: &Path, output: &Path, at_least: u64) -> Result<u64, Failure> {
    let lines: Box<dyn BufRead> = match public.to_str() {
        Some("-") => Box::new(io::stdin().lock()),
        _ => Box::new(BufReader::with_capacity(1 << 20, File::open(public).map_err(|problem| file(public, problem))?)),
    };
    let list = BufWriter::with_capacity(1 << 20, File::create(output).map_err(|problem| file(output, problem))?);
    breach_list::build(lines, list, at_least)
        .map_err(|problem| Failure::Refused(format!("{}: {problem}", public.display())))
}

fn file(path: &Path, problem: io::Error) -> Failure {
    Failure::File { path: path.display().to_string(), problem }
}
