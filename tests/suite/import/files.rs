//! Files that are no CSV files, or not of the right columns, and settings that are wrong.

use super::*;

#[test]
fn lines_are_right_after_quoted_newlines_and_blank_lines() {
    let db = TestDatabase::sqlite();
    let file = "name,kind,currency,bill_to\r\n\
        A,customer,EUR,\"A\r\nStreet 1\r\nTown\"\r\n\r\n\r\n\
        B,customer,EUR,\"B\nStreet\"\r\n\
        C,customer,ZZZ,C\r\n";
    refused(
        &import(&db, "organizations", file),
        &["in.csv:9: column `currency`: \"ZZZ\" is not an ISO 4217 currency code", "1 of 3 rows"],
    );
}

#[test]
fn files_that_are_no_such_csv_are_refused_before_a_database_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("folder.csv")).expect("a folder");
    let utf16: Vec<u8> = "name,kind".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files: &[(&str, Vec<u8>, &str)] = &[
        (
            "empty.csv",
            Vec::new(),
            "the file is empty; its first line has to name the columns: name, kind",
        ),
        ("blank.csv", b"\n\n".to_vec(), "the file is empty"),
        ("mark.csv", b"\xEF\xBB\xBF".to_vec(), "the file is empty"),
        ("utf16.csv", utf16.clone(), "UTF-16"),
        ("utf16mark.csv", [b"\xFF\xFE".to_vec(), utf16].concat(), "UTF-16"),
        ("book.csv", b"PK\x03\x04rest".to_vec(), "workbook"),
        (
            "header.csv",
            b"n\xE4me,kind,currency,bill_to\n".to_vec(),
            "line 1: byte 2 of the file (0xE4) is not UTF-8",
        ),
        (
            "unknown.csv",
            b"name,kind,currency,bill_too\n".to_vec(),
            "the column \"bill_too\" is not known; did you mean `bill_to`?; the column `bill_to` is missing",
        ),
        (
            "doubled.csv",
            b"name,kind,name,currency,bill_to\n".to_vec(),
            "the column `name` is there twice",
        ),
        (
            "semicolons.csv",
            b"name;kind;currency;bill_to\n".to_vec(),
            "separate the columns by commas",
        ),
        (
            "blankname.csv",
            b"name, kind,currency,bill_to\n".to_vec(),
            "\" kind\" is not known; did you mean `kind`?",
        ),
        ("folder.csv", Vec::new(), "this is a folder"),
        ("absent.csv", Vec::new(), "there is no such file"),
    ];
    for (name, content, says) in files {
        let path = folder.path().join(name);
        if !path.is_dir() && *name != "absent.csv" {
            fs::write(&path, content).expect("a file");
        }
        let mut command = homeward(folder.path(), "sqlite://made.db");
        let ran: Ran =
            command.args(["import", "organizations", name]).output().expect("running").into();
        refused(&ran, &[name, says]);
    }
    assert!(!folder.path().join("made.db").exists());
}

#[test]
fn bytes_that_are_not_utf8_are_named_by_line_and_place() {
    let db = TestDatabase::sqlite();
    let header = b"name,kind,currency,bill_to\n".as_slice();
    let latin1 = [header, b"A,customer,EUR,A\nM\xFCller,customer,EUR,M\xFCller\n"].concat();
    refused(
        &import(&db, "organizations", &latin1),
        &[
            "in.csv:3: column `name`: byte 46 of the file (0xFC) is not UTF-8; save the file as UTF-8",
        ],
    );
    let half = [header, b"A,customer,EUR,A \xE4\xBB"].concat();
    refused(
        &import(&db, "organizations", half),
        &["in.csv:2: column `bill_to`: byte 45 of the file (0xE4) is not UTF-8"],
    );
    let inner = [header, b"A,customer,EUR,\"A\nB\nC\xFF\"\n"].concat();
    refused(&import(&db, "organizations", inner), &["in.csv:4: column `bill_to`: byte "]);
    taken(&import_with(&db, "organizations", latin1, &["--skip-bad"]), "1 added");
    let marked = [b"\xEF\xBB\xBF", header, b"B,customer,EUR,B\n"].concat();
    taken(&import(&db, "organizations", marked), "1 added");
}

#[test]
fn an_open_quote_is_named_where_it_opens_even_with_skip_bad() {
    let db = TestDatabase::sqlite();
    let file =
        "name,kind,currency,bill_to\nA,customer,EUR,A\nB,customer,EUR,\"B\nC,customer,EUR,C\n";
    for more in [&[][..], &["--skip-bad"]] {
        let ran = import_with(&db, "organizations", file, more);
        refused(&ran, &["the quote opened on line 3 is never closed"]);
    }
    let endless = format!("{file}{}", "x".repeat(2 << 20));
    refused(&import(&db, "organizations", endless), &["begins on line 3 is longer than 1 MiB"]);
}

#[test]
fn a_file_of_a_header_alone_is_fine() {
    let db = TestDatabase::sqlite();
    let ran = import(&db, "organizations", "name,kind,currency,bill_to");
    taken(&ran, "0 added, 0 changed, 0 unchanged; 0 rows read, 0 refused");
}

#[test]
fn a_newer_database_and_bad_settings_are_refused() {
    let db = TestDatabase::sqlite();
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
    db.write(|c| diesel::sql_query(newer).execute(c).map_err(DbError::from))
        .expect("a newer version");
    refused(&import(&db, "organizations", ORGANIZATIONS), &["written by a newer Homeward", "9999"]);

    fs::write(db.folder().join("homeward.toml"), "database_urll = 'x'\n").expect("a file");
    refused(&import(&db, "organizations", ORGANIZATIONS), &["database_urll", "homeward.toml"]);
    fs::remove_file(db.folder().join("homeward.toml")).expect("removing");
    let run = |url: &str, variable: (&str, &str), arguments: &[&str]| -> Ran {
        let mut command = homeward(db.folder(), url);
        command.env(variable.0, variable.1).args(["import", "organizations", "in.csv"]);
        command.args(arguments).output().expect("running").into()
    };
    let none = ("HOMEWARD_LOG", "warn");
    refused(&run("mysql://root:s3cret@h/d", none, &[]), &["no known scheme"]);
    refused(
        &run("sqlite://x.db", ("HOMEWARD_OPERATOR__ZONE", "Mars/Olympus"), &[]),
        &["Mars/Olympus"],
    );
    refused(&run("sqlite://x.db", ("HOMEWARD_OPERATR__ZONE", "UTC"), &[]), &["operatr"]);
    refused(&run("sqlite://x.db", none, &["--config", "none.toml"]), &["none.toml is not there"]);
    // A flag goes before the environment, the environment before the file.
    fs::write(db.folder().join("homeward.toml"), "database_url = 'bad'\n").expect("a file");
    assert_eq!(run("sqlite://x.db", none, &[]).code, 0);
    assert_eq!(run("bad", none, &["--database-url", "sqlite://y.db"]).code, 0);
    assert!(db.folder().join("x.db").exists() && db.folder().join("y.db").exists());
}

#[test]
fn help_names_the_columns() {
    let db = TestDatabase::sqlite();
    let ran = db.homeward(&["import", "units", "--help"]);
    assert_eq!(ran.code, 0);
    for column in ["manufacturer ", "serial_number ", "resold_on?", "registered_on?"] {
        assert!(ran.out.contains(column), "{column}: {}", ran.out);
    }
    let ran = db.homeward(&["import", "calendars", "--help"]);
    assert!(ran.out.contains("make_up_days"), "{}", ran.out);
}
