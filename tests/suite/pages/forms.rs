//! Forms: where they may come from, what they do once, what they say when they are not taken.

use super::{Visitor, case_fields, hidden, stage, user};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::{Request, Service};

#[test]
fn sys_1_a_customer_opens_a_case_requests_an_rma_and_asks_for_progress() {
    each_database("the portal's way", |db| {
        let stage = stage(db, 1);
        let ann = Visitor::sign_in(&stage.service, "ann@northwind.example");
        let opened = ann.fill_in("/cases/new", "/cases", &case_fields("SN001"));
        assert_eq!(opened.status, 303, "{}", opened.text());
        let case = opened.get("location").expect("a case").to_owned();
        let number = case.strip_prefix("/cases/").expect("a number");
        let page = ann.page(&case);
        assert!(
            page.contains(number) && page.contains("no power") && page.contains("SN001"),
            "{page}"
        );
        let fields = [("serial_number", "SN001"), ("symptom", "no light at all")];
        let requested = ann.fill_in(&case, &format!("{case}/rmas"), &fields);
        assert_eq!(requested.status, 303, "{}", requested.text());
        let rma = requested.get("location").expect("an RMA").to_owned();
        let page = ann.page(&rma);
        for said in [
            "Requested",
            "<strong>You:</strong> keep the unit where it is",
            "<strong>Support:</strong> confirms the failure.",
            "As things stand a replacement will be sent in advance.",
            "The RMA was requested",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(!page.contains("label.pdf"), "nothing is to be sent yet: {page}");
        let fields = [("about", "creation_status"), ("text", "is it confirmed?")];
        let asked = ann.fill_in(&rma, &format!("{rma}/progress-requests"), &fields);
        assert_eq!(
            asked.get("location"),
            Some(format!("{rma}#progress").as_str()),
            "{}",
            asked.text()
        );
        for path in [&rma, &case] {
            let page = ann.page(path);
            assert!(
                page.contains("is it confirmed?") && page.contains("Waits for an answer"),
                "{page}"
            );
        }
        assert!(!ann.page(&rma).contains("/progress-requests\""), "one waits already");
        let rma_number = rma.strip_prefix("/rmas/").expect("a number");
        // What the page says of dates is what `explain rma` says.
        for command in [
            serde_json::json!({ "command": "create", "diagnosis": "dead" }),
            serde_json::json!({ "command": "issue" }),
        ] {
            stage.command(rma_number, &command);
        }
        let page = ann.page(&rma);
        let told = stage.get(&stage.admin, &format!("/api/v1/explain/rma/{rma_number}"));
        let dates = told["dates"].as_array().expect("dates");
        assert!(dates.len() > 1, "{told}");
        for date in dates {
            let because = date["because"].as_str().expect("a sentence");
            let because = because.replace('\'', "&#39;");
            assert!(page.contains(&because), "{because}: {page}");
            assert!(page.contains(&format!(">{}</span>", date["rule"].as_str().expect("a rule"))));
        }
        for paper in ["label.pdf", "instructions.pdf?paper=letter"] {
            let pdf = ann.get(&format!("{rma}/{paper}"));
            assert_eq!((pdf.status, pdf.get("content-type")), (200, Some("application/pdf")));
            assert!(pdf.body.starts_with(b"%PDF-"));
        }
        for (query, path) in [(number, &case), (rma_number, &rma), ("SN001", &rma)] {
            let found = ann.page(&format!("/search?q={query}"));
            assert!(found.contains(&format!("href=\"{path}\"")), "{query}: {found}");
        }
    });
}

#[test]
fn a_form_from_elsewhere_is_refused_and_nothing_is_done() {
    each_database("forms from elsewhere", |db| {
        let stage = stage(db, 1);
        let ann = Visitor::sign_in(&stage.service, "ann@northwind.example");
        let other = Visitor::sign_in(&stage.service, "ann@northwind.example");
        let csrf = hidden(&ann.page("/cases/new"), "csrf").expect("a token");
        let foreign = hidden(&other.page("/cases/new"), "csrf").expect("a token");
        assert_ne!(csrf, foreign, "each session has its own");
        let mut fields = case_fields("SN001");
        fields.push(("csrf", &csrf));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let bare = || {
            Request::new("POST", "/cases")
                .header("content-type", "application/x-www-form-urlencoded")
                .bytes(body.clone())
        };
        let origin = format!("http://{}", stage.service.address());
        for (what, request) in [
            ("says nothing", bare()),
            ("cross-site", bare().header("sec-fetch-site", "cross-site")),
            ("same-site", bare().header("sec-fetch-site", "same-site")),
            ("user", bare().header("sec-fetch-site", "none")),
            ("origin", bare().header("origin", "https://evil.example")),
            ("null", bare().header("origin", "null")),
            ("both", bare().header("sec-fetch-site", "cross-site").header("origin", &origin)),
        ] {
            let refused = ann.send(request);
            assert_eq!(refused.status, 403, "{what}: {}", refused.text());
            assert!(refused.text().contains("You may not do this"), "{what}");
        }
        for token in [Some(foreign.as_str()), Some("x"), None] {
            let mut fields = case_fields("SN001");
            fields.extend(token.map(|token| ("csrf", token)));
            let refused = ann.send(Request::form("/cases", &fields));
            assert_eq!(refused.status, 403, "{token:?}: {}", refused.text());
        }
        // Nobody is signed in from elsewhere either, nor by a form of the API's media type.
        let form = [("email", "ann@northwind.example"), ("password", super::PASSWORD)];
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let from = Request::new("POST", "/sign-in")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "cross-site")
            .bytes(form);
        assert_eq!(stage.service.send(&from).status, 403);
        let json =
            Request::post("/cases", &serde_json::json!({})).header("sec-fetch-site", "same-origin");
        assert_eq!(ann.send(json).status, 415);
        assert!(ann.page("/cases").contains("There is no case yet"), "nothing was opened");
        // An older browser says its origin alone.
        assert_eq!(ann.send(bare().header("origin", &origin)).status, 303);
        // The API is not open to a session.
        let api = ann.get("/api/v1/cases");
        api.problem(401, "unauthenticated");
    });
}

