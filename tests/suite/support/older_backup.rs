//! The lines of a backup, as a program of schema version 0003 wrote them.

/// Takes away what came later, and keeps what is owed now where it was kept.
pub fn as_0003_wrote_it(lines: &mut Vec<String>) {
    with_open_positions(lines);
    without_later_tables(lines);
    without_later_columns(lines);
}

/// Whether a table was there, with all its columns of today.
pub fn is_as_0003_had_it(table: &str) -> bool {
    !LATER.iter().any(|(of, _)| *of == table) && !LATER_TABLES.contains(&table)
}

/// Columns that came after version 0003, each at its table's end.
const LATER: &[(&str, &str)] = &[
    ("organizations", "qualification"),
    ("organizations", "qualified_from"),
    ("organizations", "qualified_until"),
    ("organizations", "partner_contract"),
    ("organizations", "partner_contract_from"),
    ("organizations", "partner_contract_until"),
    ("products", "eoe_on"),
    ("products", "replacement_part"),
    ("products", "family"),
    ("cases", "kind"),
    ("cases", "channel"),
    ("slots", "asked"),
    ("slots", "as_of"),
    ("slots", "asked_by"),
    ("runs", "as_of"),
    ("rmas", "state"),
    ("rmas", "terms_sequence"),
    ("rmas", "visit"),
    ("rmas", "visit_wanted_at"),
    ("rmas", "next_task"),
    ("runs", "file_removed_at"),
    ("sites", "cut_off"),
    ("rmas", "return_label"),
    ("rmas", "is_owed"),
    ("coverage", "former"),
];

/// Tables that came after version 0003.
const LATER_TABLES: &[&str] = &[
    "house_state",
    "unit_history",
    "placements",
    "questionnaires",
    "interviews",
    "tasks",
    "case_overrides",
    "case_closings",
    "unit_care",
    "attachments",
    "users",
    "sessions",
];

/// Takes them out with their rows, and out of what the end counts.
fn without_later_tables(lines: &mut Vec<String>) {
    let later = |line: &str| {
        LATER_TABLES.iter().any(|table| line.starts_with(&format!("{{\"table\":\"{table}\"")))
    };
    let mut dropped = false;
    lines.retain(|line| {
        if line.starts_with('{') {
            dropped = later(line);
        }
        !dropped
    });
    let end = lines.last_mut().expect("an end");
    let mut value: serde_json::Value = serde_json::from_str(end).expect("JSON");
    let rows = value["rows"].as_object_mut().expect("counts");
    rows.retain(|table, _| !LATER_TABLES.contains(&table.as_str()));
    *end = value.to_string();
}

/// Adds what is owed now as positions that have not ended, as programs kept it up to version 0022.
fn with_open_positions(lines: &mut Vec<String>) {
    let json = |line: &String| serde_json::from_str::<serde_json::Value>(line).expect("JSON");
    let mut tables = lines.iter().enumerate().filter(|(_, line)| line.starts_with("{\"table\""));
    let at =
        tables.clone().find(|(_, line)| line.starts_with("{\"table\":\"rmas\"")).expect("RMAs");
    let columns = json(at.1)["columns"].as_array().expect("columns").clone();
    let column = |name: &str| columns.iter().position(|c| c["name"] == name).expect("a column");
    let open = lines[at.0 + 1..].iter().take_while(|line| line.starts_with('[')).map(json);
    let open = open.filter(|row| row[column("is_owed")] == 1).map(|row| {
        let of = |name: &str| row[column(name)].clone();
        let amount = |name: &str| of(name).as_i64().expect("an amount");
        let balance = amount("charged_minor") - amount("credited_minor");
        let status = if of("is_open") == 1 { "Open" } else { "Closed" };
        let from = of("last_event_at");
        serde_json::json!([
            of("id"),
            of("version"),
            from,
            null,
            status,
            of("issued_on"),
            of("delivered_on"),
            of("anchor"),
            of("due_on"),
            of("due_rule"),
            of("due_calendar"),
            of("exposure"),
            balance,
            of("reminders_sent"),
            from
        ])
        .to_string()
    });
    let open: Vec<String> = open.collect();
    assert!(!open.is_empty(), "something is owed");
    let is_positions = |line: &str| line.starts_with("{\"table\":\"owed_positions\"");
    let (positions, _) = tables.find(|(_, line)| is_positions(line)).expect("positions");
    let end = lines.last_mut().expect("an end");
    let mut value: serde_json::Value = serde_json::from_str(end).expect("JSON");
    let count = &mut value["rows"]["owed_positions"];
    *count = serde_json::json!(count.as_u64().expect("a count") + open.len() as u64);
    *end = value.to_string();
    lines.splice(positions + 1..positions + 1, open);
}

/// Takes them out of the tables and of their rows.
fn without_later_columns(lines: &mut [String]) {
    let mut width = usize::MAX;
    for line in lines {
        let mut value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        if let Some(name) = value["table"].as_str().map(str::to_owned) {
            let columns = value["columns"].as_array_mut().expect("columns");
            columns.retain(|c| !LATER.iter().any(|(of, known)| *of == name && c["name"] == *known));
            // Answers were kept for tokens alone; there are none in this house.
            for column in columns.iter_mut().filter(|c| c["name"] == "principal") {
                *column = serde_json::json!({ "name": "token_id", "kind": "integer" });
            }
            width = columns.len();
        } else if let Some(row) = value.as_array_mut() {
            row.truncate(width);
        } else {
            continue;
        }
        *line = value.to_string();
    }
}
