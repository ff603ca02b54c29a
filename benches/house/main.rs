//! Measures the house, each figure beside its limit taken in the same run: `cargo bench`, or
//! `cargo bench -- NAME` for one, with `sqlite` or `postgres` behind it for one kind of database.
//!
//! Every pair is taken in turns and told by its median, since a machine's rates swing. Nothing here
//! passes or fails: a limit that is missed is printed as missed.

mod clock;
mod command;
mod databases;
mod decide;
mod explain;
mod fill;
mod http;
mod import;
mod labels;
mod load;
mod measure;
mod postgres;
mod report;
#[allow(dead_code)]
#[path = "../../tests/suite/world.rs"]
mod world;

use measure::Table;

/// A measurement by the name it is asked for.
type Bench = (&'static str, fn(&mut Table));

const BENCHES: &[Bench] = &[
    ("import", import::run),
    ("report", report::run),
    ("command", command::run),
    ("clock", clock::run),
    ("labels", labels::run),
    ("decide", decide::run),
    ("explain", explain::run),
    ("http", http::run),
];

fn main() {
    let mut given = std::env::args().skip(1);
    if let (Some(http::BARE), Some(file)) = (given.next().as_deref(), given.next()) {
        return http::bare(&file);
    }
    // Cargo adds `--bench` to what the caller said.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let (kinds, wanted): (Vec<String>, Vec<String>) =
        wanted.into_iter().partition(|word| databases::KINDS.contains(&word.as_str()));
    databases::only(&kinds);
    for name in &wanted {
        assert!(
            BENCHES.iter().any(|(known, _)| known == name),
            "there is no measurement {name:?}; known are: {}",
            BENCHES.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", ")
        );
    }
    let mut table = Table::default();
    for (name, run) in BENCHES {
        if wanted.is_empty() || wanted.iter().any(|w| w == name) {
            run(&mut table);
        }
    }
    table.notes();
}
