//! The service as its users meet it: the program itself, listening, and a client that can also be rude.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::command::homeward;
use super::databases::TestDatabase;

/// A running `homeward serve`, ended with this value.
pub struct Service {
    child: Child,
    address: String,
}

impl Service {
    pub fn start(db: &TestDatabase) -> Self {
        Self::start_with(db, &[])
    }

    /// With more settings, as environment variables. Without the schedules, unless they say otherwise.
    pub fn start_with(db: &TestDatabase, settings: &[(&str, &str)]) -> Self {
        Self::start_as(db, &["serve", "--bind", "127.0.0.1:0"], settings)
    }

    /// With these arguments.
    pub fn start_as(db: &TestDatabase, arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut child = homeward(db.folder(), db.url_text())
            .args(arguments)
            .env("HOMEWARD_SERVICE__NOT_READY_SECONDS", "0")
            .env("HOMEWARD_SERVICE__REQUESTS_A_MINUTE", "1000000")
            .env("HOMEWARD_SERVICE__ANONYMOUS_REQUESTS_A_MINUTE", "1000000")
            .env("HOMEWARD_SERVICE__SIGN_INS_A_MINUTE", "1000000")
            .env("HOMEWARD_JOBS__ENABLED", "false")
            .env("HOMEWARD_LOG", "warn")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starting the service");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its standard output");
        BufReader::new(stdout).read_line(&mut line).expect("its first line");
        let address = line.trim().strip_prefix("listening on http://").expect("an address");
        Self { address: address.to_owned(), child }
    }

    /// The address of a path, for programs of others.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// One that was started otherwise and listens at `address` (host and port).
    pub fn running(child: Child, address: &str) -> Self {
        Self { child, address: address.to_owned() }
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Sends SIGTERM and gives the exit code.
    pub fn stop(mut self) -> Option<i32> {
        terminate(&self.child);
        self.child.wait().expect("the service ends").code()
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&self) {
        let id = self.child.id().to_string();
        let _ = std::process::Command::new("kill").args(["-KILL", &id]).status();
    }

    pub fn send(&self, request: &Request) -> Answer {
        self.try_send(request).expect("an answer")
    }

    /// What came back, if anything whole did.
    pub fn try_send(&self, request: &Request) -> Option<Answer> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
        let mut head = format!(
            "{} {} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n",
            request.method,
            request.path,
            self.address,
            request.body.len()
        );
        for (name, value) in &request.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).ok()?;
        // A body that is too large is refused before it is all sent.
        let _ = stream.write_all(&request.body);
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        Answer::parse(&bytes, request.method == "HEAD")
    }
}

fn terminate(child: &Child) {
    let id = child.id().to_string();
    let _ = std::process::Command::new("kill").args(["-TERM", &id]).status();
}

impl Drop for Service {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            terminate(&self.child);
            let _ = self.child.wait();
        }
    }
}

/// A request to be.
#[derive(Debug, Clone)]
pub struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    pub fn new(method: &str, path: &str) -> Self {
        let path = path.to_owned();
        Self { method: method.to_owned(), path, headers: Vec::new(), body: Vec::new() }
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub fn post(path: &str, body: &Value) -> Self {
        let mut request = Self::new("POST", path).header("content-type", "application/json");
        request.body = body.to_string().into_bytes();
        request
    }

    /// A form as a browser sends one from a page of ours.
    pub fn form(path: &str, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self::new("POST", path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .bytes(body)
    }

    pub fn with_method(self, method: &str) -> Self {
        Self { method: method.to_owned(), ..self }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn parse(bytes: &[u8], to_head: bool) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status line");
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut answer =
            Self { status: status.parse().expect("a status"), headers, body: Vec::new() };
        let rest = &bytes[end + 4..];
        if to_head {
            // The length told is that of the body that is left out.
            answer.body = rest.to_vec();
            return Some(answer);
        }
        let chunked = answer.get("transfer-encoding") == Some("chunked");
        answer.body = if chunked { unchunk(rest) } else { rest.to_vec() };
        let length = answer.get("content-length").and_then(|length| length.parse().ok());
        let whole = chunked || length.is_none_or(|length: usize| length == rest.len());
        whole.then_some(answer)
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    /// Holds the answer to its status and gives its JSON.
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// Holds the answer to a problem of the API's form, and gives it without its request id.
    pub fn problem(&self, status: u16, slug: &str) -> Value {
        let mut body = self.expect(status);
        assert_eq!(self.get("content-type"), Some("application/problem+json"), "{body}");
        assert_eq!(body["type"], format!("urn:homeward:problem:{slug}"), "{body}");
        assert_eq!(body["status"], status, "{body}");
        let id = body["request_id"].take();
        assert_eq!(id.as_str(), self.get("x-request-id"), "{body}");
        body
    }
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = String::from_utf8_lossy(&rest[..end]);
        let size = usize::from_str_radix(size.trim(), 16).expect("a chunk's size");
        if size == 0 {
            break;
        }
        let chunk = &rest[end + 2..end + 2 + size];
        body.extend_from_slice(chunk);
        rest = &rest[end + 4 + size..];
    }
    body
}
