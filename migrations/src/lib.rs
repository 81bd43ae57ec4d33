//! The schema, one file per story.
