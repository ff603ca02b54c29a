//! The service: one RMA looked at by a customer among 100,000, beside a bare actix handler that answers
//! the same bytes; a page of a search; a command beside the same in process; its start and its size.
//!
//! What a request costs is the server's own processor time: whoever sends the load, and the database
//! server where there is one, are processes of their own and are not counted.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command as Process, Stdio};
use std::time::{Duration, Instant};

use homeward::app::tokens::{self, WantedToken};
use homeward::domain::ids::RmaNumber;
use homeward::domain::rma::{Actor, Command, Role};

use super::databases::Bed;
use super::fill::{Copies, DELIVERED, fill, give, instant, template};
use super::load::{Connection, Load, Pace, load};
use super::measure::{Table, Wanted, in_turns, median, seconds};

const RMAS: i64 = 100_000;
const ROUNDS: usize = 7;
/// One turn of load.
const A_TURN: Duration = Duration::from_secs(2);
/// Connections at once: a few, and as many as a busy hour brings.
const FEW: usize = 8;
const MANY: usize = 64;
/// Requests a second that both answer with processor time to spare.
const A_SECOND: f64 = 10_000.0;
/// Commands of one turn.
const COMMANDS: usize = 100;
const USER: &str = "anh@northwind.example";

/// What the copies are. Nothing falls due of them while the service is measured.
const COPIES: Copies =
    Copies { first: 2, step: 1, count: RMAS, all_events: true, overdue: false, quiet_days: 3_650 };

pub fn run(table: &mut Table) {
    for make in Bed::both(table, "http") {
        let bed = make();
        let app = bed.app();
        template(&app);
        fill(&app, COPIES);
        let token = token(&app);
        bed.settle();
        let numbers: Vec<RmaNumber> = COPIES.numbers().collect();
        let server = Server::start(&bed);
        let whole = Asked { token: &token, numbers: &numbers, kind: bed.kind };
        one_rma(table, &server, &whole);
        search(table, &server, &whole);
        command(table, &server, &app, &whole);
        drop(server);
        start(table, &bed);
    }
    table.note("processor time of the server's process, of all its threads");
}

fn token(app: &homeward::app::App) -> String {
    let wanted = WantedToken {
        role: Role::Customer,
        name: None,
        user_email: Some(USER.to_owned()),
        account: Some("Northwind Networks Inc.".to_owned()),
    };
    tokens::create(app, &wanted, chrono::Utc::now()).expect("a token").1
}

/// Who asks, and for what.
struct Asked<'a> {
    token: &'a str,
    numbers: &'a [RmaNumber],
    kind: &'static str,
}

impl Asked<'_> {
    fn get(&self, path: &str) -> String {
        format!(
            "GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {}\r\n\r\n",
            self.token
        )
    }

    fn rma(&self, at: usize) -> String {
        // Far apart, so that no two in a row share a page of the database.
        let number = self.numbers[at.wrapping_mul(7919) % self.numbers.len()];
        self.get(&format!("/api/v1/rmas/{number}"))
    }
}

