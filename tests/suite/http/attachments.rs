//! Files through the door: kept once, handed out to be saved, judged by their bytes, seen by whom they
//! concern (T13, AMB-14, AMB-26, SYS-13).

use serde_json::{Value, json};

use super::{Stage, token};
use crate::support::databases::each_database;
use crate::support::files::{jpeg, pdf, png, sha256, today};
use crate::support::service::{Answer, Request, Service};
use crate::support::snapshot::{assert_same, snapshot};

const ANN: &[&str] =
    &["--role", "customer", "--user", "ann@northwind.example", "--account", "Northwind"];

/// A file on its way in, under a kind and a name as they stand in the address.
fn given(path: &str, kind: &str, name: &str, media_type: &str, bytes: &[u8]) -> Request {
    Request::new("POST", &format!("{path}/attachments?kind={kind}&name={name}"))
        .header("content-type", media_type)
        .bytes(bytes)
}

fn of(number: &str) -> String {
    format!("/api/v1/rmas/{number}")
}

/// An RMA under contract that is issued, requested by Ann.
fn issued(stage: &Stage, ann: &str, serial: &str) -> String {
    let number = stage.request(ann, serial);
    stage.command(&number, &json!({ "command": "create", "diagnosis": "dead" }));
    stage.command(&number, &json!({ "command": "issue" }));
    number
}

