//! The examples in documents are run: of a page on an error, the first has that error, the second none.

use cli::exit::ExitStatus;
use lang::diag::Severity;
use tests::{examples, files, found_in, root, text};

/// Errors that no small module shows.
const WITHOUT_EXAMPLE: [&str; 3] = ["file-too-large", "no-proof-rule", "vacuity-unchecked"];

#[test]
fn the_first_example_fails_and_the_second_does_not() {
    let mut problems = Vec::new();
    for (code, path) in files(&root().join("docs/errors"), "md") {
        let page = text(&path);
        if !page.lines().next().is_some_and(|heading| heading.starts_with('#') && heading.contains(&code)) {
            problems.push(format!("{code}: the heading is another"));
        }
        let examples = examples(&page);
        let [failing, repaired] = examples.as_slice() else {
            if !(WITHOUT_EXAMPLE.contains(&code.as_str()) && examples.len() < 2) {
                problems.push(format!("{code}: {} examples", examples.len()));
            }
            continue;
        };
        let (_, found, status) = found_in(&code, failing);
        if !found.iter().any(|finding| finding.code.0 == code) {
            problems.push(format!("{code}: the first example gives {found:?}"));
        }
        if found.iter().any(|finding| finding.code.0 == code && finding.help.is_none()) {
            problems.push(format!("{code}: no help says what to try"));
        }
        let has_error = found.iter().any(|finding| finding.severity == Severity::Error);
        if has_error && status == ExitStatus::Proved {
            problems.push(format!("{code}: the first example ends with success"));
        }
        let (_, found, status) = found_in(&code, repaired);
        // A repair of a form need not state a theorem.
        if !(found.is_empty() && matches!(status, ExitStatus::Proved | ExitStatus::NothingSelected)) {
            problems.push(format!("{code}: the second example gives {found:?}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