/// A listening process of ours, ended with this value.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(bed: &Bed) -> Self {
        let mut command = bed.homeward();
        command.args(["serve", "--bind", "127.0.0.1:0"]);
        command.env("HOMEWARD_SERVICE__REQUESTS_A_MINUTE", "4000000000");
        command.env("HOMEWARD_SERVICE__NOT_READY_SECONDS", "0");
        Self::listening(&mut command)
    }

    /// The same bytes from a handler that does nothing else.
    fn bare(answer: &[u8]) -> Self {
        let file = std::env::temp_dir().join(format!("homeward-bare-{}", std::process::id()));
        std::fs::write(&file, answer).expect("the answer");
        let mut command = Process::new(std::env::current_exe().expect("this program"));
        let server = Self::listening(command.arg(BARE).arg(&file));
        let _ = std::fs::remove_file(&file);
        server
    }

    fn listening(command: &mut Process) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starting a server");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its standard output");
        BufReader::new(stdout).read_line(&mut line).expect("its first line");
        let address = line.trim().strip_prefix("listening on http://").expect("an address");
        Self { address: address.to_owned(), child }
    }

    /// Seconds of processor time so far.
    fn processor(&self) -> f64 {
        let path = format!("/proc/{}/stat", self.child.id());
        let text = std::fs::read_to_string(path).expect("the process");
        // After the name in brackets: state, ten more fields, then user and system time in hundredths.
        let fields: Vec<&str> = text.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        let ticks = |at: usize| fields[at].parse::<f64>().expect("a number");
        (ticks(11) + ticks(12)) / 100.0
    }

    /// Microseconds of processor time a request under load over so many connections.
    fn cost(
        &self,
        (connections, rate): (usize, Option<f64>),
        request: &(impl Fn(usize) -> String + Sync),
    ) -> (f64, Load) {
        let before = self.processor();
        let done = load(&self.address, Pace { connections, how_long: A_TURN, rate }, request);
        ((self.processor() - before) * 1e6 / done.answers as f64, done)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let id = self.child.id().to_string();
        let _ = Process::new("kill").args(["-TERM", &id]).status();
        let _ = self.child.wait();
    }
}

/// The same one again and again, as somebody waits for news of it; and another one each time.
fn one_rma(table: &mut Table, server: &Server, asked: &Asked<'_>) {
    let same: Look = ("one RMA", |asked, _| asked.rma(0));
    let other: Look = ("another RMA each time", |asked, at| asked.rma(at));
    beside_bare(table, server, asked, (FEW, None, same));
    beside_bare(table, server, asked, (FEW, Some(A_SECOND), same));
    beside_bare(table, server, asked, (MANY, None, same));
    beside_bare(table, server, asked, (FEW, None, other));
}

/// What is looked at, and the request of a running number for it.
type Look = (&'static str, fn(&Asked<'_>, usize) -> String);

fn beside_bare(
    table: &mut Table,
    server: &Server,
    asked: &Asked<'_>,
    (connections, rate, (what, request)): (usize, Option<f64>, Look),
) {
    let request = |at: usize| request(asked, at);
    let answer = Connection::open(&server.address).ask(&request(0));
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    let bare = Server::bare(&answer);
    let (mut ours_rate, mut bare_rate) = (Vec::new(), Vec::new());
    let (ours, limit) = in_turns(
        ROUNDS,
        || {
            let (cost, done) = server.cost((connections, rate), &request);
            ours_rate.push(done.a_second());
            cost
        },
        || {
            let (cost, done) = bare.cost((connections, rate), &request);
            bare_rate.push(done.a_second());
            cost
        },
    );
    let kind = asked.kind;
    let at = rate.map_or_else(String::new, |rate| format!(", {rate} a second"));
    let name = format!(
        "{what} of {RMAS} by a customer's token, {connections} at once{at}, {kind}, beside a bare handler"
    );
    table.line(&name, "µs of processor", ours, limit, Wanted::AtMost(2.0));
    table.note(format!(
        "{name}: {:.0} and {:.0} answers a second of the wall's clock",
        median(ours_rate),
        median(bare_rate)
    ));
}

fn search(table: &mut Table, server: &Server, asked: &Asked<'_>) {
    for (what, query) in [
        ("a serial", "SN-DEFECTIVE-4711"),
        ("a customer's number that 100,000 cases share", "INC-0815"),
    ] {
        let request = asked.get(&format!("/api/v1/rmas?q={query}"));
        let mut connection = Connection::open(&server.address);
        let answer = connection.ask(&request);
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
        let took = (0..51).map(|_| seconds(|| drop(connection.ask(&request))) * 1e3).collect();
        let name = format!("first page of a search for {what}, {}", asked.kind);
        table.figure(&name, "ms", median(took));
        let (cost, _) = server.cost((FEW, None), &|_| request.clone());
        table.figure(&format!("{name}: processor"), "µs", cost);
    }
}

