//! `paxprove schema`: the JSON schema of a report, derived from the types that are written.

use anyhow::Result;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use super::{Output, certify, check, simulate, stability};
use crate::args::{Schema as Args, SchemaOf};
use crate::exit::ExitStatus;
use crate::mutate;
use crate::progress::events::Event;
use crate::report;

/// The schema of a report.
pub fn run(args: &Args) -> Result<Output> {
    let text = serde_json::to_string_pretty(&schema(args.of))? + "\n";
    Ok(Output { text, status: ExitStatus::Proved })
}

fn schema(of: SchemaOf) -> Schema {
    match of {
        SchemaOf::Json => titled::<report::json::Report<'_>>("paxprove prove --format json"),
        SchemaOf::Jsonl => titled::<report::jsonl::Line<'_>>("a line of paxprove prove --format jsonl"),
        SchemaOf::CheckJson => titled::<check::Report<'_>>("paxprove check --format json"),
        SchemaOf::Vacuity => titled::<report::vacuity::Report<'_>>("paxprove vacuity --format json"),
        SchemaOf::Simulate => titled::<simulate::json::Report<'_>>("paxprove simulate --format json"),
        SchemaOf::Mutate => titled::<mutate::report::Report<'_>>("paxprove mutate --format json"),
        SchemaOf::MutateOut => titled::<mutate::record::Line>("a line of paxprove mutate --out"),
        SchemaOf::Stability => titled::<stability::Report<'_>>("paxprove stability --format json"),
        SchemaOf::Certify => titled::<certify::Report<'_>>("paxprove certify --format json"),
        SchemaOf::Progress => titled::<Event<'_>>("a line of paxprove --progress json"),
        SchemaOf::CheckJsonl => titled::<check::Line<'_>>("a line of paxprove check --format jsonl"),
    }
}

fn titled<T: JsonSchema>(title: &str) -> Schema {
    // What is written, not what would be read: a field that is always there is required, though it may be null.
    let mut schema =
        SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema
}
