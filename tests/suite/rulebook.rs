//! The register of rules: every id of the rulebook with what shows it, or with what is missing.
//!
//! `rulebook/register.csv` has a line an id: `id,how,what,why`. `test` names one to three tests, `setting`
//! the fields of a programme or the keys of the settings that carry a number; `case-desk` comes with the
//! case desk; `not-software` says why no program can keep it; `open` says what is not built or not tested
//! yet, beside the tests of what is. The examples of Part 5 are `EX-1`…, the stories of Part 4 `STORY-a`….

use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use homeward::domain::programme::Programme;
use serde::Deserialize;

use crate::rooms::sources;
use crate::support::command::{Ran, homeward};
use crate::support::step_aside;

const REGISTER: &str = include_str!("rulebook/register.csv");

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum How {
    Test,
    Setting,
    CaseDesk,
    NotSoftware,
    Open,
}

#[derive(Debug, Deserialize)]
struct Row {
    id: String,
    how: How,
    /// Names, parted by spaces.
    what: String,
    why: String,
}

fn rows(register: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(register.as_bytes());
    reader.deserialize().map(|row| row.expect("a row of the register")).collect()
}

/// The ids a rulebook defines: the first cells of its tables, its sections without a table, the stories of
/// Part 4 and the examples of Part 5.
fn ids(rulebook: &str) -> BTreeSet<String> {
    let (mut examples, mut stories) = (false, false);
    let mut found = BTreeSet::new();
    for line in rulebook.lines() {
        if line.starts_with("# PART ") {
            examples = line.starts_with("# PART 5");
        }
        stories = !line.is_empty() && (stories || line.contains("Stories that must run"));
        if stories {
            found.extend(letters(line).map(|letter| format!("STORY-{letter}")));
        } else if let Some((number, _)) = line.split_once(". ").filter(|_| examples) {
            found.extend(is_number(number).then(|| format!("EX-{number}")));
        } else if let Some((cell, _)) = line.strip_prefix("| ").and_then(|l| l.split_once(" |")) {
            found.extend(is_id(cell).then(|| cell.to_owned()));
        } else if line.starts_with("## CTX") {
            found.insert("CTX".to_owned());
        }
    }
    found
}

/// Every `(x)` of one small letter.
fn letters(line: &str) -> impl Iterator<Item = &str> {
    let inside = line.split('(').skip(1).filter_map(|rest| rest.split_once(')'));
    let one = |text: &&str| text.len() == 1 && text.chars().all(|c| c.is_ascii_lowercase());
    inside.map(|(text, _)| text).filter(one)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

/// `WAR-1`, or of the commands `T6a`.
fn is_id(cell: &str) -> bool {
    if let Some((part, number)) = cell.split_once('-') {
        let capitals = !part.is_empty() && part.chars().all(|c| c.is_ascii_uppercase());
        return capitals && is_number(number);
    }
    let command = cell.strip_prefix('T').unwrap_or_default();
    is_number(command.trim_end_matches(|c: char| c.is_ascii_lowercase()))
}

/// The ids of the rulebook, a line each: what the register is held against where the rulebook is not.
const IDS: &str = include_str!("rulebook/ids.txt");

/// The rulebook: the file `HOMEWARD_RULEBOOK` names, which has to be there then, or the one that lies
/// beside the repository.
fn rulebook() -> Option<String> {
    let named = std::env::var_os("HOMEWARD_RULEBOOK").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/rulebook.md");
    let path = named.clone().unwrap_or(beside);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => {
            let what = "the comparison of the ids of rules with the rulebook";
            step_aside(what, "name the file by HOMEWARD_RULEBOOK=PATH");
            None
        }
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

/// The tests of a source file as the harness calls them; one that is ignored shows nothing.
fn tests_of(module: &str, source: &str) -> Vec<String> {
    let (mut found, mut inner, mut marked) = (Vec::new(), "", false);
    for line in source.lines() {
        if let Some(name) = line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(" {")) {
            inner = name;
        } else if line == "}" {
            inner = "";
        }
        let code = line.trim();
        let function = code.strip_prefix("fn ").and_then(|rest| rest.split_once('('));
        if let (true, Some((name, _))) = (marked, function) {
            let path = [module, inner, name].into_iter().filter(|part| !part.is_empty());
            found.push(path.collect::<Vec<_>>().join("::"));
        }
        let between = code.starts_with("#[") || code.starts_with("//");
        marked = code == "#[test]" || marked && between && !code.starts_with("#[ignore");
    }
    found
}

/// The module of a source file below its root.
fn module_of(path: &Path) -> String {
    let parts = path.with_extension("");
    let parts = parts.iter().map(|part| part.to_str().expect("a name in UTF-8"));
    parts.filter(|part| !["mod", "main", "lib"].contains(part)).collect::<Vec<_>>().join("::")
}

/// Every test of the suite and of the program.
fn tests() -> BTreeSet<String> {
    let house = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for root in ["tests/suite", "src"].map(|folder| house.join(folder)) {
        let mut files = Vec::new();
        sources(&root, &mut files);
        for file in files {
            let module = module_of(file.strip_prefix(&root).expect("below its root"));
            found.extend(tests_of(&module, &std::fs::read_to_string(&file).expect("a source")));
        }
    }
    found
}

/// The fields of a programme, and every key that `homeward config check` knows.
fn settings() -> BTreeSet<String> {
    let programme = toml::Table::try_from(Programme::default()).expect("a programme as TOML");
    let folder = tempfile::tempdir().expect("a folder");
    let mut check = homeward(folder.path(), "sqlite://absent.db");
    let ran = Ran::from(check.args(["config", "check"]).output().expect("running homeward"));
    let keys = ran.out.lines().take_while(|line| !line.is_empty());
    let keys = keys.filter_map(|line| line.split_once(" = ")).map(|(key, _)| key.to_owned());
    programme.into_iter().map(|(field, _)| field).chain(keys).collect()
}

/// What is wrong with a register.
fn faults(rows: &[Row], tests: &BTreeSet<String>, settings: &BTreeSet<String>) -> Vec<String> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for Row { id, how, what, why } in rows {
        if !seen.insert(id) {
            found.push(format!("{id} stands twice"));
        }
        let (known, kind) =
            if *how == How::Setting { (settings, "setting") } else { (tests, "test") };
        let names: Vec<&str> = what.split_whitespace().collect();
        let absent = names.iter().filter(|name| !known.contains(**name));
        found.extend(absent.map(|name| format!("{id}: there is no {kind} {name}")));
        let wanted = match how {
            How::Test | How::Setting => 1..=3,
            How::Open => 0..=3,
            How::CaseDesk | How::NotSoftware => 0..=0,
        };
        if !wanted.contains(&names.len()) {
            found.push(format!("{id}: {how:?} names {}, not {wanted:?}", names.len()));
        }
        if matches!(how, How::NotSoftware | How::Open) == why.trim().is_empty() {
            found.push(format!("{id}: {how:?} and the reason {why:?} do not go together"));
        }
    }
    found
}

