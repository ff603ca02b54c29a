//! What the pure questions are answered from: calendars and policies, held in memory.

use std::sync::Arc;

use crate::app::context::App;
use crate::app::error::AppError;
use crate::app::register;
use crate::db::AnyConnection;
use crate::db::facts::all_programmes;
use crate::domain::calendar::Calendars;
use crate::domain::programme::Programme;

/// Calendars and policies. Without a database it knows what comes with the program.
#[derive(Debug, Clone)]
pub struct Desk {
    pub(super) calendars: Arc<Calendars>,
    /// Every version that was added, by its manufacturer.
    programmes: Vec<(String, Arc<Programme>)>,
    /// The rulebook's own.
    pub(super) default: Arc<Programme>,
    /// Why there is no database to look further in.
    without: Option<String>,
}

impl Desk {
    /// Knows what comes with the program; `why` there is no more is said where more is asked for.
    pub fn without_database(why: impl Into<String>) -> Self {
        Self {
            calendars: Arc::new(Calendars::builtin()),
            programmes: Vec::new(),
            default: Arc::default(),
            without: Some(why.into()),
        }
    }

    /// Knows the calendars and policies of a database as well.
    pub fn load(connection: &mut AnyConnection) -> Result<Self, AppError> {
        let calendars = Arc::new(register::calendars(connection)?);
        Self::with(calendars, connection)
    }

    /// As [`load`](Self::load), with the calendars the service holds already.
    pub fn of(app: &App, connection: &mut AnyConnection) -> Result<Self, AppError> {
        Self::with(Arc::clone(&app.calendars), connection)
    }

    fn with(calendars: Arc<Calendars>, connection: &mut AnyConnection) -> Result<Self, AppError> {
        let programmes = all_programmes(connection)?
            .into_iter()
            .map(|(manufacturer, _, programme)| (manufacturer, Arc::new(programme)))
            .collect();
        Ok(Self { calendars, programmes, default: Arc::default(), without: None })
    }

    /// The policy of that version. Where manufacturers have different ones under the same version, it is
    /// written `MANUFACTURER:VERSION`.
    pub(super) fn programme(&self, text: &str) -> Result<Arc<Programme>, String> {
        let named = |wanted: &str, whose: Option<&str>| -> Vec<&(String, Arc<Programme>)> {
            let fits = |(manufacturer, programme): &&(String, Arc<Programme>)| {
                programme.version == wanted && whose.is_none_or(|whose| manufacturer == whose)
            };
            self.programmes.iter().filter(fits).collect()
        };
        if text == self.default.version {
            return Ok(Arc::clone(&self.default));
        }
        let mut found = named(text, None);
        if let (true, Some((whose, version))) = (found.is_empty(), text.split_once(':')) {
            found = named(version, Some(whose));
        }
        let shown: String = text.chars().take(80).collect();
        match (found.as_slice(), &self.without) {
            ([(_, first), others @ ..], _) if others.iter().all(|(_, other)| other == first) => {
                Ok(Arc::clone(first))
            }
            ([(first, _), ..], _) => Err(format!(
                "several manufacturers have a programme {shown}; write it with the manufacturer, such as \
                 {first}:{shown}"
            )),
            ([], Some(why)) => Err(format!(
                "{shown:?} is not the programme that comes with the program, {}, and {why}",
                self.default.version
            )),
            ([], None) => Err(format!(
                "there is no programme {shown:?}; `homeward programme list MANUFACTURER` lists the versions"
            )),
        }
    }
}
