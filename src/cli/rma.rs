//! `homeward rma`: requesting one, giving it a command, looking at it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use super::attachments::FileArguments;
use super::house::{self, Acting};
use super::{CliError, attachments, show};
use crate::app::attachments::Thing;
use crate::app::expect::{self, Expectation, Prospect};
use crate::app::rmas;
use crate::config::Config;
use crate::domain::attachment::AttachmentKind;
use crate::domain::ids::{CaseNumber, Manufacturer, RmaNumber, SerialNumber};
use crate::domain::intake::{Channel, Way};
use crate::domain::rma::{Command, Order, Rma};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Request an RMA on a case; prints its number, and beside it what to expect
    Request {
        case: CaseNumber,
        #[arg(long)]
        serial: SerialNumber,
        /// Needed where two manufacturers share the serial
        #[arg(long)]
        manufacturer: Option<Manufacturer>,
        #[arg(long)]
        symptom: String,
        /// online, or telephone (for units under contract)
        #[arg(long, default_value = "online")]
        channel: Channel,
        /// An agent's reason to let it in without a contract; it is kept with the case
        #[arg(long = "override", value_name = "REASON")]
        override_reason: Option<String>,
        #[command(flatten)]
        acting: Acting,
    },
    /// Carry out a command, such as: do R0000000001 charge amount_minor=14900 reason="not returned"
    Do {
        rma: RmaNumber,
        /// The command; `homeward rma commands` lists them
        command: String,
        /// What the command says, as field=value
        #[arg(value_parser = field)]
        fields: Vec<(String, String)>,
        /// The version a judgement was made on; refused when the RMA has moved on since
        #[arg(long, value_name = "N")]
        version: Option<i64>,
        #[command(flatten)]
        acting: Acting,
    },
    /// Keep a file with an RMA; prints its number
    Attach {
        rma: RmaNumber,
        /// delivery_proof, dock_photo, carrier_label or other
        #[arg(long)]
        kind: AttachmentKind,
        #[command(flatten)]
        file: FileArguments,
    },
    /// List the files of an RMA: number, kind, name, type, bytes, SHA-256, who, when
    Attachments { rma: RmaNumber },
    /// Write a kept file, of whatever it is kept with, by its number
    Attachment {
        id: i64,
        /// Where to; - is standard output
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Take a wrong file of an RMA back: its bytes go, its hash stays
    WithdrawAttachment {
        rma: RmaNumber,
        id: i64,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// Show an RMA: its tracks, its dates with their reasons, its history
    Show { rma: RmaNumber },
    /// List the commands and what each says
    Commands,
}

/// Each command with its fields; optional ones in brackets.
const COMMANDS: &[(&str, &str)] = &[
    ("create", "[diagnosis]"),
    ("issue", ""),
    ("hold", "reason=entitlement|registration|export|information|price note"),
    ("release", "note"),
    ("deny", "reason"),
    ("cancel", "reason"),
    ("backorder", "[expected_on]"),
    ("allocate", "serial_number"),
    ("ship", "carrier [tracking_number]"),
    ("deliver", "[signed_by]"),
    ("fail_delivery", "reason"),
    ("hand_over", "[carrier] [tracking_number]"),
    ("receive", "[serial_number] [site]"),
    ("forward", "carrier [tracking_number]"),
    ("receive_at_centre", ""),
    ("lose_in_transfer", "reason"),
    ("refuse", "reason"),
    ("accept", ""),
    ("mark_discrepant", "reason"),
    ("resolve_discrepancy", "outcome=returned_to_sender|kept_for_owner|scrapped|right_unit"),
    ("find_exclusion", "exclusion=third_party_optics|customer_damage|missing_components evidence"),
    ("receive_replacement", "serial_number condition=unopened|defective"),
    ("charge", "amount_minor reason"),
    ("extend", "business_days reason"),
    ("waive", "reason"),
    ("purchase", "purchase_order"),
    ("claim_delivery", "proof delivered_on attachments=N,N…"),
    ("uphold_claim", "found=true|false"),
    ("reject_claim", "reason"),
    ("credit", "amount_minor reason"),
    ("keep_charge", "reason"),
    ("start_repair", ""),
    ("quote", "amount_minor"),
    ("finish_repair", "outcome=repaired|no_fault_found|replaced|scrapped|returned_unrepaired"),
    ("request_analysis", ""),
    ("approve_analysis", "reason"),
    ("decline_analysis", "reason"),
    ("agree_failure_analysis", "accept_destruction=true|false"),
    ("post_interim_report", "report final_due_on"),
    ("post_final_report", "report unit_destroyed=true|false"),
    ("void_analysis", "missing"),
    ("plan_visit", "engineer at"),
    ("move_visit", "[engineer] at reason"),
    ("record_visit", "arrived_at outcome=replaced|could_not|customer_absent [engineer] [reason]"),
    ("withdraw_visit", "reason"),
    ("certify_destruction", "certificate"),
    ("reopen", "reason"),
    ("close", ""),
    ("report_dead_on_arrival", "symptom"),
    ("quarantine", "[serial_number] reason"),
];

fn field(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("{text:?} is not of the form field=value")),
    }
}

