//! The foundation: opening, migrating, writing and counting, on both databases.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use homeward::db::dialect::{next_counter, next_counter_block};
use homeward::db::schema::{counters, product_prices};
use homeward::db::{
    AnyConnection, Backend, ConstraintKind, Database, DatabaseUrl, DbError, Direction, PoolOptions,
    migrate_all, write_on,
};

use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::{Request, Service};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The whole schema as text: tables, columns, indexes and constraints.
fn schema(database: &Database) -> Vec<String> {
    let query = match database.backend() {
        Backend::Sqlite => {
            "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line FROM sqlite_master \
             WHERE name NOT LIKE '%diesel_schema%' ORDER BY 1"
        }
        Backend::Postgres => {
            "SELECT line FROM ( \
               SELECT 'column ' || table_name || ' ' || column_name || ' ' || data_type || ' ' || \
                 is_nullable || ' ' || coalesce(column_default, '') || is_identity AS line \
               FROM information_schema.columns WHERE table_schema = 'public' \
               UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public' \
               UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid) \
               FROM pg_constraint WHERE connamespace = 'public'::regnamespace) s \
             WHERE line NOT LIKE '%diesel_schema%' ORDER BY 1"
        }
    };
    let rows: Vec<Line> =
        database.read(|c| diesel::sql_query(query).load(c).map_err(DbError::from)).expect("schema");
    rows.into_iter().map(|row| row.line).collect()
}

fn value(connection: &mut AnyConnection, name: &str) -> Result<Option<i64>, DbError> {
    let found = counters::table.find(name).select(counters::value).first(connection).optional();
    Ok(found?)
}

fn put(connection: &mut AnyConnection, name: &str, value: i64) -> Result<(), DbError> {
    diesel::insert_into(counters::table)
        .values((counters::name.eq(name), counters::value.eq(value)))
        .execute(connection)?;
    Ok(())
}

#[test]
fn migrations_go_up_and_down_and_up_to_the_same_schema() {
    each_database("migrations", |db| {
        let first = schema(db);
        assert!(first.iter().any(|l| l.contains("rmas_one_open")), "{first:#?}");
        let go = |direction| db.write(|c| migrate_all(c, db.url(), direction)).expect("migrating");
        go(Direction::Down);
        assert_eq!(schema(db), Vec::<String>::new());
        go(Direction::Up);
        assert_eq!(schema(db), first);
        go(Direction::Up);
        assert_eq!(schema(db), first);
    });
}

#[test]
fn every_table_of_the_schema_can_be_read() {
    each_database("tables", |db| {
        macro_rules! read {
            ($($table:ident)*) => { $(
                let rows = db.read(|c| {
                    use homeward::db::schema::$table;
                    Ok::<_, DbError>($table::table.select($table::all_columns).limit(1).execute(c)?)
                });
                assert!(rows.is_ok(), "{}: {rows:?}", stringify!($table));
            )* };
        }
        read!(organizations products product_prices sites site_days calendars calendar_days contracts
              units coverage programmes counters cases rmas rma_events owed_positions ledger
              dock_receipts outbox tokens partner_links users sessions idempotency_keys);
    });
}

#[test]
fn a_newer_database_is_refused() {
    each_database("a newer schema", |db| {
        db.write(|c| {
            let sql = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
            diesel::sql_query(sql).execute(c).map_err(DbError::from)
        })
        .expect("pretending a newer program was here");
        let refused = Database::open(db.url()).expect_err("a newer database");
        assert!(matches!(refused, DbError::Newer { .. }), "{refused}");
        let text = refused.to_string();
        assert!(text.contains("9999") && text.contains("newer"), "{text}");
    });
}

#[test]
fn many_open_a_new_database_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("deep/er/homeward.db");
    let url: DatabaseUrl = format!("sqlite://{}", path.display()).parse().expect("a URL");
    thread::scope(|s| {
        let opened: Vec<_> = (0..8).map(|_| s.spawn(|| Database::open(&url))).collect();
        for one in opened {
            one.join().expect("no panic").expect("opening");
        }
    });
}

/// The database's file, or another of its name with an end.
fn beside(db: &TestDatabase, end: &str) -> std::path::PathBuf {
    let mut name = db.url().path().expect("a file").to_path_buf().into_os_string();
    name.push(end);
    name.into()
}

#[test]
fn a_service_lays_out_its_log() {
    let db = TestDatabase::sqlite();
    let service = Service::start(&db);
    let until = Instant::now() + Duration::from_secs(60);
    while std::fs::metadata(beside(&db, "-wal")).map_or(0, |log| log.len()) < 40 << 20 {
        service.send(&Request::get("/livez")).expect(200);
        assert!(Instant::now() < until, "the log stays short");
    }
}

