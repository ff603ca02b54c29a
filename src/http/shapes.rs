//! What parameters look like: said once by their names, for every route of the document that has them.

use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::{Object, Schema, SchemaType, Type};
use utoipa::openapi::{OpenApi, PathItem, RefOr};

use super::cursor::MOST;
use crate::app::import::Subject;
use crate::domain::attachment::AttachmentKind;

/// An RMA number in any of its forms (ID-3, AMB-7).
const RMA_NUMBER: &str = "^([Rr][0-9]{8,10}|[0-9]{1,10})$";

/// A case number (ID-1) or its digits (ID-2).
const CASE_NUMBER: &str = "^([0-9]{4}-[0-9]{4}-[0-9]{6}|[0-9]{14})$";

/// Printable ASCII, without blanks at its ends, which HTTP would take off.
const KEY: &str = "^[!-~]([ -~]*[!-~])?$";

/// One version in quotes.
const VERSION: &str = "^\"[0-9]{1,18}\"$";

/// A file's name of plain letters; others are taken as well.
const FILE_NAME: &str = "^[A-Za-z0-9_][A-Za-z0-9_.-]*$";

/// Pairs of hexadecimal digits.
const CURSOR: &str = "^([0-9a-f]{2})+$";

/// Tells the shape of every parameter.
pub fn tell(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            for parameter in operation.parameters.iter_mut().flatten() {
                let RefOr::T(parameter) = parameter else { continue };
                let name = parameter.name.clone();
                if let Some(object) = object(parameter) {
                    shape(path, &name, object);
                }
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}

fn object(parameter: &mut Parameter) -> Option<&mut Object> {
    match &mut parameter.schema {
        Some(RefOr::T(Schema::Object(object))) => Some(object),
        _ => None,
    }
}

fn shape(path: &str, name: &str, object: &mut Object) {
    // A parameter that may be left out is left out; it has no null to be.
    if let SchemaType::Array(kinds) = &object.schema_type {
        let mut rest = kinds.iter().filter(|kind| **kind != Type::Null).cloned();
        if let (Some(only), None) = (rest.next(), rest.next()) {
            object.schema_type = SchemaType::Type(only);
        }
    }
    let mut text = |pattern: Option<&str>, longest: usize| {
        object.pattern = pattern.map(str::to_owned);
        object.min_length = Some(1);
        object.max_length = Some(longest);
    };
    match name {
        "number" if path.starts_with("/api/v1/rmas/") => text(Some(RMA_NUMBER), 11),
        "number" if path.starts_with("/api/v1/cases/") => text(Some(CASE_NUMBER), 16),
        "manufacturer" | "serial_number" if path.contains('{') => text(None, 64),
        "code" => text(None, 120),
        "kind" if path.ends_with("/attachments") => {
            object.enum_values =
                Some(AttachmentKind::ALL.iter().map(|k| k.as_str().into()).collect());
        }
        "name" if path.ends_with("/attachments") => text(Some(FILE_NAME), 120),
        "Idempotency-Key" => text(Some(KEY), 255),
        "If-Match" => text(Some(VERSION), 20),
        "cursor" => text(Some(CURSOR), 8192),
        "subject" => {
            let words = Subject::ALL.iter().map(|subject| subject.to_string().into());
            object.enum_values = Some(words.collect());
        }
        "limit" => {
            object.minimum = Some(1.into());
            object.maximum = Some(MOST.into());
        }
        _ => {}
    }
}