/// What of the rulebook is missing in a register, and what the register has of its own.
fn differences(rulebook: &BTreeSet<String>, register: &BTreeSet<String>) -> Vec<String> {
    let missing = rulebook.difference(register).map(|id| format!("{id} is not in the register"));
    let foreign = register.difference(rulebook).map(|id| format!("{id} is not in the rulebook"));
    missing.chain(foreign).collect()
}

#[test]
fn every_rule_is_in_the_register() {
    let known: BTreeSet<String> = IDS.lines().map(str::to_owned).collect();
    for id in ["SYS-1", "AMB-30", "T6a", "T20", "CTX", "STORY-n", "EX-25"] {
        assert!(known.contains(id), "{id} was not found in ids.txt");
    }
    let register = rows(REGISTER).into_iter().map(|row| row.id).collect();
    assert_eq!(differences(&known, &register), Vec::<String>::new());
    if let Some(rulebook) = rulebook() {
        assert_eq!(known, ids(&rulebook), "ids.txt and the rulebook");
    }
}

/// Also lists what is open.
#[test]
fn what_the_register_names_is_there() {
    let rows = rows(REGISTER);
    assert_eq!(faults(&rows, &tests(), &settings()), Vec::<String>::new());
    let mut counts = BTreeMap::new();
    for row in &rows {
        *counts.entry(row.how).or_insert(0) += 1;
    }
    // Straight to stdout: the harness would keep a printed line of a passing test to itself.
    let mut out = std::io::stdout().lock();
    writeln!(out, "rules: {counts:?}").expect("stdout");
    for row in rows.iter().filter(|row| row.how == How::Open) {
        writeln!(out, "open {}: {}", row.id, row.why).expect("stdout");
    }
}

#[test]
fn a_wrong_register_is_found_out() {
    let source = "#[test]\nfn a() {\n}\n\n#[test]\n#[ignore = \"slow\"]\nfn never() {\n}\nfn no_test() {\n}\n\
                  proptest! {\n    /// Said.\n    #[test]\n    fn b(\n}\n\
                  mod tests {\n    #[test]\n    fn c() {}\n}\n";
    let tests: BTreeSet<String> = tests_of("room", source).into_iter().collect();
    assert_eq!(tests, ["room::a", "room::b", "room::tests::c"].map(str::to_owned).into());
    assert_eq!(module_of(Path::new("http/mod.rs")), "http");
    let settings = settings();
    assert!(settings.contains("return_days") && settings.contains("operator.zone"), "{settings:?}");
    let wrong = rows(
        "id,how,what,why\nA-1,test,room::a room::tests::c,\nA-1,open,,nobody looks\n\
         A-2,test,room::never,\nA-3,test,,\nA-4,setting,return_dais,\nA-5,open,room::b,\n\
         A-6,not-software,,\nA-7,case-desk,,later\nA-8,setting,return_days operator.zone,\n",
    );
    let expected = [
        "A-1 stands twice",
        "A-2: there is no test room::never",
        "A-3: Test names 0, not 1..=3",
        "A-4: there is no setting return_dais",
        "A-5: Open and the reason \"\" do not go together",
        "A-6: NotSoftware and the reason \"\" do not go together",
        "A-7: CaseDesk and the reason \"later\" do not go together",
    ];
    assert_eq!(faults(&wrong, &tests, &settings), expected);

    let rulebook = "| id | rule |\n|---|---|\n| A-1 | it holds (a) |\n| T6a | done |\n| X12 | a form |\n\
                    ## CTX: more\n1. no example\n**Stories that must run** (each here): (a) one. (b)\nand (c)\n\n\
                    # PART 5. EXAMPLES\n7. Monday.\n# PART 6. MORE\n8. no example\n";
    let found = ids(rulebook);
    let expected = ["A-1", "CTX", "EX-7", "STORY-a", "STORY-b", "STORY-c", "T6a"];
    assert_eq!(found, expected.map(str::to_owned).into());
    let register = ["A-1", "A-9", "CTX", "EX-7", "STORY-a", "STORY-b", "T6a"].map(str::to_owned);
    assert_eq!(
        differences(&found, &register.into()),
        ["STORY-c is not in the register", "A-9 is not in the rulebook"]
    );
}
