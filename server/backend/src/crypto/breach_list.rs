//! The operator's list of breached passwords (3.4; NIST SP 800-63B, 3.1.1.2): made once from the public list of SHA-1
//! hashes (“Have I Been Pwned”, ordered by hash, a line `40 HEX DIGITS:COUNT`), and looked at on disk.
//!
//! The file is [`MAGIC`] and the first [`KEPT`] bytes of each hash, ascending, each once: 6 bytes a password. A look is a
//! binary search, some thirty reads of a file that the system keeps in memory. That a password which is not on the list
//! looks as if it were happens for one in 2⁴⁸ ÷ entries, one in 280,000 with a thousand million entries.

use super::Password;
use sha1::{Digest, Sha1};
use std::{
    fs::File,
    io::{self, BufRead, Write},
    os::unix::fs::FileExt,
    path::Path,
};

/// What the file begins with: its kind and its version.
const MAGIC: [u8; 8] = *b"breach-1";
/// How much of a hash is kept.
const KEPT: usize = 6;

/// A list that is open.
#[derive(Debug)]
pub struct BreachList {
    file: File,
    entries: u64,
}

/// Why a file is no breach list.
#[derive(Debug, thiserror::Error)]
pub enum NoBreachList {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unread(#[from] io::Error),
    /// It is something else, or was cut off.
    #[error("it is not a breach list, or not a whole one")]
    Malformed,
}

/// Why a list was not made.
#[derive(Debug, thiserror::Error)]
pub enum NotBuilt {
    /// Something could not be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A line is not of the public format.
    #[error("line {0} is not a SHA-1 hash of 40 hex digits, a colon and a count")]
    Line(u64),
    /// A hash is smaller than the one before it.
    #[error("line {0} is out of order: take the list that is ordered by hash")]
    Order(u64),
}

impl BreachList {
    /// Opens a list that [`build`] made.
    ///
    /// # Errors
    /// [`NoBreachList`].
    pub fn open(path: &Path) -> Result<Self, NoBreachList> {
        let file = File::open(path)?;
        let mut magic = [0; MAGIC.len()];
        let length = file.metadata()?.len().checked_sub(MAGIC.len() as u64).ok_or(NoBreachList::Malformed)?;
        file.read_exact_at(&mut magic, 0)?;
        if magic != MAGIC || length % KEPT as u64 != 0 {
            return Err(NoBreachList::Malformed);
        }
        Ok(Self { file, entries: length / KEPT as u64 })
    }

