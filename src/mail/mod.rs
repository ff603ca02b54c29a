//! Mail: what a message says, how it is written down, and the ways out of the house.
//!
//! - [`Notice`] is everything a message may speak of; `words` puts it into plain sentences, a function a
//!   kind of notice; [`render`] sets them as text and HTML by templates that are part of the program;
//! - [`Letter`] is a message ready to go, with a Message-ID that is the same at every attempt;
//! - [`Transport`] takes it away: SMTP, a folder of files, or memory for tests.
//!
//! Every text of people is taken as untrusted: `clean` makes one line of it before it is said, the
//! HTML template escapes it, and headers are encoded.

mod clean;
mod letter;
mod notice;
mod render;
mod settings;
mod transport;
mod words;

pub use clean::one_line;
pub use letter::{Attachment, Letter, LetterError, Sender, message_id};
pub use notice::{Due, Notice};
pub use render::{Rendered, render, render_content};
pub use settings::{MailSettings, Secret, Security, SettingsError, SmtpSettings, TransportKind};
pub use transport::{FolderTransport, MemoryTransport, SendError, SmtpMail, Transport, open};
pub use words::Content;