#[test]
fn a_file_is_kept_once_and_handed_out_to_be_saved() {
    each_database("files in and out", |db| {
        let stage = Stage::set(db, 1);
        let ann = token(db, ANN);
        let rma = of(&stage.request(&ann, "SN001"));
        let proof = pdf("signed for at gate 2");
        let sent =
            given(&rma, "delivery_proof", "Beweis%20%E2%82%AC.pdf", "application/pdf", &proof)
                .token(&ann)
                .header("idempotency-key", "once");
        let answer = stage.service.send(&sent);
        let kept = answer.expect(201);
        assert_eq!(
            (&kept["kind"], &kept["name"], &kept["media_type"], &kept["given_by"]),
            (
                &json!("delivery_proof"),
                &json!("Beweis €.pdf"),
                &json!("application/pdf"),
                &json!("customer:ann@northwind.example")
            )
        );
        assert_eq!((&kept["size"], &kept["sha256"]), (&json!(proof.len()), &json!(sha256(&proof))));
        let file = kept["file"].as_str().expect("its place").to_owned();
        assert_eq!(answer.get("location"), Some(file.as_str()));

        // Under the same key, and without one: the same attachment.
        let replayed = stage.service.send(&sent);
        assert_eq!(
            (replayed.expect(201), replayed.get("idempotency-replayed")),
            (kept.clone(), Some("true"))
        );
        let other = given(&rma, "delivery_proof", "other.pdf", "application/octet-stream", &proof);
        assert_eq!(stage.service.send(&other.clone().token(&ann)).expect(200), kept);
        let reused = other.token(&ann).header("idempotency-key", "once");
        stage.service.send(&reused).problem(422, "key-reused");
        let listed = stage.get(&ann, &format!("{rma}/attachments"));
        assert_eq!(listed, json!({ "attachments": [kept] }));

        let fetched = stage.service.send(&Request::get(&file).token(&ann));
        assert_eq!((fetched.status, &fetched.body), (200, &proof));
        for (header, value) in [
            ("content-type", "application/pdf"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            (
                "content-disposition",
                "attachment; filename=\"Beweis _.pdf\"; filename*=UTF-8''Beweis%20%E2%82%AC.pdf",
            ),
        ] {
            assert_eq!(fetched.get(header), Some(value), "{header}");
        }
        let tag = format!("\"{}\"", sha256(&proof));
        assert_eq!(fetched.get("etag"), Some(tag.as_str()));
        let had = Request::get(&file).token(&ann).header("if-none-match", &tag);
        assert_eq!(stage.service.send(&had).status, 304);
        let picky = Request::get(&file).token(&ann).header("accept", "image/png");
        stage.service.send(&picky).problem(406, "not-acceptable");

        // A case keeps files as well, of one kind; and the kinds are for their roles.
        let case = stage.get(&ann, &rma)["case_number"].as_str().expect("a case").to_owned();
        let case = format!("/api/v1/cases/{case}");
        let photo = given(&case, "other", "rack.jpg", "image/jpeg", &jpeg()).token(&ann);
        let at =
            stage.service.send(&photo).expect(201)["file"].as_str().expect("a place").to_owned();
        assert_eq!(stage.service.send(&Request::get(&at).token(&ann)).body, jpeg());
        let wrong = given(&case, "carrier_label", "l.pdf", "application/pdf", &proof);
        let problem = stage.service.send(&wrong.token(&stage.admin)).problem(422, "invalid");
        assert_eq!(problem["errors"][0]["field"], "kind");
        for kind in ["carrier_label", "dock_photo"] {
            let wrong = given(&rma, kind, "l.pdf", "application/pdf", &proof).token(&ann);
            stage.service.send(&wrong).problem(403, "forbidden");
        }
        let verified = db.homeward(&["verify"]);
        assert_eq!((verified.code, verified.out.contains(" 2 files ")), (0, true), "{verified:?}");
    });
}

#[test]
fn names_and_bytes_that_are_not_what_they_seem_are_refused() {
    each_database("hostile files", |db| {
        let stage = Stage::set(db, 1);
        let rma = of(&stage.request(&stage.admin, "SN001"));
        let before = snapshot(db);
        let send = |name: &str, media_type: &str, bytes: &[u8]| {
            let request = given(&rma, "other", name, media_type, bytes);
            stage.service.send(&request.token(&stage.admin))
        };
        for name in [
            "",
            "..",
            "..%2Fa.png",
            "C:%5Ca.png",
            "%2Fetc%2Fpasswd",
            ".htaccess",
            "a%0D%0ASet-Cookie:%20x=1.png",
            "a%00.png",
            "a%7F.png",
            "%20a.png",
            "gnp.%E2%80%AEfdp",
            "a%E2%80%A8b.png",
            &"x".repeat(121),
        ] {
            let problem = send(name, "image/png", &png()).problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], "name", "{name}: {problem}");
        }
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        let page = b"<!doctype html><script>alert(1)</script>";
        let with = |whole: Vec<u8>, more: &[u8]| [&whole[..], more].concat();
        let mut comment = jpeg();
        comment.splice(2..2, [&b"\xff\xfe\x00\x1c"[..], b"<script>alert(1)</script>"].concat());
        let mut both = jpeg();
        both.splice(2..2, [&b"\xff\xfe\x00\x0b"[..], b"%PDF-1.4\n"].concat());
        // A whole picture in front of the one that is shown, as cameras write it.
        let small = [&b"Exif\0\0"[..], &jpeg()].concat();
        let length = u16::try_from(small.len() + 2).expect("a segment").to_be_bytes();
        let mut preview = jpeg();
        preview.splice(2..2, [&b"\xff\xe1"[..], &length, &small].concat());
        let shown = preview.clone();
        preview.truncate(preview.len() - 3);
        let archive = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        for (what, media_type, bytes) in [
            ("SVG as PNG", "image/png", svg.to_vec()),
            ("HTML as PDF", "application/pdf", page.to_vec()),
            ("HTML before PDF", "application/pdf", with(page.to_vec(), &pdf("x"))),
            ("a PNG as PDF", "application/pdf", png()),
            ("a PDF as JPEG", "image/jpeg", pdf("x")),
            ("a program", "application/octet-stream", b"\x7fELF\x02\x01\x01".to_vec()),
            ("half a PNG", "image/png", png()[..40].to_vec()),
            ("a PNG with a page behind", "image/png", with(png(), page)),
            ("half a JPEG", "image/jpeg", jpeg()[..100].to_vec()),
            ("a JPEG cut off behind its preview", "image/jpeg", preview),
            ("a page in a JPEG", "image/jpeg", comment),
            ("a JPEG that is a PDF", "image/jpeg", both),
            ("a PDF that is an archive", "application/pdf", with(pdf("x"), archive)),
            ("half a PDF", "application/pdf", b"%PDF-1.4\n1 0 obj".to_vec()),
            ("said to be HTML", "text/html", png()),
            ("said to be SVG", "image/svg+xml", png()),
        ] {
            let answer = send("a.png", media_type, &bytes);
            match media_type {
                "text/html" | "image/svg+xml" => answer.problem(415, "unsupported-media-type"),
                _ => {
                    let problem = answer.problem(422, "invalid");
                    assert_eq!(problem["errors"][0]["field"], "body", "{what}: {problem}");
                    problem
                }
            };
        }
        let empty = send("a.png", "image/png", b"").problem(422, "invalid");
        assert_eq!(empty["errors"][0]["field"], "body");
        let unsaid = Request::new("POST", &format!("{rma}/attachments?kind=other&name=a.png"));
        stage
            .service
            .send(&unsaid.bytes(png()).token(&stage.admin))
            .problem(415, "unsupported-media-type");
        assert_same(&before, &snapshot(db), "hostile files");

        send("shown.jpg", "image/jpeg", &shown).expect(201);

        // A name that ends as something else is handed out with the ending of its bytes.
        let kept = send("page.html", "image/png", &png()).expect(201);
        assert_eq!(
            (&kept["name"], &kept["media_type"]),
            (&json!("page.html"), &json!("image/png"))
        );
        let file = Request::get(kept["file"].as_str().expect("a place")).token(&stage.admin);
        let fetched = stage.service.send(&file);
        assert_eq!(fetched.get("content-type"), Some("image/png"));
        let disposition = fetched.get("content-disposition").expect("a name");
        assert!(disposition.starts_with("attachment; filename=\"page.html.png\""), "{disposition}");
        // Quotes and semicolons make no second parameter.
        let quoted = with(png(), b"");
        let kept = stage.service.send(
            &given(
                &of("1"),
                "dock_photo",
                "a%22%3B%20filename%3Dx.exe%3B.png",
                "image/png",
                &quoted,
            )
            .token(&stage.admin),
        );
        let file = kept.expect(201)["file"].as_str().expect("a place").to_owned();
        let fetched = stage.service.send(&Request::get(&file).token(&stage.admin));
        assert_eq!(
            fetched.get("content-disposition"),
            Some(
                "attachment; filename=\"a__ filename_x.exe_.png\"; \
                 filename*=UTF-8''a%22%3B%20filename%3Dx.exe%3B.png"
            )
        );
    });
}

