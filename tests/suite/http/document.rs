//! The OpenAPI document: as it was agreed, and of the same routes as the table.

use std::collections::BTreeSet;

use homeward::http::{Access, Door, ROUTES, Route, document};

fn of_the_api() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(|route| route.door == Door::Token)
}

#[test]
fn the_document_is_as_agreed() {
    let text = document().to_pretty_json().expect("a document");
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("openapi", text);
    });
}

#[test]
fn every_route_has_its_row_and_every_row_its_route() {
    let document: serde_json::Value =
        serde_json::from_str(&document().to_json().expect("a document")).expect("JSON");
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item") {
            documented.insert((method.to_uppercase(), path.clone()));
            let responses = operation["responses"].as_object().expect("responses");
            for status in
                ["400", "401", "403", "404", "409", "412", "422", "428", "429", "500", "503"]
            {
                assert!(responses.contains_key(status), "{method} {path} says nothing of {status}");
            }
        }
    }
    let table: BTreeSet<(String, String)> =
        of_the_api().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
    assert_eq!(documented, table);
    let public: Vec<&str> = of_the_api()
        .filter(|route| route.access == Access::Public)
        .map(|route| route.path)
        .collect();
    assert_eq!(public, ["/api/v1/openapi.json"]);
}
