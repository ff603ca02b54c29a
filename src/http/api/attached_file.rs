//! A kept file on its way out. What others gave is handed over to be saved, never to be shown in our name:
//! as an attachment, of the type its bytes are, and in a sandbox should anything open it all the same.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};

use super::etag::is_had;
use crate::app::Caller;
use crate::app::attachments::{Thing, bytes, look};
use crate::domain::ids::AttachmentId;
use crate::http::extract::accepts;
use crate::http::house::House;
use crate::http::problem::Problem;

/// The answer with a file of a thing.
pub(super) async fn answer(
    house: &House,
    request: &HttpRequest,
    caller: Caller,
    thing: Thing,
    id: AttachmentId,
) -> Result<HttpResponse, Problem> {
    let scope = caller.scope.clone();
    let file = house.read(move |_, connection| look(connection, thing, id, &scope)).await?;
    accepts(request, file.media_type.as_str())?;
    let tag = format!("\"{}\"", file.sha256);
    if is_had(request, &tag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    let name = file.media_type.named(&file.name);
    let media_type = file.media_type.as_str();
    let body = house
        .read(move |_, connection| {
            // Withdrawn since, it is as absent as it will be from now on, and looking again says why.
            bytes(connection, &file)
                .or_else(|gone| look(connection, thing, id, &caller.scope).and(Err(gone)))
        })
        .await?;
    Ok(HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((header::CONTENT_DISPOSITION, disposition(&name)))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::ETAG, tag))
        .body(body))
}

/// Both forms of a name: of letters and digits for those who read no other, and the whole one (RFC 6266,
/// RFC 8187). Neither lets a character through that could end it.
fn disposition(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') { c } else { '_' }
    };
    let plain: String = name.chars().map(plain).collect();
    let coded = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    let whole: String = name.bytes().map(coded).collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}
