//! Signing in: who may, how often, what the browser is given, where it is sent.

use super::{PASSWORD, Visitor, cookie, stage, try_to_sign_in, user};
use crate::http::Stage;
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::{Request, Service};

#[test]
fn sys_1_whoever_knows_the_password_is_let_in_and_nobody_else() {
    each_database("signing in", |db| {
        let stage = stage(db, 1);
        let service = &stage.service;
        let door = service.send(&Request::get("/"));
        assert_eq!(door.status, 200);
        assert!(door.text().contains("action=\"/sign-in\""), "{}", door.text());
        // Whether there is such a user is not told.
        let wrong = try_to_sign_in(service, "ann@northwind.example", "wrong horse battery");
        let nobody = try_to_sign_in(service, "eve@northwind.example", PASSWORD);
        let unnamed = |text: String| text.replace("ann@", "X@").replace("eve@", "X@");
        assert_eq!((wrong.status, nobody.status), (422, 422));
        assert_eq!(unnamed(wrong.text()), unnamed(nobody.text()));
        assert!(wrong.text().contains("E-mail address or password is wrong"), "{}", wrong.text());
        for answer in [&wrong, &nobody] {
            assert_eq!(answer.get("set-cookie"), None);
        }
        let ann = Visitor::sign_in(service, " Ann@Northwind.example");
        assert!(ann.page("/").contains("ann@northwind.example"));
        // A disabled user is out at once, and cannot come back.
        let ran = db.homeward(&["user", "disable", "ann@northwind.example"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(ann.get("/cases").status, 303);
        let disabled = try_to_sign_in(service, "ann@northwind.example", PASSWORD);
        assert_eq!((disabled.status, unnamed(disabled.text())), (422, unnamed(nobody.text())));
        let ran = db.homeward(&["user", "enable", "ann@northwind.example"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(ann.get("/cases").status, 303, "its old session stays ended");
        Visitor::sign_in(service, "ann@northwind.example");
    });
}

#[test]
fn tries_are_limited_by_address_and_by_user() {
    let db = TestDatabase::sqlite();
    let limit = [("HOMEWARD_SERVICE__SIGN_INS_A_MINUTE", "3")];
    let proxy = ("HOMEWARD_SERVICE__TRUSTED_PROXIES", "[\"127.0.0.1\"]");
    user(&db, "eva@vendor.example", "engineer", None);
    let service = Service::start_with(&db, &[limit[0], proxy]);
    let from = |address: &str, email: &str, password: &str| {
        let form = Request::form("/sign-in", &[("email", email), ("password", password)]);
        service.send(&form.header("x-forwarded-for", address))
    };
    // From one address, whoever it says it is.
    for n in 1..=3 {
        let email = format!("nobody{n}@vendor.example");
        assert_eq!(from("203.0.113.1", &email, "guess guess guess").status, 422);
    }
    let refused = from("203.0.113.1", "eva@vendor.example", PASSWORD);
    assert_eq!(refused.status, 429, "{}", refused.text());
    let wait: u64 = refused.get("retry-after").and_then(|s| s.parse().ok()).expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    // For one user, from wherever: the right password does not help any more.
    for n in 1..=3 {
        let guess =
            from(&format!("203.0.113.{}", 10 + n), "eva@vendor.example", "guess guess guess");
        assert_eq!(guess.status, 422);
    }
    let refused = from("203.0.113.20", "EVA@vendor.example", PASSWORD);
    assert_eq!(refused.status, 429, "{}", refused.text());
    assert_eq!(refused.get("set-cookie"), None);
    // Others go on.
    assert_eq!(from("203.0.113.21", "otto@vendor.example", PASSWORD).status, 422);
}

/// Nobody is kept out of where they work by another who knows their address alone.
#[test]
fn who_signed_in_from_somewhere_has_tries_of_their_own_there() {
    let db = TestDatabase::sqlite();
    let limits = [
        ("HOMEWARD_SERVICE__SIGN_INS_A_MINUTE", "3"),
        ("HOMEWARD_SERVICE__TRUSTED_PROXIES", "[\"127.0.0.1\"]"),
    ];
    user(&db, "eva@vendor.example", "engineer", None);
    user(&db, "otto@vendor.example", "engineer", None);
    let service = Service::start_with(&db, &limits);
    let from = |address: &str, email: &str, password: &str| {
        let form = Request::form("/sign-in", &[("email", email), ("password", password)]);
        service.send(&form.header("x-forwarded-for", address)).status
    };
    assert_eq!(from("203.0.113.1", "eva@vendor.example", PASSWORD), 303);
    for n in 2..=3 {
        assert_eq!(from(&format!("203.0.113.{n}"), "eva@vendor.example", "guess guess"), 422);
    }
    let elsewhere = "203.0.113.4";
    assert_eq!(from(elsewhere, "eva@vendor.example", PASSWORD), 429, "it was never hers");
    assert_eq!(from("203.0.113.1", "Eva@vendor.example", PASSWORD), 303);
    // Where she signed in is nobody else's home.
    for n in 5..=7 {
        assert_eq!(from(&format!("203.0.113.{n}"), "otto@vendor.example", "guess guess"), 422);
    }
    assert_eq!(from("203.0.113.1", "otto@vendor.example", PASSWORD), 429);
}

#[test]
fn the_cookie_is_protected_as_the_service_is_reached() {
    let db = TestDatabase::sqlite();
    user(&db, "eva@vendor.example", "engineer", None);
    // On the loopback address no browser would keep the protected one.
    let plain = Service::start(&db);
    let set = try_to_sign_in(&plain, "eva@vendor.example", PASSWORD);
    let set = set.get("set-cookie").expect("a cookie").to_owned();
    assert!(set.starts_with("homeward="), "{set}");
    for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=604800"] {
        assert!(set.contains(part), "{part}: {set}");
    }
    assert!(!set.contains("Secure") && !set.contains("Domain"), "{set}");
    let secret = cookie(&try_to_sign_in(&plain, "eva@vendor.example", PASSWORD));
    let secret = secret.strip_prefix("homeward=").expect("a value").to_owned();
    assert!(secret.len() == 64 && secret.bytes().all(|b| b.is_ascii_hexdigit()), "{secret}");
    // With TLS in front it is for TLS alone, and the other is not read.
    let url = [("HOMEWARD_SERVICE__PUBLIC_URL", "https://rma.vendor.example")];
    let tls = Service::start_with(&db, &url);
    let answer = try_to_sign_in(&tls, "eva@vendor.example", PASSWORD);
    let set = answer.get("set-cookie").expect("a cookie").to_owned();
    assert!(set.starts_with("__Host-homeward=") && set.contains("; Secure"), "{set}");
    let with = |cookie: &str| tls.send(&Request::get("/account").header("cookie", cookie)).status;
    assert_eq!(with(&cookie(&answer)), 200);
    assert_eq!(with(&format!("homeward={secret}")), 303);
    assert_eq!(with(&format!("__Host-homeward={secret}")), 200);
    // Two of them are nobody's: one was put there by somebody else.
    assert_eq!(with(&format!("__Host-homeward={secret}; __Host-homeward={secret}")), 303);
}

#[test]
fn after_signing_in_one_is_sent_to_pages_of_ours_alone() {
    let db = TestDatabase::sqlite();
    user(&db, "eva@vendor.example", "engineer", None);
    let service = Service::start(&db);
    let asked = service.send(&Request::get("/rmas?status=Open&q=a%26b"));
    let to = asked.get("location").expect("a way").to_owned();
    assert_eq!((asked.status, to.as_str()), (303, "/?next=%2Frmas%3Fstatus%3DOpen%26q%3Da%2526b"));
    let page = service.send(&Request::get(&to)).text();
    assert_eq!(super::hidden(&page, "next").as_deref(), Some("/rmas?status=Open&#38;q=a%26b"));
    for (next, to) in [
        ("/rmas?status=Open", "/rmas?status=Open"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("evil", "/"),
        ("/a\nlocation: //evil.example", "/"),
        ("", "/"),
    ] {
        let fields = [("email", "eva@vendor.example"), ("password", PASSWORD), ("next", next)];
        let answer = service.send(&Request::form("/sign-in", &fields));
        assert_eq!((answer.status, answer.get("location")), (303, Some(to)), "{next}");
    }
}

#[test]
fn a_password_kept_under_older_parameters_is_kept_anew_when_it_is_used() {
    use argon2::password_hash::PasswordHasher;
    use argon2::password_hash::phc::PasswordHash;
    use argon2::{Algorithm, Argon2, Params, Version};
    use diesel::prelude::*;
    use homeward::db::DbError;
    use homeward::db::schema::users;

    each_database("older parameters", |db| {
        user(db, "eva@vendor.example", "engineer", None);
        let params = Params::new(1024, 1, 1, None).expect("parameters");
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let salt = b"0123456789abcdef";
        let old: PasswordHash =
            weak.hash_password_with_salt(PASSWORD.as_bytes(), salt).expect("a hash");
        let keep = |c: &mut homeward::db::AnyConnection| {
            let set = users::password_hash.eq(old.to_string());
            diesel::update(users::table).set(set).execute(c).map_err(DbError::from)
        };
        db.write(keep).expect("keeping it");
        let kept = || {
            let read = |c: &mut homeward::db::AnyConnection| {
                users::table.select(users::password_hash).first::<String>(c).map_err(DbError::from)
            };
            db.read(read).expect("reading it")
        };
        let service = Service::start(db);
        assert_eq!(
            try_to_sign_in(&service, "eva@vendor.example", "wrong horse battery").status,
            422
        );
        assert_eq!(kept(), old.to_string());
        Visitor::sign_in(&service, "eva@vendor.example");
        let fresh = kept();
        assert!(fresh.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{fresh}");
        Visitor::sign_in(&service, "eva@vendor.example");
        assert_eq!(kept(), fresh);
    });
}

#[test]
fn passwords_are_judged_by_length_alone_and_kept_as_argon2id() {
    let db = TestDatabase::sqlite();
    Stage::set(&db, 0);
    let tried = |email: &str, password: &str| {
        std::fs::write(db.folder().join("p"), password).expect("a file");
        let with = ["--role", "engineer", "--password-file", "p"];
        db.homeward(&[&["user", "create", "--email", email][..], &with].concat())
    };
    for (password, said) in [
        ("elevenchars", "at least 12 characters"),
        ("", "at least 12 characters"),
        ("eva-the-engineer@vendor.example", "it is the e-mail address"),
        ("Eva-The-Engineer", "it is the e-mail address"),
        ("aaaaaaaaaaaaaaaa", "one character over and over"),
        (&"é".repeat(600), "at most 1024 bytes"),
    ] {
        let ran = tried("eva-the-engineer@vendor.example", password);
        assert_eq!(ran.code, 1, "{password}: {ran:?}");
        assert!(ran.err.contains(said), "{password}: {ran:?}");
    }
    for (n, good) in
        ["alllowercase", "一二三四五六七八九十甲乙", "with spaces in it"].iter().enumerate()
    {
        let ran = tried(&format!("good{n}@vendor.example"), good);
        assert_eq!(ran.code, 0, "{good}: {ran:?}");
    }
    let again = tried("good0@vendor.example", "alllowercase");
    assert!(again.code == 1 && again.err.contains("there is a user"), "{again:?}");
    // Without a file one is made and told on the standard output alone.
    let made = ["user", "create", "--email", "m@vendor.example", "--role", "finance"];
    let made = db.homeward(&made);
    assert_eq!((made.code, made.out.trim().len()), (0, 23), "{made:?}");
    let service = Service::start(&db);
    assert_eq!(try_to_sign_in(&service, "m@vendor.example", made.out.trim()).status, 303);
    let wrong_account = ["user", "create", "--email", "c@vendor.example", "--role", "customer"];
    let refused = db.homeward(&wrong_account);
    assert!(refused.code == 1 && refused.err.contains("account"), "{refused:?}");
    let no_address = db.homeward(&["user", "create", "--email", "x@y", "--role", "finance"]);
    assert!(no_address.code == 1 && no_address.err.contains("email: "), "{no_address:?}");
    let listed = db.homeward(&["user", "list"]).out;
    assert!(listed.contains("m@vendor.example\tfinance\t-\tUTC\t"), "{listed}");
    assert!(!listed.contains("argon2"), "{listed}");
}
