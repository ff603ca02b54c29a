//! A mail server that does what a test tells it: takes a message, refuses it, is slow, or hangs up.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What the server does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Take,
    /// 451 after the data.
    TryLater,
    /// 550 to the recipient.
    NoSuchMailbox,
    /// Hangs up in the middle of the data.
    DropInData,
    /// Keeps the message and hangs up before its 250: the sender cannot know.
    TakeAndDrop,
    /// Says nothing for longer than anybody waits.
    Stall,
    /// 535 at the greeting's end: refuses us, not a message.
    RefuseUs,
}

/// How the server protects what is said.
#[derive(Debug, Clone, Default)]
pub enum Protection {
    #[default]
    None,
    /// From the first byte.
    Tls(Arc<ServerConfig>),
    /// When it is asked for; nothing is taken before.
    StartTls(Arc<ServerConfig>),
}

/// What the server wants of who comes.
#[derive(Debug, Clone, Default)]
pub struct Manners {
    pub protection: Protection,
    /// RFC 4616's message of the login that is taken, in base 64; none: nobody has to say who they are.
    pub login: Option<&'static str>,
}

/// The certificate of an authority of the test's own, and a server's of it for these names.
pub struct Authority {
    pub pem: String,
    pub config: Arc<ServerConfig>,
}

impl Authority {
    pub fn new(names: &[&str]) -> Self {
        use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
        let authority_key = KeyPair::generate().expect("a key");
        let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = authority.self_signed(&authority_key).expect("a certificate").pem();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().expect("a key");
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let own = CertificateParams::new(names).expect("parameters");
        let own = own.signed_by(&key, &issuer).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let secret = rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![own.der().clone()], secret.into())
            .expect("a server's certificate");
        Self { pem, config: Arc::new(config) }
    }
}

/// A connection, protected or not.
enum Wire {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Wire {
    fn protected(config: &Arc<ServerConfig>, stream: TcpStream) -> Self {
        let connection = ServerConnection::new(config.clone()).expect("a TLS connection");
        Self::Tls(Box::new(StreamOwned::new(connection, stream)))
    }
}

impl Read for Wire {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(into),
            Self::Tls(stream) => stream.read(into),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

#[derive(Default)]
struct State {
    /// What is still to be done, in order, a connection each; then `Take`.
    script: Vec<Act>,
    /// Message-ID and text of what was kept.
    kept: Vec<(String, String)>,
    /// Messages that were kept without a 250, by Message-ID.
    in_doubt: HashMap<String, usize>,
    connections: usize,
    /// Mail that began before the connection was protected or the login was taken.
    premature: usize,
}

/// Listens on a port of this machine until the test process ends.
#[derive(Clone)]
pub struct Smtp {
    pub port: u16,
    manners: Manners,
    state: Arc<Mutex<State>>,
}

impl Smtp {
    pub fn start(script: &[Act]) -> Self {
        Self::start_with(Manners::default(), script)
    }

