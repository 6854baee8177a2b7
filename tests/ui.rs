//! What users see: the failing example of each page on an error, rendered.

use tests::{Setup, examples, files, prove, read, rendered, root, text};

#[test]
fn each_error_as_it_is_shown() {
    for (code, path) in files(&root().join("docs/errors"), "md") {
        let Some(example) = examples(&text(&path)).into_iter().next() else {
            continue;
        };
        let run = prove(read("Example.pax", &example, &[]), &Setup::default());
        insta::with_settings!({ snapshot_path => "ui", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(code, rendered(&run));
        });
    }
}
