//! Bug bundles: when two of our own checks disagree, everything that somebody needs to look at it goes into a
//! folder: what disagreed, the texts, the report, the conditions.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use vcgen::obligation::ObligationKind;

use crate::attempt;
use crate::driver::Run;
use crate::identity;

/// Writes a bundle for a run with internal errors into a new folder of `parent`, and says which.
///
/// The folder's name depends on what is in it, so that the same trouble twice makes one folder.
pub fn write(parent: &Path, run: &Run, rlimit: Option<u32>, report: &str) -> Result<PathBuf> {
    let files = files(run, rlimit, report);
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    let module = &run.front.ast.name.text;
    let folder = parent.join(format!("paxprove-bug-{module}-{:08x}", hasher.finish() & 0xffff_ffff));
    for (name, text) in &files {
        let path = folder.join(name);
        let above = path.parent().unwrap_or(&folder);
        fs::create_dir_all(above).with_context(|| format!("cannot create `{}`", above.display()))?;
        fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(folder)
}

/// The bundle's files, by their paths in it.
fn files(run: &Run, rlimit: Option<u32>, report: &str) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let problems = run.proof.iter().flat_map(|proof| &proof.verdicts.internal);
    let problems: Vec<String> = problems.map(|problem| format!("- {problem}\n")).collect();
    let versions = format!("paxprove {}, Z3 {}\n", identity::VERSION, identity::z3_version());
    files.insert("problem.txt".into(), versions + &problems.concat());
    files.insert("report.json".into(), report.to_owned());
    for (number, file) in run.front.sources.files.iter().enumerate() {
        let name = Path::new(&file.name).file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.insert(PathBuf::from("sources").join(format!("{number}-{name}")), file.text.to_string());
    }
    let open = run.front.decomposition.iter().flat_map(|decomposition| {
        let is_open = |obligation: &&vcgen::obligation::Obligation| {
            obligation.closed.is_none() && obligation.kind != ObligationKind::Vacuity
        };
        let obligations = decomposition.tree.obligations.iter().filter(is_open);
        obligations.map(|obligation| {
            (&obligation.id, attempt::condition(&decomposition.program, obligation, rlimit))
        })
    });
    for (id, vc) in open {
        if let Some(stage) = vc.stages.last() {
            let path = PathBuf::from("conditions").join(attempt::file_name(id));
            files.insert(path, solver::smtlib::print(&vc, stage));
        }
    }
    files
}
