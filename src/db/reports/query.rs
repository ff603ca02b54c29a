//! The query of the non-return report, one for both databases. What is owed now stands in the RMA's row, what
//! was owed before in the past positions; of an RMA one of them at the most was known at an instant.

/// The columns in the order of [`Packed`](super::packed::Packed): the texts first.
macro_rules! columns {
    (now) => {
        "r.number, CASE WHEN r.is_open THEN 'Open' ELSE 'Closed' END, r.account, r.bill_to, r.site, \
         r.country, r.case_number, r.serial_number, r.part_number, r.anchor, r.due_rule, \
         r.due_calendar, r.exposure, coalesce(r.currency, ''), r.issued_on, r.delivered_on, r.due_on, \
         r.list_price_minor, r.charged_minor - r.credited_minor, r.reminders_sent, r.last_event_at, \
         r.site_id, r.id"
    };
    (then) => {
        "r.number, p.status, r.account, r.bill_to, r.site, \
         r.country, r.case_number, r.serial_number, r.part_number, p.anchor, p.rule, \
         p.calendar, p.exposure, coalesce(r.currency, ''), p.issued_on, p.delivered_on, p.due_on, \
         r.list_price_minor, p.charged_minor, p.reminders_sent, p.last_event_at, \
         r.site_id, p.rma_id"
    };
}

/// What is owed now, or was known to be before an instant, on windows that ended before a day: given are the
/// words for the day and the instant. Each half is in order by itself, so that both databases have only to
/// merge them: PostgreSQL puts all of a union in order where its halves do not say that they are.
macro_rules! owed {
    ($day:literal) => {
        concat!(
            "SELECT ",
            $crate::db::reports::query::columns!(now),
            " FROM rmas r WHERE r.is_owed AND r.due_on < ",
            $day,
            " ORDER BY r.id"
        )
    };
    ($day:literal, $end:literal) => {
        concat!(
            "SELECT * FROM (SELECT ",
            $crate::db::reports::query::columns!(now),
            " FROM rmas r WHERE r.is_owed AND r.due_on < ",
            $day,
            " AND r.last_event_at < ",
            $end,
            " ORDER BY r.id) n UNION ALL SELECT * FROM (SELECT ",
            $crate::db::reports::query::columns!(then),
            " FROM owed_positions p JOIN rmas r ON r.id = p.rma_id WHERE p.due_on < ",
            $day,
            " AND p.recorded_from < ",
            $end,
            " AND p.recorded_to >= ",
            $end,
            " ORDER BY p.rma_id) t ORDER BY 23"
        )
    };
}

pub(super) use {columns, owed};