    /// How many passwords are on it.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Whether this one is. Reads from disk: not for the async threads.
    ///
    /// # Errors
    /// Whatever reading the file gives.
    pub fn contains(&self, password: &Password) -> io::Result<bool> {
        let digest = Sha1::digest(password.expose().as_bytes());
        let (mut low, mut high) = (0, self.entries);
        while low < high {
            let middle = low + (high - low) / 2;
            let mut entry = [0; KEPT];
            self.file.read_exact_at(&mut entry, MAGIC.len() as u64 + middle * KEPT as u64)?;
            match entry.as_slice().cmp(&digest[..KEPT]) {
                std::cmp::Ordering::Equal => return Ok(true),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(false)
    }
}

/// Makes a list of the passwords that were seen `at_least` so often. Reads and writes as it goes, so that the size of the
/// public list does not matter. Answers how many there are.
///
/// # Errors
/// [`NotBuilt`], with the line.
pub fn build(public: impl BufRead, mut list: impl Write, at_least: u64) -> Result<u64, NotBuilt> {
    list.write_all(&MAGIC)?;
    let (mut last, mut last_written, mut entries) = ([0; 20], None, 0);
    for (line, number) in public.split(b'\n').zip(1..) {
        let line = line?;
        let (hash, count) = str::from_utf8(&line).ok().and_then(parse).ok_or(NotBuilt::Line(number))?;
        if hash < last {
            return Err(NotBuilt::Order(number));
        }
        last = hash;
        let kept: [u8; KEPT] = std::array::from_fn(|at| hash[at]);
        if count >= at_least && last_written != Some(kept) {
            list.write_all(&kept)?;
            (last_written, entries) = (Some(kept), entries + 1);
        }
    }
    list.flush()?;
    Ok(entries)
}

fn parse(line: &str) -> Option<([u8; 20], u64)> {
    let (hash, count) = line.trim_end().split_once(':')?;
    let hash = data_encoding::HEXUPPER_PERMISSIVE.decode(hash.as_bytes()).ok()?;
    Some((hash.try_into().ok()?, count.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(password: &str, count: u64) -> String {
        format!("{}:{count}\n", data_encoding::HEXUPPER.encode(&Sha1::digest(password.as_bytes())))
    }

    fn public(passwords: impl IntoIterator<Item = (String, u64)>) -> String {
        let mut lines: Vec<String> = passwords.into_iter().map(|(password, count)| line(&password, count)).collect();
        lines.sort_unstable();
        lines.concat()
    }

    fn listed(public: &str, at_least: u64) -> (BreachList, tempfile::NamedTempFile) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        build(public.as_bytes(), &mut file, at_least).unwrap();
        (BreachList::open(file.path()).unwrap(), file)
    }

    fn is_on(list: &BreachList, password: &str) -> bool {
        list.contains(&Password::new(password.into())).unwrap()
    }

    #[test]
    fn all_that_was_breached_is_found_and_nothing_else() {
        for size in [0, 1, 2, 3, 1000] {
            let (list, _file) = listed(&public((0..size).map(|n| (format!("password {n}"), 1))), 1);
            assert_eq!(list.entries(), size);
            for n in 0..size + 100 {
                assert_eq!(is_on(&list, &format!("password {n}")), n < size, "{n} of {size}");
            }
        }
    }

    #[test]
    fn what_was_seen_too_seldom_is_left_out() {
        let (list, _file) = listed(&public([("seldom".to_owned(), 9), ("often".to_owned(), 10)]), 10);
        assert_eq!((list.entries(), is_on(&list, "seldom"), is_on(&list, "often")), (1, false, true));
    }

    #[test]
    fn lines_end_as_on_any_system_and_a_hash_counts_once() {
        let twice = line("one", 5).repeat(2).replace('\n', "\r\n").to_lowercase();
        let (list, _file) = listed(&twice, 1);
        assert_eq!((list.entries(), is_on(&list, "one")), (1, true));
    }

    #[test]
    fn a_line_that_is_none_and_a_wrong_order_are_told_with_their_number() {
        let good = public([("one".to_owned(), 1), ("two".to_owned(), 1)]);
        let hash = &good[..40];
        for bad in
            ["", "hello", &hash[1..], &format!("{hash}:many"), &format!("{hash}0:1"), &format!("{}g:1", &hash[1..])]
        {
            let told = build(format!("{good}{bad}\n").as_bytes(), io::sink(), 1);
            assert!(matches!(told, Err(NotBuilt::Line(3))), "{bad:?}: {told:?}");
        }
        let mut turned: Vec<&str> = good.lines().collect();
        turned.reverse();
        assert!(matches!(build(turned.join("\n").as_bytes(), io::sink(), 1), Err(NotBuilt::Order(2))));
    }

    #[test]
    fn what_is_no_text_is_a_line_that_is_none() {
        assert!(matches!(build(&b"\xff\xfe:1\n"[..], io::sink(), 1), Err(NotBuilt::Line(1))));
    }

    #[test]
    fn another_file_and_half_a_list_are_none() {
        let whole = {
            let mut list = Vec::new();
            build(public([("one".to_owned(), 1)]).as_bytes(), &mut list, 1).unwrap();
            list
        };
        for content in [&b""[..], b"short", b"something else", &whole[..whole.len() - 1], &whole[1..]] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(content).unwrap();
            assert!(matches!(BreachList::open(file.path()), Err(NoBreachList::Malformed)), "{content:?}");
        }
        assert!(matches!(BreachList::open(Path::new("/no/such/file")), Err(NoBreachList::Unread(_))));
    }
}
