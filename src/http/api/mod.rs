//! The JSON API, version 1: one file a resource.

mod attached_file;
mod attachments;
mod binary;
mod boxes;
mod case_closing;
pub(super) mod cases;
pub mod commands;
mod dock;
mod etag;
mod explain;
mod imports;
mod instants;
mod interviews;
pub(super) mod papers;
mod product_life;
mod progress_requests;
mod queue;
mod register;
mod report_runs;
mod reports;
pub(super) mod rmas;
mod run_file;
mod shown;
mod tasks;
mod unit_care;
mod views;

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route of the API; the OpenAPI document is gathered from the same lines. A request is held to one
/// after the other: those asked most come first.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(rmas::show_rma)
        .service(rmas::list_rmas)
        .service(rmas::request_rma)
        .service(commands::command_rma)
        .service(super::openapi::openapi_json)
        .service(cases::list_cases)
        .service(cases::open_case)
        .service(interviews::list_interviews)
        .service(interviews::begin_interview)
        .service(case_closing::close_case)
        .service(attachments::case_attachments)
        .service(attachments::attach_to_case)
        .service(attachments::case_attachment)
        .service(attachments::withdraw_from_case)
        .service(cases::show_case)
        .service(interviews::answer_interview)
        .service(interviews::show_interview)
        .service(tasks::list_tasks)
        .service(tasks::settle_task)
        .service(papers::rma_label)
        .service(papers::rma_instructions)
        .service(rmas::rma_events)
        .service(commands::report_dead_on_arrival)
        .service(progress_requests::ask_for_progress)
        .service(attachments::rma_attachments)
        .service(attachments::attach_to_rma)
        .service(attachments::rma_attachment)
        .service(attachments::withdraw_from_rma)
        .service(queue::logistics_queue)
        .service(boxes::list_boxes)
        .service(dock::judge_box)
        .service(boxes::box_attachments)
        .service(boxes::attach_to_box)
        .service(boxes::box_attachment)
        .service(boxes::withdraw_from_box)
        .service(boxes::show_box)
        .service(register::list_accounts)
        .service(register::show_account)
        .service(product_life::product_life)
        .service(register::list_sites)
        .service(register::show_site)
        .service(register::show_unit)
        .service(unit_care::transfer_unit)
        .service(unit_care::mark_unit)
        .service(unit_care::reinstate_unit)
        .service(explain::explain_return_window)
        .service(explain::explain_warranty)
        .service(explain::explain_entitlement)
        .service(explain::explain_replacement)
        .service(explain::explain_repair)
        .service(explain::explain_analysis)
        .service(explain::explain_ra_eligibility)
        .service(explain::explain_rma)
        .service(explain::explain_unit)
        .service(reports::list_reports)
        .service(reports::run_report)
        .service(report_runs::list_runs)
        .service(report_runs::start_run)
        .service(report_runs::run_file)
        .service(report_runs::retry_run)
        .service(report_runs::show_run)
        .service(imports::import_file);
}