#[test]
fn a_log_laid_out_while_many_write_loses_nothing_even_to_a_kill() {
    let db = TestDatabase::sqlite();
    db.write(|c| put(c, "sum", 0)).expect("a row");
    let add_one = || {
        db.write(|c| {
            let next = value(c, "sum")?.expect("a row") + 1;
            let row = diesel::update(counters::table.find("sum"));
            row.set(counters::value.eq(next)).execute(c)?;
            Ok::<_, DbError>(())
        })
        .expect("adding");
    };
    thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| (0..100).for_each(|_| add_one()));
        }
        s.spawn(|| db.lay_out_log());
    });
    let beside = |end| beside(&db, end);
    let length = || std::fs::metadata(beside("-wal")).expect("the log").len();
    let laid = length();
    assert!(laid > 40 << 20, "{laid} bytes");
    db.lay_out_log();
    assert_eq!(length(), laid, "it is there already");
    // What a killed process leaves: the file and its log, without the index.
    let folder = tempfile::tempdir().expect("a folder");
    let left = folder.path().join("left.db");
    let copy = |from: std::path::PathBuf, to: std::path::PathBuf| {
        // By a process of its own: to close a file here lets go of all locks that SQLite holds on it.
        let copied = std::process::Command::new("cp").arg(from).arg(to).status();
        assert!(copied.expect("cp").success());
    };
    copy(beside(""), left.clone());
    copy(beside("-wal"), folder.path().join("left.db-wal"));
    let url: DatabaseUrl = format!("sqlite://{}", left.display()).parse().expect("a URL");
    let left = Database::open(&url).expect("opening what is left");
    let sum = left.write(|c| value(c, "sum")).expect("reading");
    assert_eq!(sum, Some(400));
    let checked: Vec<Line> = left
        .read(|c| {
            let check = "SELECT integrity_check AS line FROM pragma_integrity_check";
            diesel::sql_query(check).load(c).map_err(DbError::from)
        })
        .expect("the check");
    assert_eq!(checked[0].line, "ok");
}

#[test]
fn writes_of_many_threads_lose_nothing() {
    each_database("concurrent writes", |db| {
        db.write(|c| put(c, "sum", 0)).expect("a row");
        thread::scope(|s| {
            for _ in 0..8 {
                s.spawn(|| {
                    for _ in 0..200 {
                        let added = db.write(|c| {
                            // A row lock where writes do not exclude each other altogether.
                            let read = match c {
                                AnyConnection::Sqlite(_) => value(c, "sum")?,
                                AnyConnection::Postgres(p) => counters::table
                                    .find("sum")
                                    .select(counters::value)
                                    .for_update()
                                    .first(p)
                                    .optional()?,
                            };
                            diesel::update(counters::table.find("sum"))
                                .set(counters::value.eq(read.unwrap_or(0) + 1))
                                .execute(c)?;
                            Ok::<_, DbError>(())
                        });
                        added.expect("no write is locked out");
                    }
                });
            }
        });
        assert_eq!(db.read(|c| value(c, "sum")).expect("reading"), Some(1_600));
    });
}

#[test]
fn a_failed_or_panicked_write_keeps_nothing() {
    each_database("rollback", |db| {
        let failed: Result<(), DbError> = db.write(|c| {
            put(c, "a", 1)?;
            Err(DbError::Missing { operation: "a test" })
        });
        assert!(matches!(failed, Err(DbError::Missing { .. })));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            db.write(|c| {
                put(c, "b", 1)?;
                if value(c, "b")? == Some(1) {
                    panic!("on purpose");
                }
                Ok::<_, DbError>(())
            })
        }));
        assert!(panicked.is_err());
        let found = db.read(|c| Ok::<_, DbError>((value(c, "a")?, value(c, "b")?)));
        assert_eq!(found.expect("reading"), (None, None));
        db.write(|c| put(c, "b", 2)).expect("the connection is of use again");
    });
}

