//! `paxprove cache`: looks after the answers that are kept.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::Output;
use crate::args::{Cache as Args, CacheCommand};
use crate::cache::archive::{Carried, export, import};
use crate::cache::folder::{Contents, Folder};
use crate::cache::usual_folder;
use crate::exit::ExitStatus;
use crate::report::counted;

/// A day, in seconds.
const DAY: u64 = 24 * 60 * 60;

/// Does what is asked for with the folder.
pub fn run(args: &Args) -> Result<Output> {
    let root = args.folder.clone().or_else(usual_folder);
    let folder = Folder::new(&root.context("there is no folder for answers: say which with `--cache-dir`")?);
    let mut text = String::new();
    let mut status = ExitStatus::Proved;
    match &args.command {
        CacheCommand::Stats => stats(&mut text, &folder),
        CacheCommand::Gc { max_age, max_size } => {
            let age = Duration::from_secs(u64::from(*max_age) * DAY);
            let swept = folder
                .sweep(age, u64::from(*max_size) << 20)
                .with_context(|| format!("cannot remove below `{}`", folder.path().display()))?;
            let _ = writeln!(text, "removed {}, {}", counted(swept.n_removed, "file"), size(swept.n_bytes));
            let _ = writeln!(text, "left {}", contents(swept.left));
        }
        CacheCommand::Export { file } => {
            let carried = export(&folder, file)?;
            status = told(&mut text, "wrote", file, &carried);
        }
        CacheCommand::Import { file } => {
            let carried = import(&folder, file)?;
            status = told(&mut text, "took over", file, &carried);
        }
    }
    Ok(Output { text, status })
}

fn stats(text: &mut String, folder: &Folder) {
    let damaged: Vec<String> = folder.answers().filter_map(Result::err).collect();
    let _ = writeln!(text, "{}", folder.path().display());
    let _ = writeln!(text, "{}", contents(folder.contents()));
    let _ = writeln!(text, "solver: {}", solver::canonical::solver_build());
    for problem in damaged {
        let _ = writeln!(text, "damaged: {problem}");
    }
}

/// What was carried. Something that is damaged is an error, though the rest was carried.
fn told(text: &mut String, did: &str, file: &Path, carried: &Carried) -> ExitStatus {
    let Carried { n_answers, n_known, damaged } = carried;
    let known = if *n_known > 0 { format!(", {n_known} known already") } else { String::new() };
    let _ = writeln!(text, "{did} {}{known}: {}", counted(*n_answers, "answer"), file.display());
    for problem in damaged {
        let _ = writeln!(text, "damaged: {problem}");
    }
    if damaged.is_empty() { ExitStatus::Proved } else { ExitStatus::Usage }
}

fn contents(contents: Contents) -> String {
    let Contents { n_answers, n_hints, n_memos, n_bytes } = contents;
    let counts = [counted(n_answers, "answer"), counted(n_hints, "core"), counted(n_memos, "module")];
    format!("{}, {}", counts.join(", "), size(n_bytes))
}

/// So many bytes, in a unit that fits.
fn size(n_bytes: u64) -> String {
    match n_bytes {
        0..10_000 => format!("{n_bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", n_bytes / 1000),
        _ => format!("{} MB", n_bytes / 1_000_000),
    }
}
