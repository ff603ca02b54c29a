//! What an RMA waits for from logistics, as its queues show it (SYS-4).

use super::state::Rma;
use super::tracks::{Authorisation, Inbound, Outbound};
use super::visit::VisitState;
use crate::words;

words! {
    /// What logistics has to do next on an RMA.
    LogisticsTask("task of logistics") {
        /// T4: somebody's answer is waited for, or a check.
        Hold = "hold",
        /// T3.
        Issue = "issue",
        /// T13.
        DecideClaim = "decide_claim",
        /// T6: the delivery failed.
        SendAgain = "send_again",
        /// T5: a unit from stock.
        Allocate = "allocate",
        /// T5: what was allocated, or the repaired unit itself (WAR-5).
        Ship = "ship",
        /// T5: backordered.
        AwaitStock = "await_stock",
        /// AMB-26: the replacement left without the prepaid label of the return.
        SendLabel = "send_label",
        /// SVC-5, SVC-8: an engineer is planned for today at the site, or was, and nobody has said what came
        /// of it.
        VisitToday = "visit_today",
        /// SVC-5, SVC-8: the time an engineer was promised for is over, and none is planned.
        VisitOverdue = "visit_overdue",
        /// SVC-5, SVC-8: an engineer is to be planned in time.
        PlanVisit = "plan_visit",
    }
}

impl Rma {
    /// The first thing it waits for; none where that is nothing of logistics'. A unit that is kept for
    /// its analysis waits for the bench (T16). A visit comes after everything else, and knows no time here:
    /// one that is owed is to be planned, one that is planned is today's.
    pub fn next_task(&self) -> Option<LogisticsTask> {
        if !self.is_open {
            return None;
        }
        let label = self.waits_for_its_label().then_some(LogisticsTask::SendLabel);
        self.next_of_the_unit().or(label).or(match self.visit.state {
            VisitState::Owed => Some(LogisticsTask::PlanVisit),
            VisitState::Planned => Some(LogisticsTask::VisitToday),
            _ => None,
        })
    }

    /// The customer has the replacement, and not the label to send the defective unit back with.
    fn waits_for_its_label(&self) -> bool {
        let out = matches!(self.outbound, Outbound::Shipped | Outbound::Delivered);
        // One on its way needs none any more.
        let awaited = self.is_to_be_sent() && self.inbound == Inbound::Awaiting;
        out && awaited && self.label_is_there() == Some(false)
    }

    fn next_of_the_unit(&self) -> Option<LogisticsTask> {
        match self.authorisation {
            Authorisation::OnHold => return Some(LogisticsTask::Hold),
            Authorisation::Created => return Some(LogisticsTask::Issue),
            _ => {}
        }
        if self.inbound == Inbound::DeliveryClaimed {
            return Some(LogisticsTask::DecideClaim);
        }
        if !self.owes_a_unit() {
            return None;
        }
        match self.outbound {
            Outbound::Failed => Some(LogisticsTask::SendAgain),
            Outbound::Backordered => Some(LogisticsTask::AwaitStock),
            Outbound::Allocated => Some(LogisticsTask::Ship),
            Outbound::None if !self.sends_itself_back() => Some(LogisticsTask::Allocate),
            Outbound::None => (!self.is_kept_for_analysis()).then_some(LogisticsTask::Ship),
            Outbound::Shipped | Outbound::Delivered | Outbound::Returned => None,
        }
    }
}
