//! `homeward import units`, the whole process, beside the database's own CSV import of the same rows
//! into the same indexed table: at least half its speed.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::databases::{Bed, batch, has};
use super::measure::{Table, Wanted, in_turns, seconds};
use super::postgres::Server;
use homeward::db::DbError;

const ROUNDS: usize = 9;
const SITES: usize = 200;
const CUSTOMERS: usize = 20;

/// The register's files, and the rows as the table has them.
struct Files {
    organizations: PathBuf,
    products: PathBuf,
    sites: PathBuf,
    units: PathBuf,
    /// For the database's own import, keys in place of names.
    rows: PathBuf,
    count: usize,
}

pub fn run(table: &mut Table) {
    let drives = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/drives");
    let Ok(base) = std::fs::read_to_string(drives.join("installed_base.csv")) else {
        let how = format!("put the drives' installed_base.csv into {}", drives.display());
        return table.aside("import", &how);
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = write_files(folder.path(), &base);
    if has("sqlite3", "--version") {
        measure(table, &Bed::sqlite(), &files);
    } else {
        table.aside("import on SQLite", "apt-get install sqlite3");
    }
    match Bed::postgres() {
        Ok(bed) => measure(table, &bed, &files),
        Err(why) => table.aside("import on PostgreSQL", why),
    }
}

fn measure(table: &mut Table, bed: &Bed, files: &Files) {
    for (subject, file) in [
        ("organizations", &files.organizations),
        ("products", &files.products),
        ("sites", &files.sites),
    ] {
        ours(bed, subject, file);
    }
    let count = files.count as f64;
    let (ours, limit) = in_turns(
        ROUNDS,
        || {
            empty(bed);
            count / seconds(|| ours(bed, "units", &files.units))
        },
        || {
            empty(bed);
            count / seconds(|| limit(bed, &files.rows))
        },
    );
    let name = format!("import of {} units, {}", files.count, bed.kind);
    table.line(&name, "units/s", ours, limit, Wanted::AtLeast(0.5));
}

/// No unit is there, and nothing is left to bring home.
fn empty(bed: &Bed) {
    let kept = bed.folder().join("empty.db");
    if bed.is_sqlite() {
        // Deleting would look for every unit's replacements.
        bed.settle();
        let (from, to) = if kept.exists() { (kept, bed.file()) } else { (bed.file(), kept) };
        std::fs::copy(from, to).expect("copying the database");
        return;
    }
    let db = bed.open();
    db.write(|c| {
        batch(c, "TRUNCATE units CASCADE");
        Ok::<(), DbError>(())
    })
    .expect("emptying the register");
    drop(db);
    bed.settle();
}

fn ours(bed: &Bed, subject: &str, file: &Path) {
    let run = bed.homeward().args(["import", subject]).arg(file).output().expect("homeward");
    assert!(run.status.success(), "{run:?}");
}

fn limit(bed: &Bed, rows: &Path) {
    let run = if bed.is_sqlite() {
        // Foreign keys stay off: the shell stores empty text where a key is missing.
        Command::new("sqlite3")
            .arg(bed.file())
            .args(["-cmd", "PRAGMA synchronous = FULL", "-cmd", "PRAGMA cache_size = -16000"])
            .arg(format!(".import --csv {} units", rows.display()))
            .stderr(Stdio::null())
            .output()
            .expect("sqlite3")
    } else {
        let columns = "id, manufacturer, serial_number, part_number, organization_id, site_id, \
                       status, shipped_on, distributor, resold_on, registered_on, \
                       cover_through_on, replaces_unit_id";
        let copy = format!("\\copy units ({columns}) from '{}' (format csv)", rows.display());
        Server::get()
            .expect("the server is there")
            .psql(bed.name())
            .args(["-c", &copy])
            .output()
            .expect("psql")
    };
    assert!(run.status.success(), "{run:?}");
}

fn write_files(folder: &Path, base: &str) -> Files {
    let mut organizations = "name,kind,currency,bill_to,email\n".to_owned();
    for customer in 0..CUSTOMERS {
        let _ = writeln!(
            organizations,
            "Storage customer {customer},customer,USD,Storage customer {customer}|Accounts payable,"
        );
    }
    let mut sites = "code,name,kind,organization,region,address,country,zone,calendar\n".to_owned();
    for site in 0..SITES {
        let customer = site % CUSTOMERS;
        let _ = writeln!(
            sites,
            "DC-{site},Data centre {site} データセンター,customer,Storage customer {customer},AMER,\
             {site} Row Street|Sacramento CA,US,America/Los_Angeles,US"
        );
    }
    let mut units = "manufacturer,serial_number,part_number,account,site,shipped_on\n".to_owned();
    let mut rows = String::new();
    let mut parts = BTreeSet::new();
    let mut count = 0;
    for record in csv::Reader::from_reader(base.as_bytes()).records() {
        let record = record.expect("a row of the installed base");
        let (serial, part, maker, on) = (&record[0], &record[1], &record[2], &record[4]);
        parts.insert((maker.to_owned(), part.to_owned()));
        let site = count % SITES;
        let customer = site % CUSTOMERS;
        let _ =
            writeln!(units, "{maker},{serial},{part},Storage customer {customer},DC-{site},{on}");
        count += 1;
        let (organization, site) = (customer + 1, site + 1);
        let _ = writeln!(
            rows,
            "{count},{maker},{serial},{part},{organization},{site},installed,{on},,,,,"
        );
    }
    let mut products =
        "manufacturer,part_number,description,list_prices,contract_manufacturer\n".to_owned();
    for (maker, part) in &parts {
        let _ = writeln!(products, "{maker},{part},Drive {part},USD 149.00,{maker} repair");
    }
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("writing a file");
        path
    };
    Files {
        organizations: write("organizations.csv", &organizations),
        products: write("products.csv", &products),
        sites: write("sites.csv", &sites),
        units: write("units.csv", &units),
        rows: write("rows.csv", &rows),
        count,
    }
}
