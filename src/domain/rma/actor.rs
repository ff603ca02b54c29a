//! Who gives a command. What each role may do stands beside the commands.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::ids::{IdError, checked};
use crate::words;

words! {
    /// A role of the rulebook's Part 4.
    Role("role") {
        Customer = "customer",
        AccountAdmin = "account_admin",
        Partner = "partner",
        Engineer = "engineer",
        Questionnaire = "questionnaire",
        /// ROL-4.
        CustomerCare = "customer_care",
        Logistics = "logistics",
        LogisticsLead = "logistics_lead",
        Depot = "depot",
        Dock = "dock",
        Inspector = "inspector",
        Repair = "repair",
        Finance = "finance",
        Carrier = "carrier",
        Clock = "clock",
        Administrator = "administrator",
    }
}

/// A person or a machine acting in a role, written `role:name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Actor {
    pub role: Role,
    pub name: String,
}

impl Actor {
    pub fn new(role: Role, name: impl Into<String>) -> Result<Self, IdError> {
        let name = name.into();
        checked("the actor's name", &name, 120)?;
        Ok(Self { role, name })
    }

    /// The clock job.
    pub fn clock() -> Self {
        Self { role: Role::Clock, name: "clock".to_owned() }
    }
}

/// Why a text names no actor.
#[derive(Debug, thiserror::Error)]
pub enum ActorError {
    #[error("{0:?} names no actor: write role:name, such as finance:alice")]
    Shape(String),
    #[error(transparent)]
    Role(#[from] crate::domain::words::UnknownWord),
    #[error(transparent)]
    Name(#[from] IdError),
}

impl FromStr for Actor {
    type Err = ActorError;
    fn from_str(text: &str) -> Result<Self, ActorError> {
        let (role, name) = text
            .split_once(':')
            .ok_or_else(|| ActorError::Shape(text.chars().take(80).collect()))?;
        Ok(Self::new(role.parse()?, name)?)
    }
}
impl TryFrom<String> for Actor {
    type Error = ActorError;
    fn try_from(value: String) -> Result<Self, ActorError> {
        value.parse()
    }
}
impl From<Actor> for String {
    fn from(value: Actor) -> String {
        value.to_string()
    }
}
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.role, self.name)
    }
}
