//! One's own account.

use super::{PASSWORD, Visitor, cookie, stage, try_to_sign_in};
use crate::support::databases::each_database;

#[test]
fn a_password_is_changed_by_whoever_knows_it_and_ends_other_sessions() {
    each_database("changing a password", |db| {
        let stage = stage(db, 1);
        let ann = Visitor::sign_in(&stage.service, "ann@northwind.example");
        let other = Visitor::sign_in(&stage.service, "ann@northwind.example");
        let change = |current: &str, new: &str, again: &str| {
            let fields = [("current", current), ("new", new), ("again", again)];
            ann.fill_in("/account", "/account/password", &fields)
        };
        for (current, new, again, said) in [
            (
                "wrong horse battery",
                "another long one",
                "another long one",
                "This is not your password.",
            ),
            (PASSWORD, "too short", "too short", "At least 12 characters are needed"),
            (PASSWORD, "another long one", "another long on", "This is not the same as above"),
            (PASSWORD, PASSWORD, PASSWORD, "This is the password you have."),
            (
                PASSWORD,
                "ann@northwind.example",
                "ann@northwind.example",
                "It is the e-mail address",
            ),
        ] {
            let refused = change(current, new, again);
            assert_eq!(refused.status, 422, "{said}");
            assert!(refused.text().contains(said), "{said}: {}", refused.text());
            assert!(
                !refused.text().contains(PASSWORD) && !refused.text().contains(new)
                    || new.contains('@')
            );
            other.page("/account");
        }
        let done = change(PASSWORD, "another long one", "another long one");
        assert_eq!((done.status, done.get("location")), (303, Some("/account?done=password")));
        let ann = Visitor { cookie: cookie(&done), service: &stage.service };
        assert!(ann.page("/account?done=password").contains("Your password is changed"));
        assert_eq!(other.get("/account").status, 303);
        assert_eq!(try_to_sign_in(&stage.service, "ann@northwind.example", PASSWORD).status, 422);
        let again = try_to_sign_in(&stage.service, "ann@northwind.example", "another long one");
        assert_eq!(again.status, 303);
    });
}

#[test]
fn amb_18_times_are_in_the_readers_zone_which_is_said_beside_them() {
    each_database("the reader's zone", |db| {
        let stage = stage(db, 1);
        let ann = Visitor::sign_in(&stage.service, "ann@northwind.example");
        let case = ann.fill_in("/cases/new", "/cases", &super::case_fields("SN001"));
        let path = case.get("location").expect("a case").to_owned();
        // That of the account's site, before one is chosen.
        let page = ann.page(&path);
        assert!(page.contains("Times in America/Chicago"), "{page}");
        assert!(page.contains(" CST") || page.contains(" CDT"), "{page}");
        let set = ann.fill_in("/account", "/account/zone", &[("zone", "Asia/Kathmandu")]);
        assert_eq!(set.get("location"), Some("/account?done=zone"), "{}", set.text());
        for path in [path.as_str(), "/cases", "/"] {
            let page = ann.page(path);
            assert!(page.contains("Times in Asia/Kathmandu"), "{path}: {page}");
            assert!(page.contains("UTC+05:45") && page.contains("+05:45\""), "{path}: {page}");
        }
        let refused = ann.fill_in("/account", "/account/zone", &[("zone", "Asia/Atlantis")]);
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("is no IANA time zone"), "{}", refused.text());
        let pacific = ann.page("/account");
        assert!(pacific.contains("<option>America/Los_Angeles</option>"), "Pacific can be chosen");
        assert!(pacific.contains("<option selected>Asia/Kathmandu</option>"));
    });
}