/// Builds the command the words stand for.
fn command(name: &str, fields: &[(String, String)]) -> Result<Command, CliError> {
    let mut object = Map::new();
    object.insert("command".to_owned(), Value::from(name));
    for (field, value) in fields {
        // The shell knows only text; these fields are numbers and truths.
        let typed = match field.as_str() {
            "amount_minor" | "business_days" => value.parse::<i64>().map(Value::from).ok(),
            "found" | "accept_destruction" | "unit_destroyed" => {
                value.parse::<bool>().map(Value::from).ok()
            }
            "attachments" => {
                let numbers = value.split(',').map(|number| number.trim().parse::<i64>());
                numbers.collect::<Result<Vec<i64>, _>>().map(Value::from).ok()
            }
            _ => None,
        };
        let value = typed.unwrap_or_else(|| Value::from(value.as_str()));
        if object.insert(field.clone(), value).is_some() {
            return Err(CliError::Command(format!("{field} is given twice")));
        }
    }
    serde_json::from_value(Value::Object(object)).map_err(|error| {
        let known = COMMANDS.iter().find(|(known, _)| *known == name);
        CliError::Command(match known {
            Some((name, fields)) => format!("{error}; it is written: {name} {fields}"),
            None => format!("{error}; `homeward rma commands` lists what there is"),
        })
    })
}

pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    match arguments.what {
        What::Commands => {
            for (name, fields) in COMMANDS {
                say!("{name} {fields}");
            }
            Ok(())
        }
        What::Show { rma } => show::run(rma, config),
        What::Attach { rma, kind, file } => {
            attachments::attach(config, Thing::Rma(rma), kind, file)
        }
        What::Attachments { rma } => attachments::list(config, Thing::Rma(rma)),
        What::Attachment { id, out } => attachments::fetch(config, id, &out),
        What::WithdrawAttachment { rma, id, reason, acting } => {
            attachments::withdraw(config, Thing::Rma(rma), id, &reason, &acting)
        }
        What::Request { case, serial, manufacturer, symptom, channel, override_reason, acting } => {
            let app = house::open(config)?;
            let wanted = rmas::RequestRma {
                case_number: case,
                serial_number: serial,
                manufacturer,
                symptom,
                way: Way { channel, override_reason, partner: None },
                occurred_at: acting.occurred_at(),
                source: acting.source.clone(),
            };
            let outcome = rmas::retrying(|| {
                app.db.write(|c| rmas::request_rma(&app, c, &wanted, &acting.actor, house::now()))
            })?;
            let number = outcome.rma.number;
            say!("{number}");
            expected(&app.db.read(|c| expect::expect(&app, c, number, house::now()))?);
            Ok(())
        }
        What::Do { rma, command, fields, version, acting } => {
            carry_out(config, rma, &command, &fields, version, &acting)
        }
    }
}

/// Advice beside the number, which stays alone on its stream (AMB-11).
fn expected(found: &Expectation) {
    let what = match (found.prospect, found.hold, found.mode) {
        (Prospect::Issue, _, Some(mode)) => format!("to be issued as {mode}"),
        (Prospect::Hold, Some(reason), _) => format!("to wait on hold ({reason})"),
        _ => "not to be issued as things stand".to_owned(),
    };
    eprintln!("expected {what}: {}", found.because);
    if let Some(carriage) = &found.carriage {
        eprintln!("{}", carriage.sentence());
    }
}

fn carry_out(
    config: &Config,
    number: RmaNumber,
    name: &str,
    fields: &[(String, String)],
    version: Option<i64>,
    acting: &Acting,
) -> Result<(), CliError> {
    let dead_on_arrival = name == "report_dead_on_arrival";
    let order = if dead_on_arrival {
        None
    } else {
        Some(Order {
            command: command(name, fields)?,
            actor: acting.actor.clone(),
            occurred_at: acting.occurred_at(),
            source: acting.source.clone(),
        })
    };
    let app = house::open(config)?;
    let Some(order) = order else {
        let symptom = match fields {
            [(field, symptom)] if field == "symptom" => symptom,
            _ => return Err(CliError::Command("it is written: symptom=…".to_owned())),
        };
        let (at, now) = (acting.occurred_at(), house::now());
        let who = (&acting.actor, acting.source.as_str());
        let (outcome, child) = rmas::retrying(|| {
            app.db.write(|c| rmas::report_dead_on_arrival(&app, c, number, symptom, who, at, now))
        })?;
        summary(&outcome.rma);
        say!("child\t{child}");
        return Ok(());
    };
    let outcome = rmas::command(&app, number, &order, version, house::now())?;
    for event in &outcome.events {
        say!("event\t{}", event.kind());
    }
    summary(&outcome.rma);
    Ok(())
}

fn summary(rma: &Rma) {
    say!(
        "{}\tversion {}\t{}\tauthorisation {}, outbound {}, inbound {}, repair {}, analysis {}, exposure {}",
        rma.number,
        rma.version,
        if rma.is_open { "Open" } else { "Closed" },
        rma.authorisation,
        rma.outbound,
        rma.inbound,
        rma.repair,
        rma.analysis,
        rma.exposure,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_command_is_one_and_says_what_it_lacks() {
        for (name, fields) in COMMANDS {
            let needs: Vec<&str> =
                fields.split(' ').filter(|f| !f.is_empty() && !f.starts_with('[')).collect();
            match command(name, &[]) {
                Ok(_) => assert!(needs.is_empty(), "{name} needs nothing, yet {fields} is listed"),
                Err(error) => {
                    assert!(!error.to_string().contains("unknown variant"), "{name}: {error}");
                    assert!(!needs.is_empty(), "{name} lists no field, yet: {error}");
                }
            }
        }
    }
}