#[test]
fn a_double_click_makes_one_case() {
    each_database("a double click", |db| {
        let stage = stage(db, 1);
        let ann = Visitor::sign_in(&stage.service, "ann@northwind.example");
        let page = ann.page("/cases/new");
        let (csrf, once) =
            (hidden(&page, "csrf").expect("a token"), hidden(&page, "once").expect("a key"));
        let mut fields = case_fields("SN001");
        fields.extend([("csrf", csrf.as_str()), ("once", once.as_str())]);
        let click = || ann.send(Request::form("/cases", &fields));
        let answers: Vec<_> = std::thread::scope(|scope| {
            let clicks: Vec<_> = (0..4).map(|_| scope.spawn(click)).collect();
            clicks.into_iter().map(|click| click.join().expect("an answer")).collect()
        });
        let first = answers[0].get("location").expect("a case").to_owned();
        for answer in &answers {
            assert_eq!((answer.status, answer.get("location")), (303, Some(first.as_str())));
        }
        assert_eq!(ann.page("/cases").matches("class=\"key\"").count(), 1);
        // The same form with something else in it is told apart.
        fields.retain(|(name, _)| *name != "summary");
        fields.push(("summary", "something else"));
        let other = ann.send(Request::form("/cases", &fields));
        assert_eq!(other.status, 422, "{}", other.text());
        assert!(other.text().contains("This form was sent before"), "{}", other.text());
        // Another's key is another's.
        user(db, "eva@vendor.example", "engineer", None);
        let eva = Visitor::sign_in(&stage.service, "eva@vendor.example");
        let csrf = hidden(&eva.page("/cases/new"), "csrf").expect("a token");
        let mut fields = case_fields("SN001");
        fields.extend([("csrf", csrf.as_str()), ("once", once.as_str())]);
        let made = eva.send(Request::form("/cases", &fields));
        assert_eq!(made.status, 303, "{}", made.text());
        assert_ne!(made.get("location"), Some(first.as_str()));
    });
}

