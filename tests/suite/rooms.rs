//! The one direction between the rooms, checked on the source itself.

use std::path::{Path, PathBuf};

/// Every source file of a folder and those in it.
pub fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Lines of code (not of comments) outside `room` that hold one of `words`.
fn outside(room: &[&str], words: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 10, "the sources were not found under {}", root.display());
    let mut found = Vec::new();
    for file in files {
        let name = file.strip_prefix(&root).expect("under src").display().to_string();
        if room.iter().any(|r| name.starts_with(r)) {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("a source file");
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if words.iter().any(|w| code.contains(w)) {
                found.push(format!("src/{name}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    found
}

#[test]
fn diesel_stays_in_db() {
    assert_eq!(outside(&["db/"], &["diesel"]), Vec::<String>::new());
}

#[test]
fn actix_stays_in_http() {
    assert_eq!(outside(&["http/"], &["actix_"]), Vec::<String>::new());
}

#[test]
fn the_domain_is_pure() {
    let others = ["cli", "config", "db", "app", "http", "jobs", "mail", "documents", "reports"];
    let rooms: Vec<String> = others.iter().map(|r| format!("crate::{r}")).collect();
    let mut words: Vec<&str> = rooms.iter().map(String::as_str).collect();
    words.extend(["Utc::now", "Local::now", "SystemTime::now", "std::fs", "std::net", "std::env"]);
    let elsewhere = others.iter().map(|r| (*r).to_owned());
    let room: Vec<String> =
        elsewhere.chain(["main.rs".into(), "lib.rs".into(), "clock.rs".into()]).collect();
    let room: Vec<&str> = room.iter().map(String::as_str).collect();
    assert_eq!(outside(&room, &words), Vec::<String>::new());
}
