//! `homeward verify`.

use super::{CliError, house};
use crate::app::verify;
use crate::config::Config;

/// Findings that are printed; all of them are counted.
const SHOWN: u64 = 1000;

pub(super) fn run(config: &Config) -> Result<(), CliError> {
    let app = house::open(config)?;
    let mut told = 0;
    let verified = verify::run(
        &app,
        |finding| {
            told += 1;
            if told <= SHOWN {
                say!("{finding}");
            }
        },
        |_| {},
    )?;
    say!(
        "{} RMAs, {} events, {} files verified: {} findings",
        verified.rmas,
        verified.events,
        verified.files,
        verified.findings
    );
    if verified.findings == 0 {
        return Ok(());
    }
    Err(CliError::Findings(verified.findings))
}
