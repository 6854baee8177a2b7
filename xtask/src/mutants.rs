//! `cargo xtask mutants`: small changes to `vcgen`, one by one, and whether a test notices each of them.
//!
//! A change that no test notices may be one that proves what is false. Which files are changed and which tests
//! are asked stands in `.cargo/mutants.toml`; what was learned in `docs/mutation-testing.md`.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Problem, cargo};

/// Runs all mutants, or the part `shard`, such as `0/50`. The outcomes stay outside the checkout.
pub(crate) fn mutants(root: &Path, shard: Option<&str>) -> Result<(), Problem> {
    if !is_installed() {
        return Err("cargo-mutants is missing: `cargo install cargo-mutants --locked`".to_owned());
    }
    if let Some(shard) = shard.filter(|shard| !is_shard(shard)) {
        return Err(format!("`{shard}` is no part: `0/50` is the first of 50, `49/50` the last"));
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let output = target.join("mutation");
    std::fs::create_dir_all(&output)
        .map_err(|error| format!("cannot create `{}`: {error}", output.display()))?;
    let output = output.display().to_string();
    let mut args = vec!["mutants", "--package", "vcgen", "--no-shuffle", "--output", &output];
    if let Some(shard) = shard {
        args.extend(["--sharding", "round-robin", "--shard", shard]);
    }
    cargo(&args, &[("INSTA_UPDATE", "no")])
}

/// Whether cargo knows the command.
fn is_installed() -> bool {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut version = Command::new(program);
    version.args(["mutants", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    version.status().is_ok_and(|status| status.success())
}

/// Whether the text is `k/n` with `k < n`.
fn is_shard(text: &str) -> bool {
    let numbers = text.split_once('/').map(|(part, of)| (part.parse::<u32>(), of.parse::<u32>()));
    matches!(numbers, Some((Ok(part), Ok(of))) if part < of)
}

#[cfg(test)]
mod tests {
    use super::is_shard;

    #[test]
    fn parts_are_counted_from_zero() {
        assert!(is_shard("0/1") && is_shard("49/50"));
        for text in ["", "1", "50/50", "1/0", "-1/3", "a/b", "1/2/3"] {
            assert!(!is_shard(text), "{text}");
        }
    }
}
