//! Lets the program find Z3, and tells it the sources of its stages by a hash.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

#[path = "build/find_z3.rs"]
mod find_z3;

/// What leads from a text to conditions and their answers, relative to this crate.
const STAGES: [&str; 6] =
    ["../lang", "../vcgen", "../solver", "../Cargo.lock", "src/attempt.rs", "src/driver.rs"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    find_z3::main();
    match stages() {
        Ok(hash) => println!("cargo::rustc-env=PAXPROVE_STAGES={hash}"),
        Err(error) => println!("cargo::error=the sources of the stages cannot be read: {error}"),
    }
}

/// A hash of the sources of all stages: what is remembered of a module is of one program.
fn stages() -> io::Result<String> {
    let mut files = Vec::new();
    for path in STAGES {
        println!("cargo::rerun-if-changed={path}");
        collect(Path::new(path), &mut files)?;
    }
    files.sort();
    let mut hasher = blake3::Hasher::new();
    for file in files {
        let text = fs::read(&file)?;
        for part in [file.to_string_lossy().as_bytes(), &text] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    Ok(hasher.finalize().to_hex().as_str()[..16].to_owned())
}

/// The files of a crate that are compiled, but for tests and benchmarks.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        let is_left_out = path.file_name().is_some_and(|name| name == "tests" || name == "benches");
        if !is_left_out {
            collect(&path, files)?;
        }
    }
    Ok(())
}
