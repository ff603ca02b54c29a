//! `homeward dock` and `homeward clock`.

use std::path::PathBuf;

use clap::Args;

use super::CliError;
use super::attachments::read;
use super::house::{self, Acting};
use super::text::or_dash;
use crate::app::attachments::{NewFile, Thing, attach};
use crate::app::{clock_job, dock, rmas};
use crate::config::Config;
use crate::domain::attachment::AttachmentKind;
use crate::domain::ids::SerialNumber;
use crate::domain::rma::tracks::ReplacementCondition;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The dock's site code
    site: String,
    /// What the outside of the box is marked with, as read
    #[arg(long, value_name = "TEXT")]
    marked: Option<String>,
    /// The serial on the unit inside; left out where there is none that can be read
    #[arg(long)]
    serial: Option<SerialNumber>,
    /// The box's own number: an SSCC, or the carrier's
    #[arg(long = "box", value_name = "NUMBER")]
    box_id: Option<String>,
    /// unopened or defective, should a replacement have come back
    #[arg(long, default_value = "defective")]
    condition: ReplacementCondition,
    /// A photo of the box: JPEG, PNG or PDF, at most 10 MiB; again for another
    #[arg(long = "photo", value_name = "FILE")]
    photos: Vec<PathBuf>,
    #[command(flatten)]
    acting: Acting,
}

/// Judges a box, keeps its photos with it, and prints the verdict, the RMA and the reason; below, under
/// which number the box is on record.
pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    let Arguments { site, marked, serial, box_id, condition, photos, acting } = arguments;
    let photos = photos.iter().map(|path| read(path, AttachmentKind::DockPhoto, None));
    let photos = photos.collect::<Result<Vec<NewFile>, CliError>>()?;
    let app = house::open(config)?;
    let arrival = dock::Arrival {
        site,
        marked,
        serial_number: serial,
        box_id,
        condition,
        occurred_at: acting.occurred_at(),
        source: acting.source.clone(),
    };
    let judged = rmas::retrying(|| {
        app.db.write(|c| {
            let now = house::now();
            let judged = dock::arrive(&app, c, &arrival, &acting.actor, now)?;
            for photo in &photos {
                attach(&app, c, Thing::Box(judged.box_id), photo, acting.by(), now)?;
            }
            Ok(judged)
        })
    })?;
    let judgement = judged.judgement;
    let rma = or_dash(judgement.rma);
    say!("{}\t{rma}\t{}", judgement.verdict, judgement.reason);
    say!("box\t{}", judged.box_id.0);
    Ok(())
}

/// Runs everything that is due and prints what it came to.
pub(super) fn clock(config: &Config) -> Result<(), CliError> {
    let app = house::open(config)?;
    let done = clock_job::run(&app, house::now())?;
    say!(
        "{} reminded, {} fell due, {} deliveries estimated, {} failed",
        done.reminded,
        done.fell_due,
        done.estimated,
        done.failed
    );
    if done.failed > 0 { Err(CliError::Clock(done.failed)) } else { Ok(()) }
}
