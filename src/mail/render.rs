//! Setting a message as text and as HTML, both from the same words.

use askama::Template;

use super::notice::Notice;
use super::words::{Content, content};

/// A message's subject and its two bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

#[derive(Template)]
#[template(path = "message.html")]
struct Html<'a> {
    content: &'a Content,
}

#[derive(Template)]
#[template(path = "message.txt", escape = "none")]
struct Text<'a> {
    content: &'a Content,
}

/// A notice as a message.
///
/// # Errors
/// None that a value could cause; the template engine's own are passed on.
pub fn render(notice: &Notice) -> Result<Rendered, askama::Error> {
    render_content(&content(notice))
}

/// Words as a message.
///
/// # Errors
/// As [`render`].
pub fn render_content(content: &Content) -> Result<Rendered, askama::Error> {
    Ok(Rendered {
        subject: content.subject.clone(),
        text: Text { content }.render()?,
        html: Html { content }.render()?,
    })
}
