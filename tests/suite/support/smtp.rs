//! A mail server that does what a test tells it: takes a message, refuses it, is slow, or hangs up.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

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

#[derive(Default)]
struct State {
    /// What is still to be done, in order, a connection each; then `Take`.
    script: Vec<Act>,
    /// Message-ID and text of what was kept.
    kept: Vec<(String, String)>,
    /// Messages that were kept without a 250, by Message-ID.
    in_doubt: HashMap<String, usize>,
    connections: usize,
}

/// Listens on a port of this machine until the test process ends.
#[derive(Clone)]
pub struct Smtp {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

impl Smtp {
    pub fn start(script: &[Act]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let mut script = script.to_vec();
        script.reverse();
        let state = Arc::new(Mutex::new(State { script, ..State::default() }));
        let server = Self { port, state };
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
        let mut act = None;
        let mut out = stream.try_clone().expect("a stream");
        let mut lines = BufReader::new(stream);
        let mut line = String::new();
        let mut say = move |text: &str| out.write_all(format!("{text}\r\n").as_bytes()).is_ok();
        if !say("220 test") {
            return;
        }
        loop {
            line.clear();
            if lines.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let word = line.split([' ', '\r']).next().unwrap_or_default().to_ascii_uppercase();
            let answer = match word.as_str() {
                "EHLO" | "HELO" => "250-test\r\n250-8BITMIME\r\n250 SMTPUTF8",
                // A script's step is a message; looking whether we are there is none.
                "MAIL" => match *act.insert(self.next()) {
                    Act::RefuseUs => "535 who are you",
                    _ => "250 ok",
                },
                "RCPT" if act == Some(Act::NoSuchMailbox) => "550 no such mailbox",
                "DATA" => {
                    if !say("354 go on") {
                        return;
                    }
                    match self.data(&mut lines, act.unwrap_or(Act::Take)) {
                        Some(answer) => answer,
                        None => return,
                    }
                }
                "QUIT" => {
                    say("221 bye");
                    return;
                }
                _ => "250 ok",
            };
            if !say(answer) {
                return;
            }
        }
    }

    fn data(&self, lines: &mut BufReader<TcpStream>, act: Act) -> Option<&'static str> {
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