/// What eight threads were told was kept, each write named; some fail and some panic.
fn eight_write(db: &Database, each: i64, disturbed: bool) -> BTreeSet<String> {
    let kept = Mutex::new(BTreeSet::new());
    thread::scope(|s| {
        for hand in 0..8 {
            let kept = &kept;
            s.spawn(move || {
                for n in 0..each {
                    let name = format!("{hand:0>100}-{n:0>100}");
                    let told = catch_unwind(AssertUnwindSafe(|| {
                        db.write(|c| {
                            put(c, &name, n)?;
                            match n % 7 {
                                3 if disturbed => Err(DbError::Missing { operation: "a test" }),
                                5 if disturbed => panic!("on purpose"),
                                _ => Ok(()),
                            }
                        })
                    }));
                    if matches!(told, Ok(Ok(()))) {
                        kept.lock().expect("no panic while held").insert(name);
                    }
                }
            });
        }
    });
    kept.into_inner().expect("no panic while held")
}

fn stored(db: &Database) -> BTreeSet<String> {
    let names: Vec<String> = db
        .read(|c| Ok::<_, DbError>(counters::table.select(counters::name).load(c)?))
        .expect("reading");
    names.into_iter().collect()
}

#[test]
fn writes_that_come_together_fail_alone() {
    each_database("writes together", |db| {
        let kept = eight_write(db, 70, true);
        assert_eq!(kept.len(), 8 * 50);
        assert_eq!(stored(db), kept);
    });
}

#[test]
fn who_was_told_that_a_write_is_kept_finds_it_though_the_disk_was_full() {
    let db = TestDatabase::sqlite();
    // The connections are all opened and each told: SQLite keeps this setting for a connection.
    let options = PoolOptions { size: 1, ..PoolOptions::default() };
    let db = Database::open_with(db.url(), options).expect("a pool of one");
    let pages = db
        .write(|c| {
            let grown: Vec<Line> =
                diesel::sql_query("SELECT page_count || '' AS line FROM pragma_page_count")
                    .load(c)?;
            let pages: i64 = grown[0].line.parse().expect("a number");
            diesel::sql_query(format!("PRAGMA max_page_count = {}", pages + 20)).execute(c)?;
            Ok::<_, DbError>(pages)
        })
        .expect("a limit");
    assert!(pages > 1);
    let kept = eight_write(&db, 100, false);
    assert!(!kept.is_empty() && kept.len() < 800, "{} of 800", kept.len());
    assert_eq!(stored(&db), kept);
}

#[test]
fn a_nested_write_fails_or_panics_alone() {
    each_database("savepoints", |db| {
        db.write(|c| {
            put(c, "kept", 1)?;
            let inner = write_on(c, |c| {
                put(c, "lost", 1)?;
                put(c, "kept", 2)
            });
            assert!(inner.as_ref().is_err_and(DbError::is_unique_violation), "{inner:?}");
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                write_on(c, |c| -> Result<(), DbError> {
                    put(c, "lost too", 1)?;
                    panic!("on purpose")
                })
            }));
            assert!(panicked.is_err());
            write_on(c, |c| put(c, "also kept", 1))
        })
        .expect("the outer write");
        let names: Vec<String> = db
            .read(|c| {
                Ok::<_, DbError>(
                    counters::table.select(counters::name).order(counters::name).load(c)?,
                )
            })
            .expect("reading");
        assert_eq!(names, ["also kept", "kept"]);
    });
}

#[test]
fn a_swallowed_failure_is_never_reported_as_kept() {
    each_database("a swallowed failure", |db| {
        let written = db.write(|c| {
            put(c, "a", 1)?;
            let _ = put(c, "a", 2);
            Ok::<_, DbError>(())
        });
        let found = db.read(|c| value(c, "a")).expect("reading");
        assert_eq!(written.is_ok(), found.is_some(), "{written:?}");
        db.write(|c| put(c, "b", 1)).expect("the connection is of use again");
    });
}

#[test]
fn a_read_sees_one_state() {
    each_database("a consistent read", |db| {
        db.write(|c| put(c, "x", 1)).expect("a row");
        let seen = db.read(|c| {
            let before = value(c, "x")?;
            db.write(|w| {
                diesel::update(counters::table).set(counters::value.eq(2)).execute(w)?;
                Ok::<_, DbError>(())
            })?;
            Ok::<_, DbError>((before, value(c, "x")?))
        });
        assert_eq!(seen.expect("reading"), (Some(1), Some(1)));
    });
}

