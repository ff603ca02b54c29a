use chrono::{NaiveDate, TimeZone, Utc};
use homeward::documents::*;

fn address(name: &str, lines: &[&str], country: &str, code: &str) -> PostalAddress {
    PostalAddress {
        name: name.into(),
        lines: lines.iter().map(|l| l.to_string()).collect(),
        country: country.into(),
        country_code: code.into(),
    }
}

#[test]
fn pictures() {
    let t = Typesetter::new(None).unwrap();
    let base = LabelData {
        rma_number: "R0021056835".into(),
        return_address: address("Celestica Monterrey", &["Carretera Miguel Alemán km 20.5, Nave 3", "Parque Industrial Milenium", "66600 Apodaca, N.L."], "Mexico", "MX"),
        sender: address("Łódzkie Sieci Sp. z o.o.", &["ul. Piotrkowska 104", "90-926 Łódź"], "Poland", "PL"),
        status_link: "https://rma.example.net/status/R0021056835?k=9f3b2c71d0".into(),
        case_number: "2026-1121-0042".into(), part_number: "MX480-SCBE3-R".into(), serial_number: "CAAB1234XYZ".into(),
        due_on: NaiveDate::from_ymd_opt(2026, 12, 7), attention: Some("Señora María-José Núñez".into()),
        created_at: Utc.with_ymd_and_hms(2026, 11, 21, 9, 0, 0).unwrap(),
    };
    let mut all = vec![base.clone()];
    let mut jp = base.clone();
    jp.return_address = address("株式会社日立ロジスティクス　直骨返却センター", &["〒212-0013", "神奈川県川崎市幸区堀川町72番地34", "ラゾーナ川崎東芝ビル12階"], "日本 JAPAN", "JP");
    jp.sender = address("Công ty TNHH Viễn thông Nguyễn Huệ", &["Số 15 đường Trần Hưng Đạo, Phường Bến Nghé", "Quận 1, Thành phố Hồ Chí Minh"], "Việt Nam", "VN");
    jp.attention = Some("渡邉 さくら".into());
    all.push(jp);
    let mut long = base.clone();
    long.return_address = address("Flextronics International Kft. — Zalaegerszeg Elektronikai Gyártóüzem", &["Building 7, Dock 14 (North Gate)", "Γραφείο Επιστροφών, Λεωφόρος Κηφισίας 124", "ООО «Связь-Сервис», улица Щёлковская, дом 5, строение 2", "北京市海淀区中关村大街27号直骨", "臺灣臺北市信義區信義路五段7號", "서울특별시 강남구 테헤란로 152", "Zrinyi Miklós út 38, near the very long named industrial estate road", "8900 Zalaegerszeg"], "Hungary", "HU");
    long.serial_number = "FOC2345X0AB-0000-1111-22".into();
    long.sender = address("Thượng Đặng & Ὀδυσσεύς Ģirts Ķēniņš", &["Unit 3, 12 Ærøskøbing Straße", "Ėsto g̃uarani ẹ́ ė́ M̃", "ÞINGVELLIR 801", "Some further line of text"], "Österreich", "AT");
    long.status_link = "https://rma.example.net/status/R0021056835?k=9f3b2c71d0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".into();
    all.push(long);
    let pdf = t.labels(&all).unwrap();
    eprintln!("{} bytes", pdf.len());
    std::fs::create_dir_all("/tmp/doc").unwrap();
    std::fs::write("/tmp/doc/labels.pdf", pdf).unwrap();
}
