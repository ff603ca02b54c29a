//! The API through a real listening server.

pub mod access;
mod attachments;
mod bad_input;
mod case_closing;
mod client;
mod document;
mod fields;
mod intake;
mod interviews;
mod main_job;
mod marked;
mod memory;
mod once;
mod pages;
mod partners;
mod product_life;
mod progress_requests;
mod queue;
mod report_runs;
mod running;
mod schemathesis;
mod software;
mod unit_care;
mod visits;
mod watched;
mod zones;

use serde_json::{Value, json};

use crate::support::databases::TestDatabase;
use crate::support::service::{Request, Service};

/// The register the tests begin with, by subject, in the order of imports.
const REGISTER: &[(&str, &str)] = &[
    (
        "organizations",
        "name,kind,currency,bill_to,email,qualification,qualified_from,partner_contract,partner_contract_from\n\
         Northwind,customer,USD,Northwind AP,ap@northwind.example,,,,\n\
         上海远航,customer,USD,上海远航 财务部,,,,,\n\
         Cascade,partner,USD,Cascade AP,,qualified,2020-01-01,PC-1,2020-01-01\n\
         Lone,partner,USD,Lone AP,,operate_specialist,2020-01-01,PC-2,2020-01-01\n",
    ),
    (
        "products",
        "manufacturer,part_number,description,list_prices,contract_manufacturer\n\
         ACME,RT-100,Router,USD 1490.00,Fabrikam\n",
    ),
    (
        "sites",
        "code,name,kind,organization,contract_manufacturer,region,address,country,zone,calendar\n\
         NW-1,Northwind Austin,customer,Northwind,,AMER,1 Main St|Austin TX 78701,US,America/Chicago,US\n\
         SH-1,上海机房,customer,上海远航,,AMER,浦东|上海,CN,Asia/Shanghai,CN\n\
         DEP-1,Depot,depot,,,AMER,2 Depot Rd|Louisville KY,US,America/Kentucky/Louisville,US\n\
         CM-MX,Fabrikam Monterrey,repair_centre,,Fabrikam,AMER,Calle 3|Monterrey NL,MX,America/Monterrey,MX\n",
    ),
];

/// A service on a filled database, with a token of each kind.
pub struct Stage {
    pub service: Service,
    pub admin: String,
}

pub fn token(db: &TestDatabase, arguments: &[&str]) -> String {
    let mut all = vec!["token", "create"];
    all.extend(arguments);
    let ran = db.homeward(&all);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out.trim().to_owned()
}

impl Stage {
    /// Units SN001.. at Northwind, CN001.. at the other customer, ST001.. in stock; all under contract.
    pub fn set(db: &TestDatabase, units: usize) -> Self {
        let admin = token(db, &["--role", "administrator"]);
        let stage = Self { service: Service::start(db), admin };
        for (subject, csv) in REGISTER {
            stage.import(subject, csv);
        }
        let mut csv =
            "manufacturer,serial_number,part_number,account,site,shipped_on,registered_on\n"
                .to_owned();
        let mut cover =
            "contract_number,account,level,starts_on,ends_on,manufacturer,serial_number\n"
                .to_owned();
        for n in 1..=units {
            for (letters, account, site) in
                [("SN", "Northwind", "NW-1"), ("CN", "上海远航", "SH-1"), ("ST", "", "DEP-1")]
            {
                let serial = format!("{letters}{n:03}");
                csv.push_str(&format!(
                    "ACME,{serial},RT-100,{account},{site},2026-01-10,2026-01-12\n"
                ));
                if !account.is_empty() {
                    cover.push_str(&format!(
                        "C-{letters},{account},next_day_delivery,2026-01-01,2035-12-31,ACME,{serial}\n"
                    ));
                }
            }
        }
        stage.import("units", &csv);
        stage.import("contracts", &cover);
        stage
    }

    pub fn import(&self, subject: &str, csv: &str) {
        let request = Request::new("POST", &format!("/api/v1/imports/{subject}"))
            .token(&self.admin)
            .header("content-type", "text/csv")
            .bytes(csv);
        let done = self.service.send(&request).expect(200);
        assert_eq!(done["refused"], 0, "{done}");
    }

    pub fn get(&self, token: &str, path: &str) -> Value {
        self.service.send(&Request::get(path).token(token)).expect(200)
    }

    pub fn post(&self, token: &str, path: &str, body: &Value, status: u16) -> Value {
        self.service.send(&Request::post(path, body).token(token)).expect(status)
    }

    pub fn open_case(&self, token: &str, serial: &str) -> String {
        let opened = self.post(token, "/api/v1/cases", &case(serial), 201);
        opened["number"].as_str().expect("a number").to_owned()
    }

    /// A case on a serial and an RMA requested on it.
    pub fn request(&self, token: &str, serial: &str) -> String {
        let case = self.open_case(token, serial);
        let done = self.post(token, "/api/v1/rmas", &rma(&case, serial), 201);
        done["number"].as_str().expect("a number").to_owned()
    }

    /// Keeps a file with an RMA and gives its number.
    pub fn attach(&self, rma: &str, kind: &str, bytes: &[u8]) -> i64 {
        let path = format!("/api/v1/rmas/{rma}/attachments?kind={kind}&name=a.file");
        let request = Request::new("POST", &path).token(&self.admin);
        let request = request.header("content-type", "application/octet-stream").bytes(bytes);
        self.service.send(&request).expect(201)["id"].as_i64().expect("a number")
    }

    /// Gives a command; a judgement on the version the RMA is at.
    pub fn command(&self, rma: &str, body: &Value) -> Value {
        let version = self.get(&self.admin, &format!("/api/v1/rmas/{rma}"))["version"].clone();
        let mut body = body.clone();
        body["occurred_at"] = json!(chrono::Utc::now().to_rfc3339());
        let request = Request::post(&format!("/api/v1/rmas/{rma}/commands"), &body)
            .token(&self.admin)
            .header("if-match", &format!("\"{version}\""));
        self.service.send(&request).expect(200)
    }
}

pub fn case(serial: &str) -> Value {
    json!({
        "serial_number": serial, "priority": 3, "summary": "no power",
        "customer_reference": format!("PO-{serial}"),
        "contact_name": "Ann", "contact_email": "ann@northwind.example"
    })
}

pub fn rma(case: &str, serial: &str) -> Value {
    json!({
        "case_number": case, "serial_number": serial, "symptom": "no power",
        "occurred_at": "2026-11-16T09:30:00-06:00"
    })
}
