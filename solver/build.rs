//! Finds Z3 and tells Cargo how to link it.
//!
//! One of three ways, each of which fails with a message that names the other two:
//! the prebuilt library of the pinned version (the default), a static build from source (`vendored`),
//! or what pkg-config finds (`system-z3`). The prebuilt library is kept outside `target/`, so that it is
//! fetched once on a machine.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version that proofs and costs are pinned to.
const PINNED: &str = "4.16.0";
/// Nothing older has all that the bindings call.
const OLDEST_SYSTEM: [u32; 3] = [4, 13, 3];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=fetch_z3.py");
    println!("cargo::rustc-env=PAXPROVE_Z3_PINNED={PINNED}");
    match encoding() {
        Ok(hash) => println!("cargo::rustc-env=PAXPROVE_ENCODING={hash}"),
        Err(error) => println!("cargo::error=the sources of the encoding cannot be read: {error}"),
    }
    let vendored = env::var_os("CARGO_FEATURE_VENDORED").is_some();
    let system = env::var_os("CARGO_FEATURE_SYSTEM_Z3").is_some();
    let (way, linked) = match (vendored, system) {
        (false, false) => ("prebuilt", link_prebuilt()),
        (true, false) => ("vendored", check_compiler()),
        (false, true) => ("system", link_system()),
        (true, true) => {
            ("none", Err("the features `vendored` and `system-z3` exclude each other".to_owned()))
        }
    };
    println!("cargo::rustc-env=PAXPROVE_Z3_WAY={way}");
    if let Err(problem) = linked {
        fail(&problem);
    }
}

/// A hash of the sources that put conditions into the solver's terms: answers that were kept are of one encoding.
fn encoding() -> std::io::Result<String> {
    let mut files = vec![PathBuf::from("src/z3.rs")];
    for entry in fs::read_dir("src/z3")? {
        files.push(entry?.path());
    }
    files.sort();
    let mut hasher = blake3::Hasher::new();
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        let text = fs::read(file)?;
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(&text);
    }
    println!("cargo::rerun-if-changed=src/z3");
    Ok(hasher.finalize().to_hex().as_str()[..16].to_owned())
}

/// Fails the build with what went wrong and what else can be tried.
fn fail(problem: &str) {
    let ways = [
        "the default: the prebuilt library out of the wheel `z3-solver` (needs python3 and the package index that pip \
         is configured for; offline, set PAXPROVE_Z3_WHEEL to the path of the wheel)",
        "--features vendored: Z3 built from source (needs CMake and GCC 13 or Clang 17; takes long)",
        "--features system-z3: the library that pkg-config finds (needs 4.13.3 or newer)",
    ];
    println!("cargo::error=Z3 {PINNED} cannot be linked: {}", problem.replace('\n', " "));
    for way in ways {
        println!("cargo::error=a way to get Z3 is {way}");
    }
}

/// Links the prebuilt library, after fetching it where the cache has none.
fn link_prebuilt() -> Result<(), String> {
    for name in ["PAXPROVE_Z3_WHEEL", "XDG_CACHE_HOME", "HOME"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    let system = env::var("CARGO_CFG_TARGET_OS").map_err(|error| error.to_string())?;
    let machine = env::var("CARGO_CFG_TARGET_ARCH").map_err(|error| error.to_string())?;
    let library = if system == "macos" { "libz3.dylib" } else { "libz3.so" };
    let folder = cache_folder()?.join(format!("z3-{PINNED}")).join(format!("{system}-{machine}"));
    if !folder.join(library).is_file() {
        fetch(&folder, &system, &machine)?;
    }
    println!("cargo::rerun-if-changed={}", folder.join(library).display());
    link_folder(&folder)?;
    run_time_path(&folder);
    Ok(())
}

/// The folder for what can be fetched again.
fn cache_folder() -> Result<PathBuf, String> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .map(|folder| folder.join("paxprove"))
        .ok_or_else(|| "neither XDG_CACHE_HOME nor HOME names a folder".to_owned())
}

fn fetch(folder: &Path, system: &str, machine: &str) -> Result<(), String> {
    let script = Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("fetch_z3.py");
    let arguments: [OsString; 4] = [script.into(), folder.into(), system.into(), machine.into()];
    let output = Command::new("python3")
        .args(arguments)
        .output()
        .map_err(|error| format!("python3, which fetches it, does not start: {error}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

/// Puts the cache folder on the linker's path through a link in `OUT_DIR`: Cargo lets tests and `cargo run`
/// find libraries at run time only below the target folder.
fn link_folder(folder: &Path) -> Result<(), String> {
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("z3");
    if fs::symlink_metadata(&out).is_ok() {
        fs::remove_file(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder, &out).map_err(|error| format!("{}: {error}", out.display()))?;
    println!("cargo::rustc-link-search=native={}", out.display());
    Ok(())
}

/// Lets this package's own programs, and through `DEP_PAXPROVE_Z3_LIBDIR` its dependents', find Z3.
fn run_time_path(folder: &Path) {
    println!("cargo::metadata=LIBDIR={}", folder.display());
    println!("cargo::rustc-link-arg=-Wl,-rpath,{}", folder.display());
}

/// Looks ahead whether Z3 can be built from source, which another package does: that fails late, and tells nobody of the
/// other ways.
fn check_compiler() -> Result<(), String> {
    println!("cargo::rerun-if-env-changed=CXX");
    let cmake = Command::new("cmake").arg("--version").output();
    if !cmake.is_ok_and(|output| output.status.success()) {
        return Err("CMake, which builds it from source, does not start".to_owned());
    }
    let compiler = env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let program = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("format.cpp");
    fs::write(&program, "#include <format>\nint main() { return std::format(\"{}\", 1).size() != 1; }\n")
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let output = Command::new(&compiler).args(["-std=c++20", "-fsyntax-only"]).arg(&program).output();
    if output.is_ok_and(|output| output.status.success()) {
        // The workspace tells the bindings not to ask for it: only a static Z3 needs it at link time.
        let macos = env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "macos");
        println!("cargo::rustc-link-lib={}", if macos { "c++" } else { "stdc++" });
        Ok(())
    } else {
        Err(format!("the compiler `{}` lacks C++20's <format>", compiler.display()))
    }
}

/// Links what pkg-config finds.
fn link_system() -> Result<(), String> {
    println!("cargo::rerun-if-env-changed=PKG_CONFIG_PATH");
    let version = pkg_config("--modversion")?;
    let numbers: Vec<u32> = version.split('.').map_while(|part| part.parse().ok()).collect();
    if numbers.as_slice() < OLDEST_SYSTEM.as_slice() {
        return Err(format!("pkg-config finds version {version}, which is older than 4.13.3"));
    }
    let folder = PathBuf::from(pkg_config("--variable=libdir")?);
    println!("cargo::rustc-link-search=native={}", folder.display());
    run_time_path(&folder);
    Ok(())
}

fn pkg_config(what: &str) -> Result<String, String> {
    let output = Command::new("pkg-config")
        .args([what, "z3"])
        .output()
        .map_err(|error| format!("pkg-config does not start: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(format!("pkg-config knows no z3: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }
}
