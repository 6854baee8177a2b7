//! Lets the program find the Z3 library that it was linked with: beside itself, as in a release archive,
//! or where the crate `solver` keeps it.

use std::env;

#[allow(clippy::print_stdout, reason = "this is how a build script talks to Cargo")]
pub(crate) fn main() {
    println!("cargo::rerun-if-env-changed=DEP_PAXPROVE_Z3_LIBDIR");
    let Some(folder) = env::var_os("DEP_PAXPROVE_Z3_LIBDIR") else {
        return;
    };
    let beside = if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "macos") {
        "@loader_path"
    } else {
        "$ORIGIN"
    };
    for path in [beside.to_owned(), format!("{beside}/../lib"), folder.to_string_lossy().into_owned()] {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{path}");
    }
}
