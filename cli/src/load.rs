//! Reads a module and the modules that it extends or instantiates.
//!
//! A module is looked for in the folder of the file, then in each `-I DIR`, then among the
//! standard modules inside the program. One that is found nowhere is left to name resolution, which
//! knows the modules that are built in and reports the others.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use lang::ast;
use lang::diag::Diagnostic;
use lang::resolve::Lost;
use lang::source::SourceMap;

use crate::stdlib;

mod lost;

/// A module as parsed, with all that it extends or instantiates.
#[derive(Debug)]
pub struct Loaded {
    /// All texts that were read.
    pub sources: SourceMap,
    /// The module itself.
    pub root: ast::Module,
    /// The modules that it refers to, directly or not; each comes before those that it refers to itself.
    pub library: Vec<ast::Module>,
    /// What parsing found.
    pub diagnostics: Vec<Diagnostic>,
    /// What text that could not be read may have declared.
    pub lost: Lost,
}

/// Reads and parses `file` and what it refers to. An error means that a file could not be read.
pub fn load(file: &Path, include: &[PathBuf]) -> Result<Loaded> {
    let text = read(file)?;
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let folders: Vec<PathBuf> = std::iter::once(folder).chain(include.iter().cloned()).collect();
    load_text(&file.display().to_string(), text, &folders)
}

/// The text of a file.
fn read(file: &Path) -> Result<String> {
    let bytes = fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + valid.split(|byte| *byte == b'\n').count().saturating_sub(1);
        anyhow!("cannot read `{}`: line {line} is not UTF-8 text", file.display())
    })
}

/// Parses a text that is at hand; what it refers to is looked for in `folders`.
pub fn load_text(name: &str, text: String, folders: &[PathBuf]) -> Result<Loaded> {
    let mut sources = SourceMap::default();
    let parsed = parse(&mut sources, name, text);
    let mut lost = Lost::default();
    lost::collect(&sources, &parsed, &mut lost);
    let root = parsed.value;
    let mut diagnostics = parsed.diagnostics;
    let mut library = Vec::new();
    let mut seen = BTreeSet::from([root.name.text.clone()]);
    let mut wanted = root.referenced();
    wanted.reverse();
    while let Some(module) = wanted.pop() {
        if !seen.insert(module.clone()) {
            continue;
        }
        let Some(Source { name, text, standard }) = find(&module, folders)? else {
            continue;
        };
        let mut parsed = parse(&mut sources, &name, text);
        parsed.value.standard = standard;
        lost::collect(&sources, &parsed, &mut lost);
        diagnostics.extend(parsed.diagnostics);
        wanted.extend(parsed.value.referenced().into_iter().rev());
        library.push(parsed.value);
    }
    Ok(Loaded { sources, root, library, diagnostics, lost })
}

fn parse(sources: &mut SourceMap, name: &str, text: String) -> lang::diag::Checked<ast::Module> {
    let file = sources.add(name, text);
    let text = sources.files[file].text.clone();
    lang::parse::parse(file, &text)
}

/// A module's text, and where it was found.
struct Source {
    name: String,
    text: String,
    /// Whether it comes with the program, or is a copy of what does.
    standard: bool,
}

/// Where a module is, if anywhere.
fn find(module: &str, folders: &[PathBuf]) -> Result<Option<Source>> {
    for folder in folders {
        for extension in ["pax", "tla"] {
            let path = folder.join(format!("{module}.{extension}"));
            if path.is_file() {
                let text = read(&path)?;
                let standard = stdlib::module(module) == Some(text.as_str());
                return Ok(Some(Source { name: path.display().to_string(), text, standard }));
            }
        }
    }
    Ok(stdlib::module(module).map(|text| Source {
        name: format!("stdlib/{module}.pax"),
        text: text.to_owned(),
        standard: true,
    }))
}