/// What a server says to the beginning of a request whose body never comes.
fn told_at_once(service: &Service, head: &str) -> Answer {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(service.address()).expect("a connection");
    stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).expect("a limit");
    stream.write_all(head.as_bytes()).expect("the head");
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
        }
        if let Some(answer) = Answer::parse(&bytes, false) {
            return answer;
        }
    }
    panic!("no answer: {}", String::from_utf8_lossy(&bytes));
}

#[test]
fn what_is_too_large_or_too_much_is_refused() {
    each_database("limits of files", |db| {
        let stage = Stage::set(db, 1);
        let rma = of(&stage.request(&stage.admin, "SN001"));
        let before = snapshot(db);
        // Refused by what it says of itself: not one byte of it is sent.
        let head = format!(
            "POST {rma}/attachments?kind=other&name=a.pdf HTTP/1.1\r\nhost: x\r\n\
             authorization: Bearer {}\r\ncontent-type: application/pdf\r\n\
             content-length: 10485761\r\n\r\n",
            stage.admin
        );
        told_at_once(&stage.service, &head).problem(413, "too-large");
        // In pieces it says nothing of itself: refused when it becomes too large, and no further read.
        let head = head.replace("content-length: 10485761", "transfer-encoding: chunked");
        let piece = format!("100000\r\n{}\r\n", "x".repeat(1 << 20));
        told_at_once(&stage.service, &format!("{head}{}", piece.repeat(11)))
            .problem(413, "too-large");
        assert_same(&before, &snapshot(db), "files that are too large");

        let mut whole = pdf("as large as it may be");
        let comment =
            [b"%".to_vec(), vec![b'x'; (10 << 20) - whole.len() - 2], b"\n".to_vec()].concat();
        whole.splice(9..9, comment);
        assert_eq!(whole.len(), 10 << 20);
        let sent = given(&rma, "other", "a.pdf", "application/pdf", &whole).token(&stage.admin);
        let file =
            stage.service.send(&sent).expect(201)["file"].as_str().expect("a place").to_owned();
        let fetched = stage.service.send(&Request::get(&file).token(&stage.admin));
        assert_eq!((fetched.status, fetched.body == whole), (200, true));
        drop(stage);

        let few = Service::start_with(db, &[("HOMEWARD_ATTACHMENTS__EACH", "3")]);
        let admin = token(db, &["--role", "administrator"]);
        let send = |text: &str| {
            few.send(&given(&rma, "other", "b.pdf", "application/pdf", &pdf(text)).token(&admin))
        };
        let second = send("second").expect(201);
        send("third").expect(201);
        let problem = send("fourth").problem(409, "refused");
        assert!(problem["detail"].as_str().is_some_and(|d| d.contains("3 files")), "{problem}");
        // One of those that are kept is no other.
        assert_eq!(send("second").expect(200)["id"], second["id"]);
        // What is withdrawn makes room.
        let path = format!("{rma}/attachments/{}/withdrawal", second["id"]);
        few.send(&Request::post(&path, &json!({ "reason": "wrong" })).token(&admin)).expect(200);
        send("fourth").expect(201);
    });
}

