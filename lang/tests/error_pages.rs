//! The pages of the parser's error codes tell the truth: the first example has that code, the second has none.

use lang::ids::Id;
use lang::source::FileId;

const CODES: &[&str] = &[
    "bad-module-header",
    "bracket-left-of-list",
    "misplaced-step",
    "missing-module-end",
    "module-not-found",
    "nesting-too-deep",
    "number-too-long",
    "precedence-conflict",
    "unclosed-bracket",
    "unexpected-end",
    "unexpected-token",
    "unfinished-proof",
    "unknown-character",
    "unknown-escape",
    "unknown-operator",
    "unopened-bracket",
    "unterminated-comment",
    "unterminated-string",
];

fn codes(text: &str) -> Vec<&'static str> {
    lang::parse::parse(FileId::from_index(0), text).diagnostics.iter().map(|found| found.code.0).collect()
}

#[test]
fn examples_fail_and_repairs_do_not() {
    for code in CODES {
        let path = format!("{}/../docs/errors/{code}.md", env!("CARGO_MANIFEST_DIR"));
        let page = std::fs::read_to_string(&path).unwrap();
        let examples: Vec<&str> =
            page.split("```pax\n").skip(1).filter_map(|rest| rest.split("```\n").next()).collect();
        assert_eq!(examples.len(), 2, "{code}");
        assert!(codes(examples[0]).contains(code), "{code}: {:?}", codes(examples[0]));
        assert_eq!(codes(examples[1]), [""; 0], "{code}");
    }
}
