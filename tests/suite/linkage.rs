//! The program is one file: it runs where there is a C library and nothing else.

use std::process::Command;

use crate::support::skipped;

/// What comes with the system's C library and its compiler's runtime.
const SYSTEM: &[&str] =
    &["linux-vdso", "libc.so", "libm.so", "libgcc_s.so", "ld-linux", "libpthread.so", "libdl.so"];

#[test]
fn it_needs_the_c_library_alone() {
    let Ok(ran) = Command::new("ldd").arg(env!("CARGO_BIN_EXE_homeward")).output() else {
        return skipped("the program's libraries", "a Linux with `ldd`");
    };
    let listed = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(listed.contains("libc.so"), "{listed}");
    let foreign = listed.lines().filter(|line| !SYSTEM.iter().any(|known| line.contains(known)));
    assert_eq!(foreign.collect::<Vec<_>>(), Vec::<&str>::new());
}
