//! Who calls from outside, and what a role may do there at all (Part 4 of the rulebook). Which of the
//! commands on an RMA a role may give stands beside the commands.

use std::fmt;

use crate::db::scope::Scope;
use crate::domain::ids::OrganizationId;
use crate::domain::rma::{Actor, Role};

/// Something a role may or may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Capability {
    OpenCases,
    SeeCases,
    /// Say that the customer agrees: the problem is resolved (RMA-14).
    CloseCases,
    RequestRmas,
    SeeRmas,
    /// Give commands; each command has its own roles beside this.
    CommandRmas,
    JudgeBoxes,
    /// What waits for logistics, of every account (SYS-4).
    SeeQueues,
    /// Accounts, sites, units and their entitlement.
    SeeRegister,
    /// All of an account's units at once, with their products' milestones.
    SeeInstalledBase,
    /// Run reports and see their runs.
    RunReports,
    /// Those that tell of money as well.
    SeeMoneyReports,
    Import,
    /// Ask the rules why a date is what it is, about nothing in the register.
    AskWhy,
    /// Ask customer care for faster progress of an RMA (CASE-5).
    AskForProgress,
    /// What waits for engineers and for customer care.
    WorkTasks,
    /// Give a file to an RMA it sees; each kind of file has its own roles beside this.
    AttachToRmas,
    /// Give a file to a case it sees.
    AttachToCases,
    /// Take a wrong file back.
    WithdrawFiles,
    /// What came to the docks and what became of it (AMB-14).
    SeeBoxes,
    /// Change a unit's owner, mark it as of the grey market, reinstate it (ENT-6, ENT-7).
    CareForUnits,
}

impl Capability {
    /// Whether a role has it. Carriers tell what happened on the road and see nothing; the questionnaire
    /// opens cases and RMAs by its verdict.
    pub fn belongs_to(self, role: Role) -> bool {
        use Role::*;
        match self {
            Self::SeeInstalledBase => {
                return role != Customer && Self::SeeRegister.belongs_to(role);
            }
            Self::AttachToRmas => return Self::SeeRmas.belongs_to(role),
            Self::AttachToCases => return Self::SeeCases.belongs_to(role),
            Self::WithdrawFiles => {
                return matches!(role, Logistics | LogisticsLead | Administrator);
            }
            Self::SeeBoxes => {
                let staff =
                    [Administrator, Logistics, LogisticsLead, CustomerCare, Dock, Inspector];
                return staff.contains(&role);
            }
            _ => {}
        }
        match role {
            Administrator => true,
            Clock => false,
            _ if self == Self::AskWhy => true,
            Customer | AccountAdmin | Partner => matches!(
                self,
                Self::OpenCases
                    | Self::SeeCases
                    | Self::CloseCases
                    | Self::RequestRmas
                    | Self::SeeRmas
                    | Self::AskForProgress
                    | Self::CommandRmas
                    | Self::SeeRegister
            ),
            Engineer => !matches!(
                self,
                Self::Import
                    | Self::JudgeBoxes
                    | Self::RunReports
                    | Self::SeeMoneyReports
                    | Self::AskForProgress
                    | Self::CareForUnits
            ),
            CustomerCare => matches!(
                self,
                Self::OpenCases
                    | Self::SeeCases
                    | Self::CloseCases
                    | Self::SeeRmas
                    | Self::SeeRegister
                    | Self::WorkTasks
                    | Self::CareForUnits
            ),
            Questionnaire => {
                matches!(self, Self::OpenCases | Self::RequestRmas | Self::CommandRmas)
            }
            Logistics => matches!(
                self,
                Self::SeeCases
                    | Self::SeeRmas
                    | Self::SeeQueues
                    | Self::CommandRmas
                    | Self::SeeRegister
                    | Self::RunReports
            ),
            LogisticsLead | Finance => self == Self::SeeMoneyReports || self.belongs_to(Logistics),
            Dock | Inspector => matches!(
                self,
                Self::SeeRmas | Self::CommandRmas | Self::SeeRegister | Self::JudgeBoxes
            ),
            Depot if self == Self::SeeQueues => true,
            Depot | Repair => {
                matches!(self, Self::SeeRmas | Self::CommandRmas | Self::SeeRegister)
            }
            Carrier => self == Self::CommandRmas,
        }
    }
}

/// By what a caller is known; written `token:7` or `user:7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Principal {
    /// The number of the token it holds.
    Token(i64),
    /// The number of the user that is signed in.
    User(i64),
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(id) => write!(f, "token:{id}"),
            Self::User(id) => write!(f, "user:{id}"),
        }
    }
}

/// Whoever holds a valid token or is signed in.
#[derive(Debug, Clone)]
pub struct Caller {
    pub principal: Principal,
    pub actor: Actor,
    pub scope: Scope,
    /// The partner it belongs to, where it is one's (ENT-1).
    pub partner: Option<OrganizationId>,
}

impl Caller {
    pub fn may(&self, capability: Capability) -> bool {
        capability.belongs_to(self.actor.role)
    }
}