#[test]
fn t13_a_claim_names_its_proof_and_logistics_sees_it() {
    each_database("a claim's proof", |db| {
        let stage = Stage::set(db, 2);
        let ann = token(db, ANN);
        let number = issued(&stage, &ann, "SN001");
        let rma = of(&number);
        let proof = given(&rma, "delivery_proof", "pod.jpg", "image/jpeg", &jpeg()).token(&ann);
        let proof = stage.service.send(&proof).expect(201);
        let claim = |attachments: Value| {
            let body = json!({
                "command": "claim_delivery", "proof": "signed at gate 2", "attachments": attachments,
                "delivered_on": today(), "occurred_at": chrono::Utc::now().to_rfc3339()
            });
            stage.service.send(&Request::post(&format!("{rma}/commands"), &body).token(&ann))
        };
        for none in [json!([]), json!([99])] {
            assert_eq!(claim(none).problem(409, "refused")["rule"], "T13");
        }
        for odd in [json!("7"), json!(["7"]), Value::Null] {
            assert_eq!(claim(odd).problem(422, "invalid")["errors"][0]["field"], "attachments");
        }
        claim(json!([proof["id"]])).expect(200);

        let lou = token(db, &["--role", "logistics"]);
        let queue = stage.get(&lou, "/api/v1/logistics/queue?task=decide_claim");
        assert_eq!(queue["items"][0]["proofs"], json!([proof]), "{queue}");
        let seen = stage.get(&lou, &rma)["claim"].clone();
        let named = json!([{ "attachment": proof["id"], "sha256": sha256(&jpeg()), "file": proof["file"] }]);
        assert_eq!(seen["proofs"], named, "{seen}");
        let link = proof["file"].as_str().expect("a link");
        assert_eq!(stage.service.send(&Request::get(link).token(&lou)).body, jpeg());

        // Another customer's proof is as absent as one that never was.
        let li = token(db, &["--role", "account_admin", "--account", "上海远航"]);
        for path in [link.to_owned(), format!("{rma}/attachments"), format!("{rma}/attachments/99")]
        {
            stage.service.send(&Request::get(&path).token(&li)).problem(404, "not-found");
        }
        // Nor is it another RMA's.
        let other = issued(&stage, &ann, "SN002");
        let through = link.replace(&number, &other);
        stage.service.send(&Request::get(&through).token(&ann)).problem(404, "not-found");

        // Withdrawn by logistics alone: the bytes go, who and why stay, and the event keeps its hash.
        let path = format!("{rma}/attachments/{}/withdrawal", proof["id"]);
        let reason = json!({ "reason": "it shows another's address" });
        stage.service.send(&Request::post(&path, &reason).token(&ann)).problem(403, "forbidden");
        let withdrawn = stage.post(&lou, &path, &reason, 200);
        assert_eq!((&withdrawn["file"], &withdrawn["sha256"]), (&Value::Null, &proof["sha256"]));
        assert_eq!(withdrawn["withdrawn"]["reason"], "it shows another's address");
        let listed = stage.get(&ann, &format!("{rma}/attachments"));
        assert_eq!(listed["attachments"][0], withdrawn);
        let gone = stage.service.send(&Request::get(link).token(&ann)).problem(410, "gone");
        assert!(gone["detail"].as_str().is_some_and(|d| d.contains("another's address")), "{gone}");
        stage.service.send(&Request::post(&path, &reason).token(&lou)).problem(410, "gone");
        let queue = stage.get(&lou, "/api/v1/logistics/queue?task=decide_claim");
        assert_eq!(queue["items"][0]["proofs"], json!([]));
        assert_eq!(stage.get(&lou, &rma)["claim"]["proofs"][0]["sha256"], sha256(&jpeg()));
        let verified = db.homeward(&["verify"]);
        assert_eq!(verified.code, 0, "{verified:?}");
    });
}

