//! Into a folder: the demo's mailbox. Each mail is two files of the same name: `.eml` as it would have travelled, for a
//! mail program to open, and `.json` to be read back. So the mailbox survives a restart of the demo.

use super::{Failure, Message, mime};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    io,
    path::{Path, PathBuf},
};

/// A folder for mails.
#[derive(Clone)]
pub struct Folder(PathBuf);

/// A mail in the demo's mailbox.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DemoMail {
    /// To which address.
    pub to: String,
    /// A line.
    pub subject: String,
    /// What is said, as plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// When it left: RFC 3339, UTC, to the millisecond.
    pub sent_at: String,
}

/// The mails in a folder, oldest first. Nothing where there is no such folder.
pub fn list(path: &Path) -> io::Result<Vec<DemoMail>> {
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files.iter().map(|file| Ok(serde_json::from_slice(&std::fs::read(file)?)?)).collect()
}

impl Folder {
    pub(crate) fn new(path: PathBuf) -> io::Result<Self> {
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(super) async fn send(&self, message: Message) -> Result<(), Failure> {
        let (_, eml) = mime::of(&message)?;
        self.write(message, &eml).await.map_err(|_| Failure::Unreachable)
    }

    async fn write(&self, message: Message, eml: &[u8]) -> io::Result<()> {
        let id: String = message.message_id.chars().filter(char::is_ascii_alphanumeric).take(10).collect();
        let name = format!("{:015}-{id}", message.at.ms());
        tokio::fs::write(self.0.join(format!("{name}.eml")), eml).await?;
        let Message { to, subject, text, html, at, .. } = message;
        self.put(&name, &DemoMail { to, subject, text, html, sent_at: to_the_millisecond(at) }).await
    }

    /// For who reads the folder.
    pub(crate) async fn put(&self, name: &str, mail: &DemoMail) -> io::Result<()> {
        let mail = serde_json::to_vec_pretty(mail)?;
        // Under another name until it is whole, because it is read at any moment.
        let (half, whole) = (self.0.join(format!("{name}.part")), self.0.join(format!("{name}.json")));
        tokio::fs::write(&half, mail).await?;
        tokio::fs::rename(half, whole).await
    }
}

pub(crate) fn to_the_millisecond(at: Timestamp) -> String {
    format!("{}.{:03}Z", at.rfc3339().trim_end_matches('Z'), at.ms().rem_euclid(1000))
}
