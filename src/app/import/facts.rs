//! What rows refer to, loaded once before the file is read.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use crate::db::organizations::organizations;
use crate::db::products::product_keys;
use crate::db::sites::sites;
use crate::db::{AnyConnection, DbError, stored};
use crate::domain::site::{OrganizationKind, SiteKind};
use crate::domain::zone::Zone;

/// The organizations by name, and their names by key.
pub(super) struct Accounts {
    by_name: HashMap<String, (i64, OrganizationKind)>,
    names: HashMap<i64, String>,
}

impl Accounts {
    pub fn load(connection: &mut AnyConnection) -> Result<Self, DbError> {
        let (mut by_name, mut names) = (HashMap::new(), HashMap::new());
        for (id, row) in organizations(connection)? {
            names.insert(id, row.name.clone());
            by_name.insert(row.name, (id, stored("reading an organization's kind", &row.kind)?));
        }
        Ok(Self { by_name, names })
    }

    /// The key of the organization of this name.
    pub fn get(&self, name: &str) -> Result<i64, String> {
        self.by_name
            .get(name)
            .map(|(id, _)| *id)
            .ok_or_else(|| format!("there is no organization {:?}; import it first", shown(name)))
    }

    /// The organization's name of a key.
    pub fn name_of(&self, id: i64) -> Option<&str> {
        self.names.get(&id).map(String::as_str)
    }
}

/// A site that rows name by its code.
pub(super) struct Place {
    pub id: i64,
    pub kind: SiteKind,
    pub organization: Option<i64>,
}

/// The sites by code, and their codes by key.
pub(super) struct Places {
    by_code: HashMap<String, Place>,
    /// Code and zone by key.
    by_id: HashMap<i64, (String, String)>,
}

impl Places {
    pub fn load(connection: &mut AnyConnection) -> Result<Self, DbError> {
        let (mut by_code, mut by_id) = (HashMap::new(), HashMap::new());
        for (id, row, _) in sites(connection)? {
            let kind = stored("reading a site's kind", &row.kind)?;
            by_id.insert(id, (row.code.clone(), row.zone));
            by_code.insert(row.code, Place { id, kind, organization: row.organization_id });
        }
        Ok(Self { by_code, by_id })
    }

    /// The site's code of a key.
    pub fn code_of(&self, id: i64) -> Option<&str> {
        self.by_id.get(&id).map(|(code, _)| code.as_str())
    }

    /// The site's zone of a key.
    pub fn zone_of(&self, id: i64) -> Result<Zone, DbError> {
        const OPERATION: &str = "reading a site's zone";
        let known = self.by_id.get(&id).ok_or(DbError::Missing { operation: OPERATION })?;
        stored(OPERATION, &known.1)
    }

    pub fn get(&self, code: &str) -> Result<&Place, String> {
        self.by_code
            .get(code)
            .ok_or_else(|| format!("there is no site {:?}; import it first", shown(code)))
    }
}

/// The part numbers of each manufacturer.
pub(super) struct Catalogue(HashMap<String, HashMap<String, ()>>);

impl Catalogue {
    pub fn load(connection: &mut AnyConnection) -> Result<Self, DbError> {
        let mut by_manufacturer: HashMap<String, HashMap<String, ()>> = HashMap::new();
        for (manufacturer, part_number) in product_keys(connection)? {
            by_manufacturer.entry(manufacturer).or_default().insert(part_number, ());
        }
        Ok(Self(by_manufacturer))
    }

    /// Whether the manufacturer makes this product.
    pub fn check(&self, manufacturer: &str, part_number: &str) -> Result<(), String> {
        let Some(parts) = self.0.get(manufacturer) else {
            return Err(format!(
                "no product of {:?} is known; import the products first",
                shown(manufacturer)
            ));
        };
        if parts.contains_key(part_number) {
            return Ok(());
        }
        Err(format!(
            "there is no product {:?} of {manufacturer}; import it first",
            shown(part_number)
        ))
    }
}

/// The keys met in a file with their first lines, so that a doubled one is found.
pub(super) struct Met<K>(HashMap<K, u64>);

impl<K> Default for Met<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq> Met<K> {
    /// Takes note of a key, unless an earlier line has it.
    pub fn note(&mut self, key: K, line: u64) -> Result<(), String> {
        match self.0.entry(key) {
            Entry::Vacant(free) => {
                free.insert(line);
                Ok(())
            }
            Entry::Occupied(taken) => Err(format!("line {} has the same already", taken.get())),
        }
    }
}

fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
