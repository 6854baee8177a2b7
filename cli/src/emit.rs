//! Results in files, beside what goes to standard output.
//!
//! Invariants: a file is there whole or not at all; that one cannot be written is told and ends the run with 2, but
//! takes nothing away from the verdict.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::args::{Emit, ReportFormat, Reporting};
use crate::exit::ExitStatus;

/// Where the runner of GitHub's workflows says which file holds the summary of a step.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// An error if two reports would go into one file.
pub fn demand_different(emits: &[Emit]) -> Result<()> {
    let mut seen = BTreeSet::new();
    match emits.iter().find(|emit| !seen.insert(&emit.file)) {
        Some(twice) => bail!("two reports go into `{}`: name two files", twice.file.display()),
        None => Ok(()),
    }
}

/// Writes all reports that go into files; what goes wrong is told on standard error.
pub fn emit_all(reporting: &Reporting, render: impl Fn(ReportFormat) -> Result<String>) -> ExitStatus {
    let mut status = ExitStatus::Proved;
    for Emit { format, file } in &reporting.emit {
        status = status.and(told(render(*format).and_then(|text| write(file, &text))));
    }
    let is_for_github = reporting.format == ReportFormat::Github
        || reporting.emit.iter().any(|emit| emit.format == ReportFormat::Github);
    if let Some(file) = std::env::var_os(STEP_SUMMARY).filter(|file| is_for_github && !file.is_empty()) {
        let summary = render(ReportFormat::GithubSummary);
        status = status.and(told(summary.and_then(|text| append(&PathBuf::from(file), &text))));
    }
    status
}

/// Tells what went wrong, if something did.
pub fn told(result: Result<()>) -> ExitStatus {
    let Err(error) = result else { return ExitStatus::Proved };
    // When not even standard error takes the message, the exit code still tells.
    let _ = writeln!(io::stderr(), "error: {error:#}");
    ExitStatus::Usage
}

/// Writes a file, and the folders above it where they are missing: under another name first, so that nobody sees half
/// of it.
pub fn write(file: &Path, text: &str) -> Result<()> {
    write_whole(file, text.as_bytes()).with_context(|| format!("cannot write `{}`", file.display()))
}

fn write_whole(file: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays a link.
    let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    match fs::metadata(&target) {
        Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        // A device or a pipe has no other name.
        Ok(found) if !found.is_file() => return File::options().write(true).open(&target)?.write_all(bytes),
        Ok(found) if found.permissions().readonly() => return Err(io::ErrorKind::PermissionDenied.into()),
        Ok(_) | Err(_) => {}
    }
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As for any new file: what the user's mask leaves of it.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut whole = builder.tempfile_in(folder)?;
    whole.write_all(bytes)?;
    whole.as_file().sync_all()?;
    whole.persist(&target)?;
    Ok(())
}

fn append(file: &Path, text: &str) -> Result<()> {
    let opened = OpenOptions::new().create(true).append(true).open(file);
    opened
        .and_then(|mut opened| opened.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write `{}`", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/report.json");
        write(&file, "a longer text").unwrap();
        write(&file, "short").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "short");
        // Nothing else is left beside it.
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_devices_and_rights_stay_as_they_are() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        write(&file, "first").unwrap();
        symlink(&file, &link).unwrap();
        write(&link, "second").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "second");
        let plain = folder.path().join("plain");
        fs::write(&plain, "").unwrap();
        let mode = |file: &Path| fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode(&file), mode(&plain));
        write(Path::new("/dev/null"), "gone").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn what_cannot_be_written_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let message = format!("{:#}", write(folder.path(), "text").unwrap_err());
        assert!(message.starts_with(&format!("cannot write `{}`: ", folder.path().display())), "{message}");
        let file = folder.path().join("file");
        write(&file, "text").unwrap();
        write(&file.join("below"), "text").unwrap_err();
        assert_eq!(fs::read_to_string(&file).unwrap(), "text");
    }

    #[test]
    fn each_report_has_a_file_of_its_own() {
        let emit = |file: &str| Emit { format: ReportFormat::Json, file: PathBuf::from(file) };
        assert!(demand_different(&[emit("a"), emit("b")]).is_ok());
        assert!(demand_different(&[emit("a"), emit("b"), emit("a")]).is_err());
    }
}
