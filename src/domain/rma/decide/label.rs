//! AMB-26: the prepaid label of the return, which goes with the replacement where we pay that way.

use super::{Deciding, Step};
use crate::domain::attachment::{AttachmentKind, FileRef};
use crate::domain::ids::AttachmentId;
use crate::domain::rma::event::Event;

impl Deciding<'_> {
    /// The file of this number and kind, if it is kept with the RMA.
    pub(super) fn file(&self, id: AttachmentId, wanted: AttachmentKind) -> Option<FileRef> {
        let mut files = self.facts.files.iter();
        files.find(|(kind, file)| *kind == wanted && file.id == id).map(|(_, file)| file.clone())
    }

    /// A newer label takes the place of the one before.
    pub(super) fn enclose_label(&mut self, attachment: AttachmentId) -> Step {
        if !self.rma.is_open {
            return self.refuse("the RMA is closed: nothing is to be sent");
        }
        match self.rma.label_is_there() {
            Some(_) => {}
            None if self.rma.terms.is_none() => {
                return self
                    .refuse("the RMA is not issued: who pays the way back is not known yet");
            }
            None => {
                return self.refuse("the way back is not ours to pay: it takes no label of ours");
            }
        }
        if !self.rma.is_to_be_sent() {
            let (inbound, exposure) = (self.rma.inbound, self.rma.exposure);
            return self.refuse(format!(
                "the defective unit is not to be sent: it is {inbound}, its exposure {exposure}, the RMA {}",
                self.rma.authorisation
            ));
        }
        let Some(label) = self.file(attachment, AttachmentKind::CarrierLabel) else {
            let number = self.rma.number;
            return self
                .refuse(format!("attachment {} is no carrier_label of {number}", attachment.0));
        };
        self.emit(Event::LabelEnclosed { label });
        Ok(())
    }

    pub(super) fn withdraw_label(&mut self, reason: &str) -> Step {
        if self.rma.return_label.is_none() {
            return self.refuse("there is no label to withdraw");
        }
        self.not_blank("reason", reason)?;
        self.emit(Event::LabelWithdrawn { reason: reason.to_owned() });
        Ok(())
    }
}
