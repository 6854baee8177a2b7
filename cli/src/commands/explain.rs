//! `paxprove explain`: the page on a code of an error or warning.

use super::Output;
use crate::args::Explain;
use crate::exit::ExitStatus;
use crate::stdlib;

/// The page on one code, or the list of all codes.
pub fn run(args: &Explain) -> Output {
    let all = || stdlib::error_codes().join("\n");
    let Some(code) = &args.code else {
        return Output { text: format!("{}\n", all()), status: ExitStatus::Proved };
    };
    match stdlib::error_page(code) {
        Some(page) => Output { text: page.to_owned(), status: ExitStatus::Proved },
        None => Output {
            text: format!("there is no code `{code}`; the codes are:\n{}\n", all()),
            status: ExitStatus::Usage,
        },
    }
}
