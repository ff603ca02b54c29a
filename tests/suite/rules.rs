//! The rules by their ids, as tables.