#[test]
fn amb_14_refused_boxes_are_listed_with_their_photos() {
    each_database("boxes on record", |db| {
        let stage = Stage::set(db, 2);
        let dee = token(db, &["--role", "dock"]);
        let arrive = |body: Value| {
            let mut body = body;
            body["site"] = json!("CM-MX");
            body["occurred_at"] = json!(chrono::Utc::now().to_rfc3339());
            stage.post(&dee, "/api/v1/dock/arrivals", &body, 200)
        };
        let refused =
            arrive(json!({ "marked": "RMA 12?", "serial_number": "XX-1", "box": "1Z999" }));
        assert_eq!((&refused["verdict"], &refused["rma"]), (&json!("refuse"), &Value::Null));
        let at = format!("/api/v1/dock/arrivals/{}", refused["box"]);
        let photo = given(&at, "dock_photo", "box.jpg", "image/jpeg", &jpeg()).token(&dee);
        let photo = stage.service.send(&photo).expect(201);
        assert_eq!(photo["box"], refused["box"]);
        arrive(json!({ "serial_number": "XX-2" }));
        arrive(json!({ "serial_number": "XX-3" }));

        let lou = token(db, &["--role", "logistics"]);
        let list = |query: &str| stage.get(&lou, &format!("/api/v1/dock/arrivals?{query}"));
        let found = list("verdict=refuse&q=1Z999")["items"].clone();
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
        let one = &found[0];
        assert_eq!(
            (&one["site"], &one["marked"], &one["serial_number"], &one["box"]),
            (&json!("CM-MX"), &json!("RMA 12?"), &json!("XX-1"), &json!("1Z999"))
        );
        assert!(one["judged_by"].as_str().is_some_and(|by| by.starts_with("dock:")), "{one}");
        assert!(one["reason"].as_str().is_some_and(|why| why.contains("sender's cost")), "{one}");
        let kept = stage.get(&lou, one["attachments"].as_str().expect("a link"));
        assert_eq!(kept["attachments"], json!([photo]));
        // A page at a time, from the last to the first and back.
        let first = list("verdict=refuse&limit=2");
        let read = |page: &Value| -> Vec<String> {
            let items = page["items"].as_array().expect("items").iter();
            items.map(|item| item["serial_number"].as_str().unwrap_or("-").to_owned()).collect()
        };
        assert_eq!(read(&first), ["XX-3", "XX-2"]);
        let next = first["next"].as_str().expect("a next page");
        let second = list(&format!("verdict=refuse&limit=2&cursor={next}"));
        assert_eq!(read(&second), ["XX-1"]);
        let back = second["previous"].as_str().expect("a page before");
        assert_eq!(read(&list(&format!("verdict=refuse&limit=2&cursor={back}"))), ["XX-3", "XX-2"]);
        assert_eq!(list("site=DEP-1")["items"], json!([]));
        // A number is found however it was written outside, and however it is asked for.
        arrive(json!({ "marked": "r00000077", "box": "1Z777" }));
        arrive(json!({ "marked": "R0000000077", "box": "1Z778" }));
        for asked in ["77", "00000077", "R00000077", "r0000000077"] {
            let found = list(&format!("q={asked}"))["items"].clone();
            assert_eq!(found.as_array().map(Vec::len), Some(2), "{asked}: {found}");
        }
        assert_eq!(list("q=R77")["items"], json!([]), "no number");
        assert_eq!(stage.get(&lou, &at), *one);

        // The photo of a box that is marked with its RMA is the customer's to see; one of a box that is
        // marked with another's number is not.
        let ann = token(db, ANN);
        let own = issued(&stage, &ann, "SN001");
        let swapped = issued(&stage, &ann, "SN002");
        let with_photo = |body: Value, bytes: &[u8]| {
            let judged = arrive(body);
            let path = format!("/api/v1/dock/arrivals/{}", judged["box"]);
            let photo = given(&path, "dock_photo", "in.png", "image/png", bytes).token(&dee);
            stage.service.send(&photo).expect(201);
            judged
        };
        let judged = with_photo(json!({ "marked": own, "serial_number": "SN002" }), &png());
        assert_eq!(judged["rma"], json!(swapped), "{judged}");
        let count = |token: &str, number: &str| {
            let listed = stage.get(token, &format!("{}/attachments", of(number)));
            listed["attachments"].as_array().map(Vec::len)
        };
        assert_eq!((count(&lou, &swapped), count(&ann, &swapped)), (Some(1), Some(0)));
        let judged = with_photo(json!({ "marked": own, "serial_number": "XX-9" }), &png());
        assert_eq!(
            (&judged["verdict"], &judged["rma"]),
            (&json!("receive_discrepant"), &json!(own))
        );
        assert_eq!((count(&lou, &own), count(&ann, &own)), (Some(1), Some(1)));
        for path in ["/api/v1/dock/arrivals".to_owned(), at.clone(), format!("{at}/attachments")] {
            stage.service.send(&Request::get(&path).token(&ann)).problem(403, "forbidden");
        }
        let file = photo["file"].as_str().expect("a place");
        stage.service.send(&Request::get(file).token(&ann)).problem(403, "forbidden");
    });
}

