//! A whole installed base, and a disk too small for what comes.

use super::*;

/// The installed base as a file of units, with the products it names.
fn installed_base(folder: &Path) -> Option<(String, String)> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/drives");
    let drives = std::env::var_os("HOMEWARD_TEST_DRIVES").map_or(beside, Into::into);
    let path = drives.join("installed_base.csv");
    let mut reader = csv::Reader::from_path(&path).ok()?;
    let mut units =
        String::from("manufacturer,serial_number,part_number,account,site,shipped_on\n");
    let mut products = std::collections::BTreeSet::new();
    for record in reader.records() {
        let record = record.expect("a record");
        let (serial, part, maker, shipped) = (&record[0], &record[1], &record[2], &record[4]);
        units.push_str(&format!("{maker},{serial},{part},Acme Storage,AMS1,{shipped}\n"));
        products.insert(format!("{maker},{part},Drive,,Celestia\n"));
    }
    let header = "manufacturer,part_number,description,list_prices,contract_manufacturer\n";
    fs::write(folder.join("units.csv"), &units).expect("writing the units");
    Some((format!("{header}{}", products.into_iter().collect::<String>()), units))
}

#[test]
fn a_whole_installed_base_comes_in() {
    each_database("the installed base", |db| {
        let Some((products, units)) = installed_base(db.folder()) else {
            return skipped(
                "importing the installed base",
                "it needs ../shared/data/drives/installed_base.csv, or its folder in HOMEWARD_TEST_DRIVES",
            );
        };
        register(db);
        taken(&import(db, "products", products), "added");
        taken(&db.homeward(&["import", "units", "units.csv"]), "87068 added, 0 changed");
        assert_eq!(unit_count(db), 87_068);
        let changed = units.replacen(",2013-04-10\n", ",2013-04-11\n", 10);
        taken(&import(db, "units", changed), "0 added, 10 changed, 87058 unchanged");
    });
}

/// A file system of its own, 2 MB small, where that may be made (root on Linux).
#[test]
fn a_full_disk_says_so_and_keeps_nothing() {
    let what = "importing to a full disk";
    let how = "it needs root on Linux, to mount a small tmpfs";
    let folder = tempfile::tempdir().expect("a folder");
    let disk = folder.path().join("disk");
    fs::create_dir(&disk).expect("a folder");
    let mount = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
        .arg(&disk)
        .output();
    if !mount.is_ok_and(|m| m.status.success()) {
        return skipped(what, how);
    }
    let mut file = String::from("name,kind,currency,bill_to\n");
    for n in 0..20_000 {
        file.push_str(&format!("Organization {n:0>100},customer,EUR,x\n"));
    }
    fs::write(folder.path().join("in.csv"), file).expect("a file");
    let url = format!("sqlite://{}", disk.join("small.db").display());
    let mut command = homeward(folder.path(), &url);
    let ran: Ran =
        command.args(["import", "organizations", "in.csv"]).output().expect("running").into();
    let again: Ran = {
        fs::write(folder.path().join("none.csv"), "name,kind,currency,bill_to\nA,customer,EUR,A\n")
            .expect("a file");
        let mut command = homeward(folder.path(), &url);
        command.args(["import", "organizations", "none.csv"]).output().expect("running").into()
    };
    let unmounted = std::process::Command::new("umount").arg(&disk).output();
    refused(&ran, &["no room left", "nothing of this write was kept"]);
    taken(&again, "1 added, 0 changed, 0 unchanged");
    assert!(unmounted.is_ok_and(|u| u.status.success()));
}
