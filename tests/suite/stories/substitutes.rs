//! T5: another part than the defective one's is a substitute, and is on record as one.

use homeward::domain::rma::{Command, Event};

use crate::support::databases::each_database;
use crate::support::world::{World, serial, ship};

#[test]
fn t5_a_substitute_part_is_recorded_as_one() {
    each_database("a substitute", |db| {
        let w = World::new(db);
        for (unit, spare, part, substitute) in
            [("A1", "B1", "HX-4310", true), ("A2", "B2", "HX-4300", false)]
        {
            w.advance_unit(unit, "MER-LOU");
            w.install_row(spare, part, "DEP-LOU", "2026-06-01", "");
            let rma = w.at("2026-11-12 15:00").issued(unit);
            let marked = |w: &World<'_>| {
                let sent = w.rma(rma).replacement.expect("a replacement");
                (sent.part_number.to_string(), sent.substitute)
            };
            let serial_number = serial(spare);
            let done = w.run(rma, "depot:dirk", Command::Allocate { serial_number });
            let said = done.events.iter().find_map(|event| match event {
                Event::Allocated { substitute, .. } => Some(*substitute),
                _ => None,
            });
            assert_eq!(said, Some(substitute), "{part} for HX-4300");
            assert_eq!(marked(&w), (part.to_owned(), substitute));
            w.run(rma, "depot:dirk", ship());
            assert_eq!(marked(&w), (part.to_owned(), substitute), "and once it has shipped");
        }
        w.verified();
    });
}