#[test]
fn amb_26_the_prepaid_label_is_there_or_missing() {
    each_database("the prepaid label", |db| {
        let stage = Stage::set(db, 2);
        let ann = token(db, ANN);
        let dan = token(db, &["--role", "depot"]);
        let number = stage.request(&ann, "SN001");
        let rma = of(&number);
        let label = given(&rma, "carrier_label", "label.pdf", "application/pdf", &pdf("paid"));
        // Who pays is not known before issue.
        let early = stage.service.send(&label.clone().token(&dan)).problem(409, "refused");
        assert_eq!(early["rule"], "AMB-26", "{early}");
        assert_eq!(stage.get(&dan, &format!("{rma}/attachments")), json!({ "attachments": [] }));
        stage.command(&number, &json!({ "command": "create", "diagnosis": "dead" }));
        stage.command(&number, &json!({ "command": "issue" }));
        let queued = |task: &str| {
            let queue = stage.get(&dan, &format!("/api/v1/logistics/queue?task={task}"));
            queue["items"][0]["return_label"].clone()
        };
        let first = stage.service.send(&Request::get(&rma).token(&ann));
        let tag = first.get("etag").expect("a tag").to_owned();
        assert_eq!(first.json()["return_label"], json!({ "state": "missing", "label": null }));
        assert_eq!(queued("allocate"), "missing");

        // It rides on notices, and no mail server is to turn those away for it.
        let heavy = |more: usize| {
            let mut heavy = pdf("paid");
            let more = more - heavy.len() - 2;
            heavy.splice(9..9, [b"%".to_vec(), vec![b'x'; more], b"\n".to_vec()].concat());
            given(&rma, "carrier_label", "heavy.pdf", "application/pdf", &heavy).token(&dan)
        };
        let before = snapshot(db);
        let refused = stage.service.send(&heavy((5 << 20) + 1)).problem(413, "too-large");
        let says = "a carrier_label goes with messages and may be 5 MiB; save it smaller";
        assert_eq!(refused["detail"], says, "{refused}");
        assert_same(&before, &snapshot(db), "a label that no message can carry");

        let kept = stage.service.send(&label.clone().token(&dan)).expect(201);
        let again = Request::get(&rma).token(&ann).header("if-none-match", &tag);
        let seen = stage.service.send(&again).expect(200)["return_label"].clone();
        let there = json!({ "attachment": kept["id"], "sha256": sha256(&pdf("paid")), "file": kept["file"] });
        assert_eq!(seen, json!({ "state": "there", "label": there }));
        assert_eq!(queued("allocate"), "there");
        let link = kept["file"].as_str().expect("a place");
        assert_eq!(stage.service.send(&Request::get(link).token(&ann)).body, pdf("paid"));
        let events = stage.get(&ann, &format!("{rma}/events"));
        let told = |kind: &str| {
            let events = events["events"].as_array().expect("events");
            events.iter().filter(|event| event["kind"] == kind).count()
        };
        assert_eq!(told("label_enclosed"), 1);
        // By its command it cannot be given: the file is what counts.
        let body = json!({ "command": "enclose_label", "attachment": kept["id"], "occurred_at": "2026-11-16T09:30:00Z" });
        let bare = Request::post(&format!("{rma}/commands"), &body).token(&dan);
        stage.service.send(&bare).problem(422, "invalid");

        let path = format!("{rma}/attachments/{}/withdrawal", kept["id"]);
        let lou = token(db, &["--role", "logistics"]);
        stage.post(&lou, &path, &json!({ "reason": "another street" }), 200);
        assert_eq!(stage.get(&ann, &rma)["return_label"]["state"], "missing");
        assert_eq!(queued("allocate"), "missing");
        // The same bytes after that are another attachment.
        let anew = stage.service.send(&label.token(&dan)).expect(201);
        assert_ne!(anew["id"], kept["id"]);
        assert_eq!(stage.get(&ann, &rma)["return_label"]["label"]["attachment"], anew["id"]);
        let verified = db.homeward(&["verify"]);
        assert_eq!(verified.code, 0, "{verified:?}");
    });
}
