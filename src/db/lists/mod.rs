//! Lists for people: filtered, sorted by any column, read a page at a time from where the last page
//! ended. A page begins after a row's values rather than after a count, so that rows which come or go
//! meanwhile neither repeat others nor hide them.

mod boxes;
mod cases;
mod queue;
mod rmas;
mod runs;
mod search;

use serde_json::Value;

pub use boxes::{BoxFilter, BoxItem, BoxSort, boxes, one_box};
pub use cases::{CaseFilter, CaseItem, CaseSort, cases};
pub use queue::{QueueFilter, QueueItem, QueueSort, has_region, queue};
pub use rmas::{RmaFilter, RmaItem, RmaSort, rmas};
pub use runs::{ReportRun, RunFilter, RunSort, run, runs};
pub use search::{Found, search};

use super::error::DbError;

/// Where a page begins: the sorted value and the key of the row beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seek {
    pub value: Value,
    pub id: i64,
}

/// Which page of a list.
#[derive(Debug, Clone)]
pub struct Ask<S> {
    pub sort: S,
    pub descending: bool,
    /// Towards the list's beginning.
    pub backwards: bool,
    pub seek: Option<Seek>,
    /// Rows a page.
    pub limit: usize,
}

impl<S> Ask<S> {
    /// The first page in ascending order.
    pub fn first(sort: S, limit: usize) -> Self {
        Self { sort, descending: false, backwards: false, seek: None, limit }
    }

    /// Whether the database has to read in ascending order.
    fn ascends(&self) -> bool {
        self.descending == self.backwards
    }

    /// One row more than the page: whether there is another page.
    fn rows(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX - 1) + 1
    }
}

/// A page in the order asked for.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the page before ends, if there may be one.
    pub previous: Option<Seek>,
    /// Where the page after begins, if there is one.
    pub next: Option<Seek>,
}

/// Why a page was not read.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("the cursor does not belong to this list and order")]
    Cursor,
}

/// Puts the rows read into a page.
fn page<S, T>(ask: &Ask<S>, mut items: Vec<T>, seek: impl Fn(&T) -> Seek) -> Page<T> {
    let more = items.len() > ask.limit;
    items.truncate(ask.limit);
    if ask.backwards {
        items.reverse();
    }
    let begun = ask.seek.is_some();
    let (before, after) = if ask.backwards { (more, begun) } else { (begun, more) };
    Page {
        previous: items.first().filter(|_| before).map(&seek),
        next: items.last().filter(|_| after).map(&seek),
        items,
    }
}

/// Orders a boxed query by a column that is never null, then by `id`, and begins after the seek.
macro_rules! by {
    ($query:expr, $ask:expr, $id:expr, $column:expr, $type:ty) => {{
        let mut query = $query;
        if let Some(seek) = &$ask.seek {
            let value: $type =
                serde_json::from_value(seek.value.clone()).map_err(|_| ListError::Cursor)?;
            query = if $ask.ascends() {
                query.filter($column.gt(value.clone()).or($column.eq(value).and($id.gt(seek.id))))
            } else {
                query.filter($column.lt(value.clone()).or($column.eq(value).and($id.lt(seek.id))))
            };
        }
        if $ask.ascends() {
            query.order(($column.asc(), $id.asc()))
        } else {
            query.order(($column.desc(), $id.desc()))
        }
    }};
}

/// The same for a column that may be null; null comes after every value.
macro_rules! by_nullable {
    ($query:expr, $ask:expr, $id:expr, $column:expr, $type:ty) => {{
        let mut query = $query;
        if let Some(seek) = &$ask.seek {
            let value: Option<$type> =
                serde_json::from_value(seek.value.clone()).map_err(|_| ListError::Cursor)?;
            query = match (value, $ask.ascends()) {
                (None, true) => query.filter($column.is_null().and($id.gt(seek.id))),
                (None, false) => {
                    query.filter($column.is_not_null().or($column.is_null().and($id.lt(seek.id))))
                }
                (Some(value), true) => query.filter(
                    $column
                        .is_null()
                        .or($column.gt(value.clone()).assume_not_null())
                        .or($column.eq(value).and($id.gt(seek.id)).assume_not_null()),
                ),
                (Some(value), false) => query.filter(
                    $column
                        .lt(value.clone())
                        .assume_not_null()
                        .or($column.eq(value).and($id.lt(seek.id)).assume_not_null()),
                ),
            };
        }
        if $ask.ascends() {
            query.order(($column.is_null().asc(), $column.asc(), $id.asc()))
        } else {
            query.order(($column.is_null().desc(), $column.desc(), $id.desc()))
        }
    }};
}
use {by, by_nullable};
