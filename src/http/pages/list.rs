//! Lists as tables: their rows, the columns one sorts by, the pages before and after.

use serde::Serialize;

use super::times::When;
use super::words;
use crate::db::lists::{CaseItem, RmaItem};
use crate::domain::zone::Zone;
use crate::http::api::rmas::PageOf;

/// Rows a page.
pub const ROWS: usize = 25;

/// A heading; sorted by it, its link turns the order round.
pub struct Column {
    pub label: &'static str,
    /// Empty where the table is not sorted by it.
    pub href: String,
    /// As `aria-sort` has it, or empty.
    pub order: &'static str,
}

/// Where a list leads to.
#[derive(Default)]
pub struct Around {
    pub next: Option<String>,
    pub previous: Option<String>,
}

/// The headings of a list at `path`, whose parameters without sort and cursor are `rest`.
pub fn columns(
    (path, rest): (&str, &str),
    sort: &str,
    table: &[(&'static str, &'static str)],
) -> Vec<Column> {
    let (word, descending) = sort.strip_prefix('-').map_or((sort, false), |word| (word, true));
    let column = |(label, by): &(&'static str, &'static str)| {
        let is_sorted = word == *by;
        let turned = if is_sorted && !descending { format!("-{by}") } else { (*by).to_owned() };
        let order = match (is_sorted, descending) {
            (false, _) => "",
            (true, false) => "ascending",
            (true, true) => "descending",
        };
        Column { label, href: link(path, rest, &[("sort", &turned)]), order }
    };
    table.iter().map(column).collect()
}

/// Headings that sort nothing.
pub fn plain(table: &[(&'static str, &'static str)]) -> Vec<Column> {
    table.iter().map(|(label, _)| Column { label, href: String::new(), order: "" }).collect()
}

/// A path with parameters, more of them after the first.
pub fn link(path: &str, rest: &str, more: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(rest.to_owned());
    query.extend_pairs(more);
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// Parameters as they stand in a link.
pub fn parameters(query: &impl Serialize) -> String {
    // A struct of texts and numbers always becomes parameters.
    serde_urlencoded::to_string(query).unwrap_or_default()
}

/// The links around a page of a list.
pub fn around<T>(path: &str, rest: &str, page: &PageOf<T>) -> Around {
    let at = |cursor: &Option<String>| {
        cursor.as_deref().map(|cursor| link(path, rest, &[("cursor", cursor)]))
    };
    Around { next: at(&page.next), previous: at(&page.previous) }
}

/// The columns of cases, as agreed (TRK-3).
pub const CASE_COLUMNS: &[(&str, &str)] = &[
    ("Status", "status"),
    ("Case", "number"),
    ("Site", "site"),
    ("Contact", "contact"),
    ("Last modified", "modified_at"),
    ("Platform", "platform"),
    ("Priority", "priority"),
];

/// The columns of RMAs, as agreed (TRK-4, AMB-18).
pub const RMA_COLUMNS: &[(&str, &str)] = &[
    ("RMA", "number"),
    ("Status", "status"),
    ("Account", "account"),
    ("Case", "case_number"),
    ("Serial number", "serial_number"),
    ("Part number", "part_number"),
    ("Created", "created_at"),
    ("Due back", "due_on"),
    ("Stage", "stage"),
];

pub struct CaseTable {
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<CaseLine>,
}

pub struct CaseLine {
    pub number: String,
    pub is_open: bool,
    pub account: String,
    pub site: String,
    pub site_code: String,
    pub contact: String,
    pub contact_email: String,
    pub modified: When,
    pub platform: String,
    pub priority: i16,
    pub summary: String,
}

impl CaseLine {
    pub fn of(item: CaseItem, zone: Zone) -> Self {
        Self {
            modified: When::of(item.modified_at(), zone),
            number: item.number,
            is_open: item.closed_at.is_none(),
            account: item.account,
            site: item.site,
            site_code: item.site_code,
            contact: item.contact,
            contact_email: item.contact_email,
            platform: item.platform,
            priority: item.priority,
            summary: item.summary,
        }
    }
}

pub struct RmaTable {
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<RmaLine>,
}

pub struct RmaLine {
    pub number: String,
    pub is_open: bool,
    pub account: String,
    pub case_number: String,
    pub serial_number: String,
    pub part_number: String,
    pub created: When,
    pub due: Option<String>,
    pub stage: String,
    pub tone: &'static str,
}

impl RmaLine {
    pub fn of(item: RmaItem, zone: Zone) -> Self {
        let (stage, tone) = words::stage(&item.stage);
        Self {
            created: When::of(item.created_at(), zone),
            number: item.number,
            is_open: item.is_open,
            account: item.account,
            case_number: item.case_number,
            serial_number: item.serial_number,
            part_number: item.part_number,
            due: item.due_on.map(|day| day.format("%-d %b %Y").to_string()),
            stage,
            tone,
        }
    }
}
