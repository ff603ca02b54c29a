//! The schedules: one table, a comment a slot.

use crate::domain::recurrence::{Cron, CronError};
use crate::domain::zone::Zone;
use crate::reports::{CatchUp, ReportDefinition};

/// What a slot does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    Clock,
    Outbox,
    Housekeeping,
    Report(Box<ReportDefinition>),
}

/// Something that recurs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    pub name: String,
    pub cron: Cron,
    pub zone: Zone,
    pub catch_up: CatchUp,
    pub work: Work,
}

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error(transparent)]
    Cron(#[from] CronError),
    #[error("reports/{0}.toml: a schedule of Homeward's own has this name; give the file another")]
    Taken(String),
}

const OWN: [(&str, &str, Work); 3] = [
    // Every five minutes: reminders, ended windows, estimated deliveries. What was missed is one.
    ("clock", "*/5 * * * *", Work::Clock),
    // Every minute: messages that are due.
    ("outbox", "* * * * *", Work::Outbox),
    // At 03:15 UTC: old slots of the schedules above are forgotten.
    ("housekeeping", "15 3 * * *", Work::Housekeeping),
];

/// Homeward's own schedules, and the reports that have one.
///
/// # Errors
/// A report with the name of one of Homeward's own.
pub fn table(reports: Vec<(String, ReportDefinition)>) -> Result<Vec<Schedule>, TableError> {
    let mut table = Vec::new();
    for (name, cron, work) in OWN {
        let (name, cron, zone) = (name.to_owned(), Cron::parse(cron)?, Zone::UTC);
        table.push(Schedule { name, cron, zone, catch_up: CatchUp::Latest, work });
    }
    for (name, report) in reports {
        let Some(cron) = report.schedule.clone() else { continue };
        if table.iter().any(|schedule| schedule.name == name) {
            return Err(TableError::Taken(name));
        }
        let (zone, catch_up) = (report.zone, report.catch_up);
        table.push(Schedule { name, cron, zone, catch_up, work: Work::Report(Box::new(report)) });
    }
    Ok(table)
}