#[test]
fn what_is_wrong_stands_beside_its_field_and_what_was_typed_stays() {
    each_database("refused forms", |db| {
        let stage = stage(db, 1);
        let ann = Visitor::sign_in(&stage.service, "ann@northwind.example");
        let fields = [
            ("serial_number", "CN001"),
            ("priority", "3"),
            ("summary", "line one\r\nline two"),
            ("contact_name", "Ann"),
            ("contact_email", "ann@northwind.example"),
            ("customer_reference", "PO <7>"),
        ];
        let refused = ann.fill_in("/cases/new", "/cases", &fields);
        let page = refused.text();
        assert_eq!(refused.status, 422, "{page}");
        for said in [
            "id=\"serial_number-wrong\">There is no unit CN001 among those you see; check the number.",
            "aria-invalid=\"true\" aria-describedby=\"serial_number-wrong\"",
            ">line one\nline two</textarea>",
            "value=\"PO &#60;7&#62;\"",
            "role=\"alert\"",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let empty = ann.fill_in("/cases/new", "/cases", &[("contact_email", "ann at home")]);
        let page = empty.text();
        for field in ["serial_number", "priority", "summary", "contact_name"] {
            assert!(page.contains(&format!("id=\"{field}-wrong\"")), "{field}: {page}");
        }
        let unknown = ann.fill_in("/cases/new", "/cases", &[("is_admin", "true")]);
        assert_eq!(unknown.status, 422);
        assert!(ann.page("/cases").contains("There is no case yet"));
        // A rule's refusal is said as the API says it.
        let case = ann.fill_in("/cases/new", "/cases", &case_fields("SN001"));
        let case = case.get("location").expect("a case").to_owned();
        let request = || {
            let fields = [("serial_number", "SN001"), ("symptom", "dead")];
            ann.fill_in(&case, &format!("{case}/rmas"), &fields)
        };
        assert_eq!(request().status, 303);
        let second = request();
        assert_eq!(second.status, 409, "{}", second.text());
        assert!(second.text().contains("role=\"alert\""), "{}", second.text());
    });
}

#[test]
fn text_of_others_is_text_on_every_page() {
    each_database("text of others", |db| {
        let stage = stage(db, 1);
        user(db, "eva@vendor.example", "engineer", None);
        let eva = Visitor::sign_in(&stage.service, "eva@vendor.example");
        let evil = "<script>alert(1)</script>\"><img src=x onerror=alert(1)>'";
        let fields = [
            ("serial_number", "CN001"),
            ("priority", "1"),
            ("summary", evil),
            ("contact_name", evil),
            ("contact_email", "li@yuanhang.example"),
            ("customer_reference", evil),
            ("kind", "rma"),
        ];
        let opened = eva.fill_in("/cases/new", "/cases", &fields);
        assert_eq!(opened.status, 303, "{}", opened.text());
        let case = opened.get("location").expect("a case").to_owned();
        let fields = [("serial_number", "CN001"), ("symptom", evil)];
        let rma = eva.fill_in(&case, &format!("{case}/rmas"), &fields);
        let rma = rma.get("location").expect("an RMA").to_owned();
        user(db, "li@yuanhang.example", "customer", Some("上海远航"));
        let li = Visitor::sign_in(&stage.service, "li@yuanhang.example");
        let fields = [("about", "shipment_update"), ("text", evil)];
        let asked = li.fill_in(&rma, &format!("{rma}/progress-requests"), &fields);
        assert_eq!(asked.status, 303, "{}", asked.text());
        let coded = form_urlencoded::byte_serialize(evil.as_bytes()).collect::<String>();
        let search = format!("/search?q={coded}");
        let narrowed = format!("/cases?contact={coded}&account={coded}");
        for path in ["/", "/cases", "/rmas", &case, &rma, &search, &narrowed] {
            let page = li.page(path);
            assert!(
                !page.contains("<script>alert") && !page.contains("<img src=x"),
                "{path}: {page}"
            );
            assert!(!page.contains("onerror=alert(1)>\""), "{path}: {page}");
            let is_list = ["/", "/rmas"].contains(&path);
            assert!(is_list || page.contains("&#60;script&#62;alert(1)"), "{path}: {page}");
        }
        assert!(li.page(&case).contains("上海远航"));
        assert!(li.page(&rma).contains("上海远航"));
        // The form to sign in says back what was typed, too.
        let back = super::try_to_sign_in(&stage.service, evil, "some long password");
        assert!(!back.text().contains("<script>alert"), "{}", back.text());
        let next = stage.service.send(&Request::get(&format!("/?next=/{coded}")));
        assert!(!next.text().contains("<script>alert"), "{}", next.text());
    });
}

#[test]
fn every_page_is_protected_and_whole() {
    let db = TestDatabase::sqlite();
    user(&db, "eva@vendor.example", "engineer", None);
    let service = Service::start(&db);
    let eva = Visitor::sign_in(&service, "eva@vendor.example");
    let policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                  form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    for path in
        ["/", "/cases", "/cases/new", "/rmas", "/search", "/account", "/cases/2026-0101-000001"]
    {
        let answer = eva.get(path);
        for (name, value) in [
            ("content-security-policy", policy),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.get(name), Some(value), "{path}");
        }
        let page = answer.text();
        for inline in ["<style", "style=\"", "onclick", "javascript:", "http://", "https://"] {
            assert!(!page.contains(inline), "{path} has {inline}: {page}");
        }
        assert_eq!(page.matches("<script").count(), 1, "{path}");
        assert!(page.contains("lang=\"en\"") && page.contains("id=\"main\""), "{path}");
        for asset in page.split('"').filter(|text| text.starts_with("/assets/")) {
            let asset = service.send(&Request::get(asset));
            assert_eq!(asset.status, 200);
            assert_eq!(asset.get("cache-control"), Some("public, max-age=31536000, immutable"));
        }
    }
    let browser = Request::get("/no/such/page").header("accept", "text/html,*/*;q=0.8");
    let lost = service.send(&browser);
    assert!(lost.status == 404 && lost.text().contains("There is nothing here"), "{}", lost.text());
    assert_eq!(lost.get("content-security-policy"), Some(policy));
    service.send(&Request::get("/no/such/page")).problem(404, "not-found");
    // Whoever loads the address of a form again is sent to its page.
    for (form, page) in [
        ("/sign-in", "/"),
        ("/account/password", "/account"),
        ("/rmas/R0000000001/progress-requests", "/rmas/R0000000001"),
    ] {
        let again = eva.send(Request::get(form).header("accept", "text/html"));
        assert_eq!((again.status, again.get("location")), (303, Some(page)), "{form}");
    }
}
