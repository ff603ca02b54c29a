//! The lists: sorted by any column, narrowed, read a page at a time.

use super::{Visitor, stage};
use crate::support::databases::each_database;

/// The RMA numbers of a page, in its order.
fn numbers(page: &str) -> Vec<String> {
    let links = page.split("class=\"key\" href=\"/rmas/").skip(1);
    links.map(|rest| rest.split('"').next().expect("a number").to_owned()).collect()
}

/// Where a link of these words leads.
fn link(page: &str, words: &str) -> Option<String> {
    let before = &page[..page.find(&format!("\">{words}</a>"))?];
    before.rsplit("href=\"").next().map(|href| href.replace("&#38;", "&"))
}

#[test]
fn trk_5_a_list_is_sorted_by_its_headings_and_read_page_by_page() {
    each_database("lists of the portal", |db| {
        let stage = stage(db, 30);
        let mut made: Vec<String> =
            (1..=30).map(|n| stage.request(&stage.admin, &format!("SN{n:03}"))).collect();
        let ann = Visitor::sign_in(&stage.service, "ann@northwind.example");
        let first = ann.page("/rmas");
        made.reverse();
        assert_eq!(numbers(&first), made[..25], "the newest first");
        assert!(first.contains("aria-sort=\"descending\""), "{first}");
        let second = ann.page(&link(&first, "Next page").expect("a next page"));
        assert_eq!(numbers(&second), made[25..]);
        assert_eq!(link(&second, "Next page"), None);
        let back = ann.page(&link(&second, "Previous page").expect("a previous page"));
        assert_eq!(numbers(&back), made[..25]);
        // By serial, both ways; the filter goes with it.
        let by_serial = link(&first, "Serial number").expect("a heading");
        let ascending = ann.page(&by_serial);
        assert!(ascending.contains("aria-sort=\"ascending\""), "{ascending}");
        made.reverse();
        assert_eq!(numbers(&ascending), made[..25]);
        let turned = ann.page(&link(&ascending, "Serial number").expect("a heading"));
        made.reverse();
        assert_eq!(numbers(&turned), made[..25]);
        let narrowed =
            ann.page("/rmas?q=&status=Open&stage=requested&serial_number=SN007&due_from=");
        assert_eq!(numbers(&narrowed).len(), 1, "{narrowed}");
        assert!(
            narrowed.contains("value=\"SN007\"") && narrowed.contains("Show all"),
            "{narrowed}"
        );
        let sorted = link(&narrowed, "Account").expect("a heading");
        assert!(
            sorted.contains("serial_number=SN007") && sorted.contains("sort=account"),
            "{sorted}"
        );
        assert!(ann.page("/rmas?status=Closed").contains("No RMA fits this."));
        for (bad, status) in [("status=Perhaps", 422), ("cursor=00", 400), ("colour=red", 422)] {
            let refused = ann.get(&format!("/rmas?{bad}"));
            assert_eq!(refused.status, status, "{bad}: {}", refused.text());
            assert!(refused.text().contains("<h1>"), "{bad}");
        }
        let start = ann.page("/");
        assert!(start.contains("More open RMAs") && numbers(&start).len() == 10, "{start}");
    });
}
