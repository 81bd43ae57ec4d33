//! A small mail server on loopback that can be told to be difficult. It speaks as much of RFC 5321 as a client needs, and
//! remembers all that was said to it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Where in the conversation something happens.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Step {
    /// Instead of, or before, “220”.
    Greeting,
    /// EHLO.
    Ehlo,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA.
    Data,
    /// The dot that ends the mail.
    Dot,
    /// QUIT.
    Quit,
}

/// What the server does at a step instead of agreeing.
#[derive(Clone, Copy, Debug)]
pub enum Difficulty {
    /// Answers with this code.
    Answer(u16),
    /// Hangs up.
    HangUp,
    /// Agrees after this long.
    Slow(Duration),
    /// Says something that is no answer.
    Babble,
}

/// A mail that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The argument of MAIL.
    pub from: String,
    /// The argument of RCPT.
    pub to: String,
    /// Headers and body, as they came.
    pub bytes: String,
}

#[derive(Default)]
struct State {
    difficulties: HashMap<Step, Difficulty>,
    offers: Vec<&'static str>,
    said: Vec<String>,
    taken: Vec<Taken>,
}

/// The server; it stops when it is dropped.
pub struct SmtpServer {
    /// Where it listens.
    pub port: u16,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl SmtpServer {
    /// Listens, and agrees to everything.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = shared.clone();
                // A client that hangs up is no trouble of the server's.
                tokio::spawn(async move { converse(stream, &state).await.ok() });
            }
        });
        Self { port, state, task }
    }

    /// For [`backend::mail::Mailer`].
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// From now on it is difficult at this step.
    pub fn at(&self, step: Step, difficulty: Difficulty) -> &Self {
        self.state.lock().unwrap().difficulties.insert(step, difficulty);
        self
    }

    /// From now on it agrees to everything.
    pub fn agree(&self) {
        self.state.lock().unwrap().difficulties.clear();
    }

    /// From now on it offers this extension.
    pub fn offer(&self, extension: &'static str) -> &Self {
        self.state.lock().unwrap().offers.push(extension);
        self
    }

    /// All that clients said, without the mails.
    pub fn said(&self) -> Vec<String> {
        self.state.lock().unwrap().said.clone()
    }

    /// The mails that were taken.
    pub fn taken(&self) -> Vec<Taken> {
        self.state.lock().unwrap().taken.clone()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Ends with the connection.
async fn converse(stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    answer(&mut stream, state, Step::Greeting, "220 mail.example").await?;
    let (mut from, mut to) = (String::new(), String::new());
    loop {
        let line = read(&mut stream).await?;
        state.lock().unwrap().said.push(line.clone());
        let (verb, rest) = line.split_once([' ', ':']).unwrap_or((&line, ""));
        match verb.to_uppercase().as_str() {
            "EHLO" => {
                let offers = state.lock().unwrap().offers.clone();
                let mut lines = vec!["250-mail.example".to_owned()];
                lines.extend(offers.iter().map(|offer| format!("250-{offer}")));
                lines.push("250 HELP".to_owned());
                answer(&mut stream, state, Step::Ehlo, &lines.join("\r\n")).await?;
            }
            "STARTTLS" => drop(answer(&mut stream, state, Step::StartTls, "220 go on").await?),
            "AUTH" => drop(answer(&mut stream, state, Step::Auth, "235 welcome").await?),
            "MAIL" => {
                from = rest.to_owned();
                answer(&mut stream, state, Step::Mail, "250 fine").await?;
            }
            "RCPT" => {
                to = rest.to_owned();
                answer(&mut stream, state, Step::Rcpt, "250 fine").await?;
            }
            "DATA" => {
                if !answer(&mut stream, state, Step::Data, "354 go on").await? {
                    continue;
                }
                let mut bytes = String::new();
                loop {
                    let line = read(&mut stream).await?;
                    match line.as_str() {
                        "." => break,
                        _ => bytes.push_str(line.strip_prefix('.').unwrap_or(&line)),
                    }
                    bytes.push('\n');
                }
                // A server that is slow to say so has taken the mail all the same.
                let refuses = matches!(
                    state.lock().unwrap().difficulties.get(&Step::Dot),
                    Some(Difficulty::Answer(_) | Difficulty::HangUp)
                );
                if !refuses {
                    let mail = Taken { from: from.clone(), to: to.clone(), bytes };
                    state.lock().unwrap().taken.push(mail);
                }
                answer(&mut stream, state, Step::Dot, "250 taken").await?;
            }
            "QUIT" => {
                answer(&mut stream, state, Step::Quit, "221 goodbye").await?;
                return Ok(());
            }
            _ => stream.write_all(b"502 what?\r\n").await?,
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut line = String::new();
    match stream.read_line(&mut line).await? {
        0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
    }
}

/// Agrees, or is difficult. Says whether it agreed.
async fn answer(
    stream: &mut BufReader<TcpStream>,
    state: &Mutex<State>,
    step: Step,
    agreement: &str,
) -> std::io::Result<bool> {
    let difficulty = state.lock().unwrap().difficulties.get(&step).copied();
    let words = match difficulty {
        // Like many servers it names whom it refuses; that must not get into any log.
        Some(Difficulty::Answer(code)) => format!("{code} not for dmitri@postern.example"),
        Some(Difficulty::HangUp) => return Err(std::io::ErrorKind::ConnectionAborted.into()),
        Some(Difficulty::Babble) => "hello there".to_owned(),
        Some(Difficulty::Slow(span)) => {
            tokio::time::sleep(span).await;
            agreement.to_owned()
        }
        None => agreement.to_owned(),
    };
    stream.write_all(format!("{words}\r\n").as_bytes()).await?;
    Ok(!matches!(difficulty, Some(Difficulty::Answer(_))))
}
