//! Each stage of small modules as text: the proof tree and the obligations.

use cli::report::exit;
use tests::{Setup, files, prove, read, root, text};

#[test]
fn the_stages_of_small_modules() {
    for (name, path) in files(&root().join("tests/golden"), "pax") {
        let front = read(&format!("{name}.pax"), &text(&path), &[]);
        assert!(!front.has_errors(), "{name}: {:?}", front.diagnostics);
        let decomposition = front.decomposition.as_ref().expect("no errors, so obligations");
        let shown = format!(
            "{}\n{}",
            vcgen::print::tree(&decomposition.tree),
            vcgen::print::obligations(&decomposition.program, &decomposition.tree.obligations)
        );
        insta::with_settings!({ snapshot_path => "golden", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name.clone(), shown);
        });
        assert_eq!(exit(&prove(front, &Setup::default())).code(), 0, "{name}");
    }
}
