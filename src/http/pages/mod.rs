//! The support portal (SYS-1): pages to sign in to with a password. One file a page or a part of all pages;
//! the templates, the stylesheet and the script are compiled into the program. Every page goes through the use
//! cases and lists of the API, with the caller that a session gives in place of a token's.
//!
//! - `gate` lets in: the session, the origin of forms, the capability of the route's row, the headers;
//! - `form` reads what a form sends, `frame` is around every page, `fault` shows a problem as a page;
//! - `words`, `next_steps` and `times` say things the way people read them.

mod account;
mod assets;
mod case;
mod cases;
mod fault;
mod form;
mod frame;
mod gate;
mod list;
mod new_case;
mod next_steps;
mod papers;
mod progress;
mod rma;
mod rmas;
mod search;
mod sign_in;
mod start;
mod times;
mod tries;
mod words;

use actix_web::web::ServiceConfig;

pub use fault::{no_such_page, wants_a_page};
pub use gate::guard;
pub use tries::SignIns;

/// Every route of the pages; each has its row in the table of routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(start::start)
        .service(assets::asset)
        .service(sign_in::sign_in)
        .service(sign_in::sign_out)
        .service(search::search)
        .service(cases::list_cases)
        .service(new_case::open_case)
        .service(new_case::new_case)
        .service(case::show_case)
        .service(case::request_rma)
        .service(rmas::list_rmas)
        .service(papers::label)
        .service(papers::instructions)
        .service(progress::ask_for_progress)
        .service(rma::show_rma)
        .service(account::show_account)
        .service(account::set_zone)
        .service(account::change_password)
        .service(account::sign_out_everywhere);
}
