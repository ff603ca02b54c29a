//! The support portal's pages, through a real listening server.

mod access;
mod account;
mod browser;
mod forms;
mod lists;
mod sessions;
mod sign_in;

use crate::http::Stage;
use crate::support::databases::TestDatabase;
use crate::support::service::{Answer, Request, Service};

/// Of every user that a test makes.
pub const PASSWORD: &str = "correct horse battery";

/// Makes a user.
pub fn user(db: &TestDatabase, email: &str, role: &str, account: Option<&str>) {
    let file = db.folder().join("password");
    std::fs::write(&file, format!("{PASSWORD}\n")).expect("a file");
    let mut all = vec!["user", "create", "--email", email, "--role", role];
    all.extend(account.into_iter().flat_map(|name| ["--account", name]));
    all.extend(["--password-file", "password"]);
    let ran = db.homeward(&all);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
}

/// A browser without script, as far as these pages need one: it keeps the cookie.
pub struct Visitor<'a> {
    service: &'a Service,
    pub cookie: String,
}

impl<'a> Visitor<'a> {
    /// Signs in with the password of all.
    pub fn sign_in(service: &'a Service, email: &str) -> Self {
        let answer = try_to_sign_in(service, email, PASSWORD);
        assert_eq!((answer.status, answer.get("location")), (303, Some("/")), "{}", answer.text());
        Self { service, cookie: cookie(&answer) }
    }

    pub fn send(&self, request: Request) -> Answer {
        self.service.send(&request.header("cookie", &self.cookie))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path))
    }

    /// The text of a page that is there.
    pub fn page(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.get("content-type"), Some("text/html; charset=utf-8"), "{path}");
        answer.text()
    }

    /// Fills in the form at `from` and sends it to `to`.
    pub fn fill_in(&self, from: &str, to: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.page(from);
        let at = page.find(&format!("action=\"{to}\"")).expect("a form");
        let form = &page[at..];
        let csrf = hidden(form, "csrf").expect("a token");
        let once = hidden(form.split("</form>").next().expect("its end"), "once");
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(once.as_deref().map(|key| ("once", key)));
        all.extend(fields);
        self.send(Request::form(to, &all))
    }
}

/// What a browser keeps of an answer's cookie.
pub fn cookie(answer: &Answer) -> String {
    let set = answer.get("set-cookie").expect("a cookie");
    set.split(';').next().expect("a pair").to_owned()
}

/// The value of a hidden field.
pub fn hidden(page: &str, name: &str) -> Option<String> {
    let begin = format!("type=\"hidden\" name=\"{name}\" value=\"");
    let rest = &page[page.find(&begin)? + begin.len()..];
    rest.split('"').next().map(str::to_owned)
}

pub fn try_to_sign_in(service: &Service, email: &str, password: &str) -> Answer {
    service.send(&Request::form("/sign-in", &[("email", email), ("password", password)]))
}

/// A register, and somebody at Northwind who can sign in.
pub fn stage(db: &TestDatabase, units: usize) -> Stage {
    let stage = Stage::set(db, units);
    user(db, "ann@northwind.example", "customer", Some("Northwind"));
    stage
}

/// What the form for a case wants.
pub fn case_fields(serial: &str) -> Vec<(&str, &str)> {
    vec![
        ("serial_number", serial),
        ("priority", "3"),
        ("summary", "no power"),
        ("contact_name", "Ann"),
        ("contact_email", "ann@northwind.example"),
    ]
}
