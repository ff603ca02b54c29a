//! `homeward dock`, `homeward boxes` and `homeward clock`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::CliError;
use super::attachments::read;
use super::house::{self, Acting};
use crate::app::attachments::{NewFile, Thing, attach};
use crate::app::{clock_job, dock, rmas};
use crate::config::Config;
use crate::db::lists::{self, Ask, BoxFilter, BoxSort, ListError};
use crate::db::scope::Scope;
use crate::domain::attachment::AttachmentKind;
use crate::domain::dock::DockVerdict;
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

/// Which boxes.
#[derive(Debug, Args)]
pub struct BoxArguments {
    /// refuse, quarantine, receive, receive_discrepant, replacement_back, receive_at_centre or already_received
    #[arg(long)]
    verdict: Option<DockVerdict>,
    /// The dock's site code
    #[arg(long)]
    site: Option<String>,
    /// What was read on it: the number outside, the serial inside or the box's own number
    #[arg(long, value_name = "TEXT")]
    read: Option<String>,
    /// How many
    #[arg(long, default_value_t = 50)]
    limit: u16,
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
    let rma = judgement.rma.map_or_else(|| "-".to_owned(), |number| number.to_string());
    println!("{}\t{rma}\t{}", judgement.verdict, judgement.reason);
    println!("box\t{}", judged.box_id.0);
    Ok(())
}

/// Prints boxes, the last first: number, instant, dock, verdict, RMA, what was read on it, reason.
pub(super) fn boxes(arguments: BoxArguments, config: &Config) -> Result<(), CliError> {
    let app = house::open(config)?;
    let BoxArguments { verdict, site, read, limit } = arguments;
    let filter = BoxFilter { verdict, site, read };
    let ask = Ask { descending: true, ..Ask::first(BoxSort::RecordedAt, limit.into()) };
    let page = app.db.read(|c| lists::boxes(c, &Scope::All, &filter, &ask)).map_err(|error| {
        match error {
            ListError::Db(error) => CliError::Database(error),
            // None was given.
            ListError::Cursor => CliError::Command(error.to_string()),
        }
    })?;
    let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let mut out = std::io::stdout().lock();
    for item in page.items {
        writeln!(
            out,
            "{}\t{}\t{}\t{}\t{}\tmarked {}\tserial {}\tbox {}\t{}\t{}",
            item.id,
            item.occurred_at().format("%Y-%m-%dT%H:%M:%SZ"),
            item.site,
            item.verdict()?,
            shown(&item.rma),
            shown(&item.marked),
            shown(&item.serial_number),
            shown(&item.box_id),
            item.actor,
            item.reason,
        )?;
    }
    Ok(())
}

/// Runs everything that is due and prints what it came to.
pub(super) fn clock(config: &Config) -> Result<(), CliError> {
    let app = house::open(config)?;
    let done = clock_job::run(&app, house::now())?;
    println!(
        "{} reminded, {} fell due, {} deliveries estimated, {} failed",
        done.reminded, done.fell_due, done.estimated, done.failed
    );
    if done.failed > 0 { Err(CliError::Clock(done.failed)) } else { Ok(()) }
}
