//! A durable command beside one raw commit a transaction on the same disk: 0.8 of its rate. Both as
//! they come from one hand, one after another, and from eight at once, as a service has them: writers
//! of a SQLite file who come together share a commit.

use std::fs::File;
use std::io::{Seek, Write};
use std::sync::{Arc, Mutex};

use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use homeward::app::App;
use homeward::app::rmas::execute;
use homeward::db::DbError;
use homeward::domain::ids::RmaNumber;
use homeward::domain::rma::{Actor, Command, Order, Role};

use super::databases::Bed;
use super::fill::{Copies, DELIVERED, fill, give, instant, template};
use super::measure::{Table, Wanted, in_turns, median, seconds};

/// Many short turns: a disk others use too has moods.
const ROUNDS: usize = 31;
const A_ROUND: i64 = 32;
/// How many write at once, and how many commands each of them gives a round.
const AT_ONCE: usize = 8;
const EACH: usize = 16;
/// After so many raw commits SQLite's log has begun anew, and is as long as it will be.
const WARM: usize = 1_100;
/// What a write-ahead log's frame of one page takes.
const FRAME: usize = 4096 + 24;

diesel::table! {
    raw (id) {
        id -> BigInt,
        said -> Text,
    }
}

const RAW: &str = "CREATE TABLE raw (id BIGINT NOT NULL PRIMARY KEY, said TEXT NOT NULL);";

pub fn run(table: &mut Table) {
    fsync(table);
    for make in Bed::both(table, "command") {
        let bed = make();
        for (name, role, what) in [
            ("hand over", Role::Customer, hand_over as fn() -> Command),
            ("extend", Role::Finance, extend),
        ] {
            measure(table, &bed, name, role, what);
        }
    }
}

fn hand_over() -> Command {
    Command::HandOver { carrier: Some("Parcel Co".to_owned()), tracking_number: None }
}

fn extend() -> Command {
    Command::Extend { business_days: 2, reason: "customs".to_owned() }
}

/// One of the RMAs that a measurement uses up.
struct Next {
    numbers: Vec<RmaNumber>,
}

fn measure(table: &mut Table, bed: &Bed, name: &str, role: Role, what: fn() -> Command) {
    let app = bed.app();
    let first = prepared(bed, &app);
    let each = i64::try_from(AT_ONCE * EACH).expect("small");
    let all = i64::try_from(ROUNDS).expect("small") * (A_ROUND + each) + 2 * each;
    let copies =
        Copies { first, step: 1, count: all, all_events: true, overdue: false, quiet_days: 0 };
    fill(&app, copies);
    bed.settle();
    // As the service does.
    app.db.lay_out_log();
    let mut next = Next { numbers: copies.numbers().collect() };
    let actor = Actor::new(role, "bench").expect("an actor");
    let at = instant(DELIVERED) + chrono::TimeDelta::hours(4);
    let one = |next: &mut Next| {
        let number = next.numbers.pop().expect("enough RMAs");
        give(&app, number, actor.clone(), what(), at);
    };
    // The first prepares the statements.
    one(&mut next);
    let statements = statements(&app, next.numbers.pop().expect("one"), &actor, what(), at);
    let mut raw = Raw::new(bed);
    (0..WARM).for_each(|_| raw.commit());
    let (ours, limit) = in_turns(
        ROUNDS,
        || A_ROUND as f64 / seconds(|| (0..A_ROUND).for_each(|_| one(&mut next))),
        || A_ROUND as f64 / seconds(|| (0..A_ROUND).for_each(|_| raw.commit())),
    );
    let line = format!("durable command: {name}, {}", bed.kind);
    table.line(&line, "a second", ours, limit, Wanted::AtLeast(0.8));
    let together = |next: &mut Next| {
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                let mine = next.numbers.split_off(next.numbers.len() - EACH);
                let (app, actor) = (&app, &actor);
                scope.spawn(move || {
                    mine.into_iter()
                        .for_each(|number| give(app, number, actor.clone(), what(), at));
                });
            }
        });
    };
    together(&mut next);
    let (ours, limit) = in_turns(
        ROUNDS,
        || (AT_ONCE * EACH) as f64 / seconds(|| together(&mut next)),
        || A_ROUND as f64 / seconds(|| (0..A_ROUND).for_each(|_| raw.commit())),
    );
    let line = format!("durable commands: {name}, {AT_ONCE} at once, {}", bed.kind);
    table.line(&line, "a second", ours, limit, Wanted::AtLeast(0.8));
    let (count, listed) = statements;
    table.note(format!("{name} on {} executes {count} statements: {listed}", bed.kind));
}

/// The template is there, and the key the next copies may begin at.
fn prepared(bed: &Bed, app: &App) -> i64 {
    let count: i64 = app
        .db
        .read(|c| {
            let counted = homeward::db::schema::rmas::table.count().get_result(c);
            Ok::<i64, DbError>(counted.expect("counting RMAs"))
        })
        .expect("counting RMAs");
    if count == 0 {
        template(app);
        let mut connection = bed.raw();
        connection.batch(RAW);
    }
    count.max(1) + 1
}