    pub fn start_with(manners: Manners, script: &[Act]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let mut script = script.to_vec();
        script.reverse();
        let state = Arc::new(Mutex::new(State { script, ..State::default() }));
        let server = Self { port, manners, state };
        let serving = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = serving.clone();
                std::thread::spawn(move || server.converse(stream));
            }
        });
        server
    }

    /// Message-ID and text of everything kept, in order.
    pub fn kept(&self) -> Vec<(String, String)> {
        self.state.lock().expect("the state").kept.clone()
    }

    /// How many times a message was kept without a 250.
    pub fn in_doubt(&self, id: &str) -> usize {
        self.state.lock().expect("the state").in_doubt.get(id).copied().unwrap_or_default()
    }

    /// How often mail was begun before it might be.
    pub fn premature(&self) -> usize {
        self.state.lock().expect("the state").premature
    }

    fn next(&self) -> Act {
        let mut state = self.state.lock().expect("the state");
        state.connections += 1;
        state.script.pop().unwrap_or(Act::Take)
    }

    fn keep(&self, text: String, doubtful: bool) {
        let id = text
            .lines()
            .find_map(|line| line.strip_prefix("Message-ID: "))
            .unwrap_or_default()
            .to_owned();
        let mut state = self.state.lock().expect("the state");
        if doubtful {
            *state.in_doubt.entry(id.clone()).or_default() += 1;
        }
        state.kept.push((id, text));
    }

    fn converse(&self, stream: TcpStream) {
        let wire = match &self.manners.protection {
            Protection::Tls(config) => Wire::protected(config, stream),
            _ => Wire::Plain(stream),
        };
        let mut visit = Visit { protected: !matches!(wire, Wire::Plain(_)), ..Visit::default() };
        let mut talk = BufReader::new(wire);
        if !say(&mut talk, "220 test") {
            return;
        }
        let mut line = String::new();
        loop {
            line.clear();
            if talk.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let word = line.split([' ', '\r']).next().unwrap_or_default().to_ascii_uppercase();
            let answer = match word.as_str() {
                "STARTTLS" => {
                    let Protection::StartTls(config) = &self.manners.protection else { return };
                    let Wire::Plain(stream) = talk.into_inner() else { return };
                    talk = BufReader::new(Wire::Plain(stream));
                    if !say(&mut talk, "220 go on") {
                        return;
                    }
                    let Wire::Plain(stream) = talk.into_inner() else { return };
                    talk = BufReader::new(Wire::protected(config, stream));
                    visit.protected = true;
                    continue;
                }
                "DATA" => {
                    if !say(&mut talk, "354 go on") {
                        return;
                    }
                    match self.data(&mut talk, visit.act.unwrap_or(Act::Take)) {
                        Some(answer) => answer.to_owned(),
                        None => return,
                    }
                }
                "QUIT" => {
                    say(&mut talk, "221 bye");
                    return;
                }
                word => self.answer(word, line.trim_end(), &mut visit),
            };
            if !say(&mut talk, &answer) {
                return;
            }
        }
    }

    fn answer(&self, word: &str, line: &str, visit: &mut Visit) -> String {
        let offers_tls = matches!(self.manners.protection, Protection::StartTls(_));
        let must_protect = offers_tls && !visit.protected;
        match word {
            "EHLO" | "HELO" => {
                let mut lines = vec!["test", "8BITMIME", "SMTPUTF8"];
                lines.extend(must_protect.then_some("STARTTLS"));
                lines.extend(self.manners.login.map(|_| "AUTH PLAIN"));
                let last = lines.pop().unwrap_or_default();
                let before: String = lines.iter().map(|line| format!("250-{line}\r\n")).collect();
                format!("{before}250 {last}")
            }
            "AUTH" => {
                visit.known = line.strip_prefix("AUTH PLAIN ") == self.manners.login;
                let answer = if visit.known { "235 welcome" } else { "535 5.7.8 wrong password" };
                answer.to_owned()
            }
            "MAIL" if must_protect || (self.manners.login.is_some() && !visit.known) => {
                self.state.lock().expect("the state").premature += 1;
                "530 not before".to_owned()
            }
            // A script's step is a message; looking whether we are there is none.
            "MAIL" => match *visit.act.insert(self.next()) {
                Act::RefuseUs => "535 who are you".to_owned(),
                _ => "250 ok".to_owned(),
            },
            "RCPT" if visit.act == Some(Act::NoSuchMailbox) => "550 no such mailbox".to_owned(),
            _ => "250 ok".to_owned(),
        }
    }

    fn data(&self, lines: &mut BufReader<Wire>, act: Act) -> Option<&'static str> {
        if act == Act::DropInData {
            let mut line = String::new();
            let _ = lines.read_line(&mut line);
            return None;
        }
        let mut text = String::new();
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line).unwrap_or(0) == 0 {
                return None;
            }
            if line == ".\r\n" {
                break;
            }
            text.push_str(&line);
        }
        match act {
            Act::TryLater => Some("451 come back later"),
            Act::Stall => {
                // Longer than the client's patience in these tests.
                std::thread::sleep(Duration::from_secs(3));
                None
            }
            Act::TakeAndDrop => {
                self.keep(text, true);
                None
            }
            _ => {
                self.keep(text, false);
                Some("250 kept")
            }
        }
    }
}

/// How far a connection has come.
#[derive(Default)]
struct Visit {
    act: Option<Act>,
    protected: bool,
    known: bool,
}

fn say(talk: &mut BufReader<Wire>, text: &str) -> bool {
    let wire = talk.get_mut();
    wire.write_all(format!("{text}\r\n").as_bytes()).and_then(|()| wire.flush()).is_ok()
}
