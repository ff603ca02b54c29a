//! Programs of others that meet the service from outside, where they are there.

use std::path::{Path, PathBuf};

/// How to have them.
pub const HOW: &str = "pip install -r tests/outside/requirements.txt";

/// The folder of the settings and scripts for them.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside")
}

/// A browser, and the Node.js with the modules that drive it: of the tests' own folder, `node` in the target
/// folder.
pub fn browser() -> Result<(PathBuf, PathBuf, PathBuf), &'static str> {
    const HOW: &str = "apt install chromium nodejs npm, then mkdir -p target/node && cp tests/outside/package.json target/node \
                       && npm install --prefix target/node";
    let path = std::env::var_os("PATH").unwrap_or_default();
    let find = |name: &str| {
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|at| at.is_file())
    };
    let chromium = find("chromium").or_else(|| find("chromium-browser")).ok_or(HOW)?;
    let node = find("node").ok_or(HOW)?;
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().ok_or(HOW)?;
    let modules = target.join("node/node_modules");
    let are_there = ["puppeteer-core", "axe-core"].iter().all(|name| modules.join(name).is_dir());
    if are_there { Ok((chromium, node, modules)) } else { Err(HOW) }
}

/// A Python program of that name, and the Python it runs on: of the tests' own environment, which lies
/// as `python` in the target folder, else of the path.
pub fn python(name: &str) -> Option<(PathBuf, PathBuf)> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = std::iter::once(target.join("python/bin"));
    let found = own.chain(std::env::split_paths(&path)).find(|at| at.join(name).is_file())?;
    let beside = found.join("python3");
    let python = if beside.is_file() { beside } else { PathBuf::from("python3") };
    Some((found.join(name), python))
}
