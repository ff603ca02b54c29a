//! The depots' shelves: replacements with new serials, put there as they are called for.

use std::collections::{BTreeMap, HashSet, VecDeque};

use chrono::NaiveDate;

use super::dice::Dice;
use super::import::Table;
use super::world::World;
use crate::domain::ids::{IdError, SerialNumber};

/// Region and part.
pub(super) type Shelf = (String, usize);

/// What lies at the depots.
pub(super) struct Stock {
    shelves: BTreeMap<Shelf, VecDeque<SerialNumber>>,
    used: HashSet<String>,
    dice: Dice,
    made: u64,
}

impl Stock {
    /// Serials of the installed base are never given out again.
    pub fn new(seed: u64, world: &World) -> Self {
        Self {
            shelves: BTreeMap::new(),
            used: world.input.units.iter().map(|unit| unit.serial_number.to_string()).collect(),
            dice: Dice::new(seed, "stock"),
            made: 0,
        }
    }

    /// The next unit of a shelf.
    pub fn take(&mut self, shelf: &Shelf) -> Option<SerialNumber> {
        self.shelves.get_mut(shelf)?.pop_front()
    }

    /// A unit goes (back) on a shelf.
    pub fn put(&mut self, shelf: Shelf, serial: SerialNumber) {
        self.shelves.entry(shelf).or_default().push_back(serial);
    }

    /// Fills the shelves up to what is wanted of each, with units built a month ago; the rows of the
    /// new units go to `table`.
    pub fn fill(
        &mut self,
        wanted: &BTreeMap<Shelf, usize>,
        world: &World,
        today: NaiveDate,
        table: &mut Table,
    ) -> Result<(), IdError> {
        let built = (today - chrono::Days::new(30)).to_string();
        for (shelf, count) in wanted {
            let there = self.shelves.get(shelf).map_or(0, VecDeque::len);
            for _ in there..*count {
                let serial = self.serial()?;
                let part = &world.parts[shelf.1];
                table.row([
                    part.manufacturer.as_str(),
                    serial.as_str(),
                    &part.part_number,
                    "",
                    depot_of(&shelf.0),
                    &built,
                    "",
                    "",
                    "",
                ]);
                self.put(shelf.clone(), serial);
            }
        }
        Ok(())
    }

    fn serial(&mut self) -> Result<SerialNumber, IdError> {
        loop {
            self.made += 1;
            let scatter = self.dice.roll(&self.made.to_string()) >> 44;
            let serial = format!("SP{scatter:05X}{:06}", self.made);
            if self.used.insert(serial.clone()) {
                return serial.parse();
            }
        }
    }
}

/// The depot of a region, as `sites.csv` has it.
pub(super) fn depot_of(region: &str) -> &'static str {
    match region {
        "americas" => "DEPOT-SDF",
        "emea" => "DEPOT-AMS",
        _ => "DEPOT-SIN",
    }
}
