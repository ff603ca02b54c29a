//! Running the program itself.

use std::path::Path;
use std::process::{Command, Output};

/// `homeward` with these settings alone, in this folder.
pub fn homeward(folder: &Path, database_url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_homeward"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("HOMEWARD_")) {
        command.env_remove(name);
    }
    command.env("HOMEWARD_DATABASE_URL", database_url).current_dir(folder);
    command
}

/// What a run said and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}
