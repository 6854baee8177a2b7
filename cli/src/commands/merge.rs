//! `paxprove merge`: puts together what several machines have proved.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use anyhow::Result;

use super::Output;
use super::prove::{How, prove_so, tell};
use crate::args::Merge;
use crate::cache::Cache;
use crate::driver::Run;
use crate::exit::ExitStatus;
use crate::progress::Form;
use crate::report::counted;
use crate::report::text::Style;
use crate::saved::{Saved, Together, together};
use crate::shard::Shards;

/// Reads the runs, builds the proof again with their answers, and reports on it.
pub fn run(args: &Merge, style: Style, progress: Form) -> Result<Output> {
    let read = |path: &std::path::PathBuf| Ok((path.clone(), Saved::read(path)?));
    let runs = args.runs.iter().map(read).collect::<Result<Vec<_>>>()?;
    let Together { asked, shards, answers } = together(runs)?;
    asked.expect_same_texts()?;
    let (input, solving) = asked.arguments(args.jobs);
    let cache = Cache::off().with_runs(answers);
    let how = How { cache: Some(&cache), shards: shards.clone(), is_rechecked: false, progress };
    let runs = prove_so(&input, &solving, &how)?;
    io::stderr().write_all(cache.told(style.detail > 1).as_bytes())?;
    let mut output = tell(&runs, &input, &solving, &args.telling, style)?;
    if let (Some(shards), true) = (&shards, args.require_complete) {
        io::stderr().write_all(missing(&runs, shards).as_bytes())?;
        output.status = output.status.and(ExitStatus::Undecided);
    }
    Ok(output)
}

/// Which shards are missing, and what is in them.
fn missing(runs: &[Run], shards: &Shards) -> String {
    let gone: Vec<String> =
        (1..=shards.count).filter(|index| !shards.taken.contains(index)).map(|it| it.to_string()).collect();
    let mut text = format!("error: missing of {} shards: {}\n", shards.count, gone.join(", "));
    for run in runs {
        let Some(decomposition) = &run.front.decomposition else { continue };
        let obligations = shards.others(&decomposition.tree);
        let _ = writeln!(
            text,
            "{}: {}",
            run.front.file.display(),
            counted(obligations.len(), "missing obligation")
        );
        for id in obligations {
            let _ = writeln!(text, "    {id}");
        }
    }
    text
}
