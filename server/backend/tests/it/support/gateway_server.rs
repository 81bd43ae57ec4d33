//! A small SMS gateway on loopback: it answers each request as it was last told to, or not at all, and remembers what was said
//! to it.

use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

/// The gateway; it stops when it is dropped.
pub struct GatewayServer {
    port: u16,
    inner: Arc<Mutex<Inner>>,
    asked: Arc<Notify>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Inner {
    said: Vec<String>,
    status: u16,
    body: String,
    holds: bool,
}

impl GatewayServer {
    /// Begins to listen.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let inner = Arc::new(Mutex::new(Inner::default()));
        let asked = Arc::new(Notify::new());
        let (shared, notify) = (inner.clone(), asked.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                _ = talk(stream, &shared, &notify).await;
            }
        });
        Self { port, inner, asked, task }
    }

    /// Where it is, with what signs in.
    pub fn url(&self, account: &str, token: &str) -> String {
        format!("http://{account}:{token}@127.0.0.1:{}", self.port)
    }

    /// From now on it answers so; with the status 0 it hangs up instead.
    pub fn answer(&self, status: u16, body: &str) {
        let mut inner = self.inner.lock().unwrap();
        (inner.status, inner.body) = (status, body.to_owned());
    }

    /// From now on it keeps whoever asks waiting, until it is dropped.
    pub fn hold(&self) {
        self.inner.lock().unwrap().holds = true;
    }

    /// Once there is a request that was not waited for yet.
    pub async fn asked(&self) {
        self.asked.notified().await;
    }

    /// Every request, head and body.
    pub fn said(&self) -> Vec<String> {
        self.inner.lock().unwrap().said.clone()
    }
}

impl Drop for GatewayServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn talk(mut stream: TcpStream, inner: &Mutex<Inner>, asked: &Notify) -> std::io::Result<()> {
    let mut request = Vec::new();
    loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await?;
        request.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        if read == 0 || body.len() >= length.map_or(0, |length| length.trim().parse().unwrap_or(0)) {
            break;
        }
    }
    asked.notify_one();
    let (answer, holds) = {
        let mut inner = inner.lock().unwrap();
        inner.said.push(String::from_utf8_lossy(&request).into_owned());
        let Inner { status, body, holds, .. } = &*inner;
        let length = body.len();
        let answer = (*status > 0).then(|| {
            format!(
                "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nLocation: http://127.0.0.1:9/\r\n\
                 Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )
        });
        (answer, *holds)
    };
    if holds {
        std::future::pending::<()>().await;
    }
    match answer {
        Some(answer) => stream.write_all(answer.as_bytes()).await,
        None => Ok(()),
    }
}