#[test]
fn counters_are_unique_and_gapless_under_concurrency() {
    each_database("counters", |db| {
        let taken: Vec<i64> = thread::scope(|s| {
            let threads: Vec<_> = (0..8)
                .map(|n| {
                    s.spawn(move || {
                        let mut mine = Vec::new();
                        for turn in 0..50 {
                            let first: Result<i64, DbError> = db.write(|c| {
                                let first = next_counter_block(c, "rma", 3)?;
                                // Every tenth write fails and gives its numbers back.
                                if turn % 10 == n {
                                    return Err(DbError::Missing { operation: "a test" });
                                }
                                next_counter(c, "another series")?;
                                Ok(first)
                            });
                            if let Ok(first) = first {
                                mine.extend(first..first + 3);
                            }
                        }
                        mine
                    })
                })
                .collect();
            threads.into_iter().flat_map(|t| t.join().expect("no panic")).collect()
        });
        let distinct: BTreeSet<i64> = taken.iter().copied().collect();
        assert_eq!(distinct.len(), taken.len());
        assert_eq!(distinct.first().zip(distinct.last()), Some((&1, &(taken.len() as i64))));
    });
}

#[test]
fn foreign_keys_are_on() {
    each_database("foreign keys", |db| {
        let refused = db.write(|c| {
            let price = (
                product_prices::product_id.eq(404_i64),
                product_prices::currency.eq("EUR"),
                product_prices::amount_minor.eq(1_i64),
            );
            Ok::<_, DbError>(diesel::insert_into(product_prices::table).values(price).execute(c)?)
        });
        let kind = match refused {
            Err(DbError::Constraint { kind, .. }) => kind,
            other => panic!("{other:?}"),
        };
        assert_eq!(kind, ConstraintKind::ForeignKey);
    });
}

#[test]
fn a_full_database_says_so_and_keeps_nothing() {
    let db = TestDatabase::sqlite();
    let filled = db.write(|c| {
        diesel::sql_query("PRAGMA max_page_count = 1").execute(c)?;
        for n in 0..10_000 {
            put(c, &format!("{n:0>200}"), n)?;
        }
        Ok::<_, DbError>(())
    });
    let text = match filled {
        Err(full @ DbError::Full { .. }) => full.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(text.contains("no room left"), "{text}");
    let count: i64 =
        db.read(|c| Ok::<_, DbError>(counters::table.count().get_result(c)?)).expect("counting");
    assert_eq!(count, 0);
}

#[test]
fn an_unreachable_database_is_told_at_once_without_its_password() {
    let began = Instant::now();
    let url: DatabaseUrl = "postgres://user:s3cret@127.0.0.1:1/homeward".parse().expect("a URL");
    let text = Database::open(&url).expect_err("nobody listens").to_string();
    assert!(text.contains("cannot be reached") && !text.contains("s3cret"), "{text}");
    assert!(began.elapsed() < Duration::from_secs(5));

    let folder = tempfile::tempdir().expect("a folder");
    let not_a_database = folder.path().join("text.db");
    std::fs::write(
        &not_a_database,
        "no database at all, but long enough to have a header ".repeat(20),
    )
    .expect("a file");
    for path in [folder.path().to_path_buf(), not_a_database.clone(), not_a_database.join("x.db")] {
        let url: DatabaseUrl = format!("sqlite://{}", path.display()).parse().expect("a URL");
        let error = Database::open(&url).expect_err("no database");
        assert!(
            matches!(error, DbError::Unavailable { .. } | DbError::Corrupt { .. }),
            "{error:?}"
        );
    }
}

#[test]
fn an_exhausted_pool_answers_in_time() {
    let db = TestDatabase::sqlite();
    let options = PoolOptions { size: 1, checkout_timeout: Duration::from_millis(200) };
    let small = Database::open_with(db.url(), options).expect("opening");
    let outcome = small.read(|_| small.read(|_| Ok::<_, DbError>(())));
    assert!(matches!(outcome, Err(DbError::PoolTimeout { .. })), "{outcome:?}");
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[test]
fn sqlite_waits_logs_ahead_and_syncs_fully() {
    let db = TestDatabase::sqlite();
    for (pragma, expected) in [("busy_timeout", 5_000), ("foreign_keys", 1), ("synchronous", 2)] {
        let sql = match pragma {
            "busy_timeout" => "SELECT timeout AS n FROM pragma_busy_timeout".to_owned(),
            _ => format!("SELECT {pragma} AS n FROM pragma_{pragma}"),
        };
        let row: Number = db
            .read(|c| diesel::sql_query(&sql).get_result(c).map_err(DbError::from))
            .expect("a pragma");
        assert_eq!(row.n, expected, "{pragma}");
    }
    let sql = "SELECT journal_mode AS line FROM pragma_journal_mode";
    let mode: Line =
        db.read(|c| diesel::sql_query(sql).get_result(c).map_err(DbError::from)).expect("the mode");
    assert_eq!(mode.line, "wal");
}