/// What one command executes, in short, without its BEGIN and COMMIT.
fn statements(
    app: &App,
    number: RmaNumber,
    actor: &Actor,
    what: Command,
    at: chrono::DateTime<chrono::Utc>,
) -> (usize, String) {
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let ears = Arc::clone(&heard);
    let order =
        Order { command: what, actor: actor.clone(), occurred_at: at, source: "bench".to_owned() };
    app.db
        .write(|c| {
            c.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                let mut heard = ears.lock().expect("one thread");
                match event {
                    InstrumentationEvent::StartQuery { query, .. } => {
                        heard.push(short(&query.to_string()));
                    }
                    InstrumentationEvent::CacheQuery { sql, .. } => {
                        heard.push(format!("(prepared anew: {})", short(sql)));
                    }
                    _ => {}
                }
            });
            let done = execute(app, c, number, &order, None, at);
            c.set_instrumentation(None::<Box<dyn Instrumentation>>);
            done
        })
        .expect("a command");
    let heard = heard.lock().expect("one thread");
    let count = heard.iter().filter(|line| !line.starts_with('(')).count();
    (count, heard.join("; "))
}

/// A statement's verb and table.
fn short(sql: &str) -> String {
    let words: Vec<&str> = sql.split_whitespace().collect();
    let verb = words.first().copied().unwrap_or_default();
    let place = match verb {
        "SELECT" => words.iter().position(|w| *w == "FROM").map(|at| at + 1),
        "INSERT" | "DELETE" => Some(2),
        _ => Some(1),
    };
    let place = place.and_then(|at| words.get(at)).copied().unwrap_or_default();
    format!("{verb} {}", place.replace(['`', '"', '('], ""))
}

/// A connection of its own that does nothing but commit.
pub enum Raw {
    Sqlite(SqliteConnection, i64),
    Postgres(PgConnection, i64),
}

impl Raw {
    fn new(bed: &Bed) -> Self {
        bed.raw()
    }

    fn batch(&mut self, sql: &str) {
        match self {
            Self::Sqlite(c, _) => c.batch_execute(sql),
            Self::Postgres(c, _) => c.batch_execute(sql),
        }
        .expect(sql);
    }

    /// One row, one transaction.
    fn commit(&mut self) {
        let row = |id: i64| (raw::id.eq(id), raw::said.eq("one row and no more"));
        match self {
            Self::Sqlite(c, id) => {
                *id += 1;
                diesel::insert_into(raw::table).values(row(*id)).execute(c)
            }
            Self::Postgres(c, id) => {
                *id += 1;
                diesel::insert_into(raw::table).values(row(*id)).execute(c)
            }
        }
        .expect("a row");
    }
}

impl Bed {
    /// A connection beside the program's, with its pragmas; on SQLite to a file of its own in the same
    /// folder.
    fn raw(&self) -> Raw {
        use std::sync::atomic::{AtomicI64, Ordering};
        static NEXT: AtomicI64 = AtomicI64::new(0);
        let id = NEXT.fetch_add(1_000_000, Ordering::Relaxed);
        if !self.is_sqlite() {
            return Raw::Postgres(PgConnection::establish(&self.url).expect("PostgreSQL"), id);
        }
        let file = self.folder().join("raw.db");
        let mut connection =
            SqliteConnection::establish(&file.display().to_string()).expect("SQLite");
        connection
            .batch_execute(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                 PRAGMA cache_size = -16000;",
            )
            .expect("the pragmas");
        Raw::Sqlite(connection, id)
    }
}

/// What the disk itself takes, with the writes as SQLite gives them to the system: of one frame, and of as many
/// as a command writes, where the log has to become longer and where it is laid out.
fn fsync(table: &mut Table) {
    for frames in [1, PAGES] {
        for is_laid_out in [false, true] {
            let where_to = if is_laid_out { "in a log laid out" } else { "at a log's end" };
            let name =
                format!("{frames} frames (4,120 bytes each) written {where_to}, one fdatasync");
            table.figure(&name, "µs", written(frames, is_laid_out));
        }
    }
}

/// Frames of a commit of "hand over".
const PAGES: usize = 9;

/// Microseconds, the median of many.
fn written(frames: usize, is_laid_out: bool) -> f64 {
    const TIMES: usize = 500;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut file = File::create(folder.path().join("log")).expect("a file");
    if is_laid_out {
        file.write_all(&vec![0; TIMES * frames * FRAME]).expect("writing");
        file.sync_all().expect("waiting");
        file.rewind().expect("the beginning");
    }
    let frame = [7_u8; FRAME];
    let (header, page) = frame.split_at(FRAME - 4096);
    let mut one = || {
        for _ in 0..frames {
            file.write_all(header).expect("writing");
            file.write_all(page).expect("writing");
        }
        file.sync_data().expect("fdatasync");
    };
    median((0..TIMES).map(|_| seconds(&mut one) * 1e6).collect())
}
