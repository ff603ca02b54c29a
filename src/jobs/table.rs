//! The schedules: one table, a comment a slot.

use crate::domain::recurrence::{Cron, CronError};
use crate::domain::zone::Zone;
use crate::reports::{CatchUp, Library, ReportDefinition, TAKEN};

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
    /// None: only when somebody asks.
    pub cron: Option<Cron>,
    pub zone: Zone,
    pub catch_up: CatchUp,
    pub work: Work,
}

const OWN: [(&str, &str, Work); 3] = [
    // Every five minutes: reminders, ended windows, estimated deliveries. What was missed is one.
    (TAKEN[0], "*/5 * * * *", Work::Clock),
    // Every minute: messages that are due.
    (TAKEN[1], "* * * * *", Work::Outbox),
    // At 03:15 UTC: old slots of the schedules above are forgotten.
    (TAKEN[2], "15 3 * * *", Work::Housekeeping),
];

/// Homeward's own schedules, and the reports; those without a schedule wait to be asked for.
///
/// # Errors
/// None that a test of the table above has let through.
pub fn table(reports: &Library) -> Result<Vec<Schedule>, CronError> {
    let mut table = Vec::new();
    for (name, cron, work) in OWN {
        let (name, cron, zone) = (name.to_owned(), Some(Cron::parse(cron)?), Zone::UTC);
        table.push(Schedule { name, cron, zone, catch_up: CatchUp::Latest, work });
    }
    for (name, report) in reports.iter() {
        let (name, cron) = (name.to_owned(), report.schedule.clone());
        let (zone, catch_up) = (report.zone, report.catch_up);
        let work = Work::Report(Box::new(report.clone()));
        table.push(Schedule { name, cron, zone, catch_up, work });
    }
    Ok(table)
}
