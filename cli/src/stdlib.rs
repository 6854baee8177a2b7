//! Texts that are part of the program: the standard modules and the pages on errors.

use include_dir::{Dir, include_dir};

static MODULES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../stdlib");
static ERRORS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../docs/errors");

/// The text of a standard module, by its name.
pub fn module(name: &str) -> Option<&'static str> {
    MODULES.get_file(format!("{name}.pax"))?.contents_utf8()
}

/// The page on an error's code.
pub fn error_page(code: &str) -> Option<&'static str> {
    ERRORS.get_file(format!("{code}.md"))?.contents_utf8()
}

/// All codes that have a page, sorted.
pub fn error_codes() -> Vec<&'static str> {
    names(&ERRORS, "md")
}

/// The names of all standard modules, sorted.
pub fn modules() -> Vec<&'static str> {
    names(&MODULES, "pax")
}

fn names(folder: &'static Dir<'static>, extension: &str) -> Vec<&'static str> {
    let mut names: Vec<&str> = folder
        .files()
        .filter(|file| file.path().extension().is_some_and(|found| found == extension))
        .filter_map(|file| file.path().file_stem()?.to_str())
        .collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The macro notices changed files but not added ones, so that a stale build would lack them.
    #[test]
    fn the_folders_are_embedded_whole() {
        for (folder, extension, embedded) in
            [("../stdlib", "pax", modules()), ("../docs/errors", "md", error_codes())]
        {
            let mut on_disk: Vec<String> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.extension().is_some_and(|found| found == extension))
                .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
                .collect();
            on_disk.sort();
            assert_eq!(embedded, on_disk);
        }
    }

    #[test]
    fn what_is_not_there_is_none() {
        assert!(module("../Cargo").is_none());
        assert!(error_page("no-such-code").is_none());
    }
}