fn command(table: &mut Table, server: &Server, app: &homeward::app::App, asked: &Asked<'_>) {
    let actor = Actor::new(Role::Customer, USER).expect("an actor");
    let hand_over =
        || Command::HandOver { carrier: Some("Parcel Co".to_owned()), tracking_number: None };
    let at = instant(DELIVERED) + chrono::TimeDelta::hours(4);
    let body = format!(
        "{{\"command\":\"hand_over\",\"carrier\":\"Parcel Co\",\"source\":\"bench\",\"occurred_at\":\"{}\"}}",
        at.to_rfc3339()
    );
    let mut connection = Connection::open(&server.address);
    let mut post = |number: RmaNumber| {
        let request = format!(
            "POST /api/v1/rmas/{number}/commands HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            asked.token,
            body.len()
        );
        let answer = connection.ask(&request);
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    };
    // Each is used up once, from both ends of the list.
    let (mut first, mut last) = (asked.numbers.iter(), asked.numbers.iter().rev());
    let (ours, limit) = in_turns(
        ROUNDS,
        || COMMANDS as f64 / seconds(|| first.by_ref().take(COMMANDS).for_each(|n| post(*n))),
        || {
            let each = |n: &RmaNumber| give(app, *n, actor.clone(), hand_over(), at);
            COMMANDS as f64 / seconds(|| last.by_ref().take(COMMANDS).for_each(each))
        },
    );
    let name =
        format!("command (hand over) through HTTP, {}, beside the same in process", asked.kind);
    table.line(&name, "a second", ours, limit, Wanted::AtLeast(0.5));
}

/// How soon it answers on a filled database, and what it needs when nobody asks.
fn start(table: &mut Table, bed: &Bed) {
    let (mut alive, mut ready, mut size) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let server = Server::start(bed);
        for (path, times) in [("/livez", &mut alive), ("/readyz", &mut ready)] {
            let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n");
            let answer = Connection::open(&server.address).ask(&request);
            assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
        let path = format!("/proc/{}/status", server.child.id());
        let text = std::fs::read_to_string(path).expect("the process");
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its size");
        let kib: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        size.push(kib / 1024.0);
    }
    let kind = bed.kind;
    table.figure(
        &format!("from its start to the first 200 of /livez, {RMAS} RMAs, {kind}"),
        "ms",
        median(alive),
    );
    table.figure(
        &format!("from its start to the first 200 of /readyz, {kind}"),
        "ms",
        median(ready),
    );
    table.figure(&format!("its memory with nothing to do, {kind}"), "MiB", median(size));
}

/// The word by which this program is asked to be the bare server.
pub const BARE: &str = "--bare-handler";

/// Listens and answers everything with what stands in a file: head and body of an answer.
pub fn bare(file: &str) {
    use actix_web::{App, HttpResponse, HttpServer, web};
    let answer = std::fs::read(file).expect("the answer");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    // What the server itself writes is not written twice.
    let own = |name: &str| matches!(name, "content-length" | "date" | "connection");
    let headers: Vec<(String, String)> = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .filter(|(name, _)| !own(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let body = web::Bytes::copy_from_slice(&answer[end + 4..]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    actix_web::rt::System::new().block_on(async {
        let server = HttpServer::new(move || {
            let (headers, body) = (headers.clone(), body.clone());
            let answer = move || {
                let mut response = HttpResponse::Ok();
                for (name, value) in &headers {
                    response.insert_header((name.as_str(), value.as_str()));
                }
                let response = response.body(body.clone());
                async move { response }
            };
            App::new().route("/api/v1/rmas/{number}", web::get().to(answer))
        });
        let server = server.listen(listener).expect("listening").run();
        println!("listening on http://{address}");
        server.await.expect("the bare server");
    });
}
