//! Asking once more before what cannot be undone.

use super::Failure;
use std::io::{self, BufRead as _, IsTerminal as _};

/// Lets the command go on when the operator said `--yes`, or types `name` at a terminal. A script is not asked.
pub fn confirm(name: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::Refused("it cannot be undone, so nothing was changed. Add --yes to mean it.".to_owned()));
    }
    eprintln!("It cannot be undone. Type “{name}” to go on:");
    let mut typed = String::new();
    // What cannot be read is not the name.
    let _ = stdin.lock().read_line(&mut typed);
    if typed.trim() == name { Ok(()) } else { Err(Failure::Refused("that is not it: nothing was changed.".to_owned())) }
}
