//! The verb *parse*: the text of a module to [`ast::Module`].
//!
//! ```text
//! text ─lexer→ tokens ─shape→ marked tokens ─units→ declarations and steps
//!      ─junction→ laid-out tokens ─grammar, fold→ trees ─proof→ trees of steps
//! ```
//!
//! Invariant: there is a tree for any text, and no text makes this stage panic or recurse deeply; each
//! declaration, and each step of a proof, is parsed by itself, so that several mistakes in a file are told in one run. A declaration
//! that cannot be parsed stays in the module with an [`ast::ExprKind::Error`] body wherever its head can, and
//! a theorem stays whatever is wrong with its proof.

use std::ops::Range;

use indexmap::IndexSet;
use lalrpop_util::{ParseError as SyntaxError, lalrpop_mod};

use crate::ast::{
    self, Expr, ExprKind, Name, Proof, ProofKind, ProofStep, ProofStepKind, Statement, canonical,
};
use crate::diag::{Checked, Diagnostic};
use crate::source::{FileId, Span};

mod build;
mod errors;
mod fold;
mod junction;
mod lexer;
mod operators;
mod proof;
mod recover;
mod shape;
#[cfg(test)]
mod tests;
mod token;
mod units;

lalrpop_mod!(
    #[allow(
        clippy::all,
        clippy::pedantic,
        clippy::restriction,
        missing_docs,
        unused,
        unreachable_pub,
        private_interfaces,
        reason = "generated"
    )]
    #[allow(elided_lifetimes_in_paths, unused_lifetimes, unused_qualifications, reason = "generated")]
    grammar,
    "/src/parse/grammar.rs"
);

pub use errors::{Nested, ParseError};

use build::{Builder, Item};
use token::{Kind, Token};
use units::Part;

/// How deep modules may stand within modules.
const MAX_MODULES: u32 = 50;

/// Parses the module in `text`.
pub fn parse(file: FileId, text: &str) -> Checked<ast::Module> {
    let start = Span { file, start: 0, end: 0 };
    let empty = |errors| checked(empty_module(start), errors);
    if u32::try_from(text.len()).is_err() {
        return empty(vec![ParseError::FileTooLarge { at: start }]);
    }
    let Some(begin) = lexer::module_start(text) else {
        return empty(vec![ParseError::ModuleNotFound { at: start }]);
    };
    let lexer::Lexed { mut tokens, errors } = lexer::lex(file, text, begin);
    let partners = shape::shape(&mut tokens);
    let mut parser = Parser { file, text, tokens: &tokens, partners: &partners, errors };
    let module = parser.module(0..tokens.len(), 0);
    checked(module, parser.errors)
}

fn empty_module(at: Span) -> ast::Module {
    let name = Name { text: String::new(), span: at };
    ast::Module { name, extends: Vec::new(), units: Vec::new(), standard: false, span: at }
}

/// Parses modules within a file.
struct Parser<'t, 's> {
    file: FileId,
    text: &'s str,
    tokens: &'t [Token<'s>],
    partners: &'t shape::Partners,
    errors: Vec<ParseError>,
}

impl Parser<'_, '_> {
    /// The module whose tokens are in `range`, within `depth` others.
    fn module(&mut self, range: Range<usize>, depth: u32) -> ast::Module {
        let file = self.file;
        let tokens = &self.tokens[range.clone()];
        let mut module = empty_module(Span { file, start: 0, end: 0 });
        let first = range.start + header(file, tokens, &mut module, &mut self.errors);
        let mut begun = false;
        for part in units::split(self.tokens, self.partners, first..range.end) {
            match part {
                Part::Declaration { tokens, steps } => self.declaration(&tokens, &steps, begun, &mut module),
                Part::Module(range) => self.inner(range, depth + 1, &mut module),
            }
            begun = true;
        }
        module
    }

    /// A module within `outer`.
    fn inner(&mut self, range: Range<usize>, depth: u32, outer: &mut ast::Module) {
        let first = self.tokens[range.start];
        if depth > MAX_MODULES {
            let at = Span { file: self.file, start: first.start, end: first.end };
            self.errors.push(ParseError::NestingTooDeep { what: Nested::Module, at, limit: MAX_MODULES });
            return;
        }
        let module = self.module(range, depth);
        let span = module.span;
        outer.units.push(ast::Unit { kind: ast::UnitKind::Module(module), local: false, span });
    }

    /// A declaration, with the steps of its proof; `begun` if others precede it.
    fn declaration(
        &mut self,
        tokens: &[Token<'_>],
        steps: &[Vec<Token<'_>>],
        begun: bool,
        module: &mut ast::Module,
    ) {
        let (file, text) = (self.file, self.text);
        match declaration(file, text, tokens, &mut self.errors) {
            Item::Extends(names) if !begun => module.extends.extend(names),
            Item::Extends(_) => self.errors.push(ParseError::UnexpectedToken {
                found: tokens[0].text.to_owned(),
                reserved: true,
                expected: vec!["a declaration"],
                at: Span { file, start: tokens[0].start, end: tokens[0].end },
            }),
            Item::Unit(mut unit) => {
                if let ast::UnitKind::Theorem(theorem) = &mut unit.kind {
                    let steps = steps.iter().map(|step| self.step(step)).collect();
                    let at = theorem.proof.span;
                    let head =
                        std::mem::replace(&mut theorem.proof, Proof { kind: ProofKind::None, span: at });
                    theorem.proof = proof::assemble(head, steps, &mut self.errors);
                    unit.span = unit.span.to(theorem.proof.span);
                }
                module.units.push(*unit);
            }
            // The words that begin a step never begin a declaration.
            Item::Step(_) | Item::Nothing => {}
        }
    }

    /// A step of a proof; what cannot be parsed asserts an error.
    fn step(&mut self, tokens: &[Token<'_>]) -> ProofStep {
        let (file, text) = (self.file, self.text);
        match declaration(file, text, tokens, &mut self.errors) {
            Item::Step(step) => *step,
            Item::Unit(_) | Item::Extends(_) | Item::Nothing => {
                let (first, last) = (tokens[0], tokens[tokens.len() - 1]);
                let name = Builder::new(file, text).step(first.start, first.text);
                let span = Span { file, start: first.start, end: last.end };
                let nothing = Span { start: last.end, ..span };
                let is_qed = tokens.get(1).is_some_and(|word| word.kind == Kind::Qed);
                let body = Expr { kind: Box::new(ExprKind::Error), span };
                let kind =
                    if is_qed { ProofStepKind::Qed } else { ProofStepKind::Assert(Statement::Formula(body)) };
                ProofStep { name, kind, proof: Proof { kind: ProofKind::None, span: nothing }, span }
            }
        }
    }
}

fn checked(module: ast::Module, errors: Vec<ParseError>) -> Checked<ast::Module> {
    let mut diagnostics: Vec<Diagnostic> = errors.into_iter().map(Diagnostic::from).collect();
    diagnostics.sort_by_key(Diagnostic::sort_key);
    Checked { value: module, diagnostics }
}

/// Reads `---- MODULE Name ----` and finds the module's end; returns where its declarations begin.
fn header(
    file: FileId,
    tokens: &[Token<'_>],
    module: &mut ast::Module,
    errors: &mut Vec<ParseError>,
) -> usize {
    let (Some(opening), Some(last)) = (tokens.first(), tokens.last()) else { return 0 };
    let span = |token: &Token<'_>| Span { file, start: token.start, end: token.end };
    module.span = Span { file, start: opening.start, end: last.end };
    // `module_start` has found `----` and `MODULE`.
    let mut first = tokens.len().min(2);
    let mut complete = false;
    if let Some(name) = tokens.get(2).filter(|token| token.kind == Kind::Name) {
        module.name = Name { text: name.text.to_owned(), span: span(name) };
        complete = tokens.get(3).is_some_and(|token| token.kind == Kind::Separator);
        first = if complete { 4 } else { 3 };
    }
    if !complete {
        let at = tokens.get(first).unwrap_or(last);
        errors.push(ParseError::BadModuleHeader { at: span(at) });
    }
    if last.kind != Kind::ModuleEnd {
        errors.push(ParseError::MissingModuleEnd { at: span(last), name: module.name.text.clone() });
    }
    first
}

/// Parses one declaration; if it has mistakes, as often as it takes to find them all.
fn declaration(file: FileId, text: &str, unit: &[Token<'_>], errors: &mut Vec<ParseError>) -> Item {
    let junction::Layout { mut tokens, errors: found } = junction::lay_out(file, unit);
    let mut n_told = found.len();
    errors.extend(found.into_iter().take(recover::MAX_TOLD));
    // Attempts tell what they have in common again and again.
    let mut besides: IndexSet<ParseError> = IndexSet::new();
    let mut item = None;
    for _ in 0..recover::MAX_ATTEMPTS {
        let mut builder = Builder::new(file, text);
        let (parsed, stopped) = run(&mut builder, &tokens);
        besides.extend(builder.errors);
        let failure = match parsed {
            Ok(parsed) => {
                item = Some(parsed);
                break;
            }
            Err(failure) => failure,
        };
        let parts = recover::parts_around(&tokens, stopped);
        if parts.first().is_none_or(|part| part.is_fresh(&tokens)) {
            if n_told >= recover::MAX_TOLD {
                break;
            }
            n_told += 1;
            errors.push(syntax_error(file, &tokens, failure));
        }
        if !parts.into_iter().any(|part| part.replace(&mut tokens)) {
            break;
        }
    }
    errors.extend(besides.into_iter().take(recover::MAX_TOLD.saturating_sub(n_told)));
    item.unwrap_or_else(|| head_only(file, text, unit))
}

type Failure<'s> = SyntaxError<u32, Token<'s>, &'static str>;

/// Runs the grammar; also where it stopped.
fn run<'s>(builder: &mut Builder<'s>, tokens: &[Token<'s>]) -> (Result<Item, Failure<'s>>, usize) {
    let mut n_taken = 0;
    let stream = tokens.iter().map(|token| {
        n_taken += 1;
        (token.start, *token, token.end)
    });
    let parsed = grammar::DeclarationParser::new().parse(builder, stream);
    let at_end = matches!(parsed, Err(SyntaxError::UnrecognizedEof { .. }));
    (parsed, if at_end { n_taken } else { n_taken.saturating_sub(1) })
}

/// What can be saved of a declaration that cannot be parsed: its head, with an error for a body.
fn head_only(file: FileId, text: &str, unit: &[Token<'_>]) -> Item {
    let Some(define) = unit.iter().position(|token| token.kind == Kind::Define) else {
        return Item::Nothing;
    };
    let mut head = unit[..=define].to_vec();
    head.push(Token { kind: Kind::Broken, begins_definition: false, ..unit[define] });
    let layout = junction::lay_out(file, &head);
    run(&mut Builder::new(file, text), &layout.tokens).0.unwrap_or(Item::Nothing)
}

/// The parser's complaint in our words.
fn syntax_error(file: FileId, tokens: &[Token<'_>], error: Failure<'_>) -> ParseError {
    let end = tokens.last().map_or(Span { file, start: 0, end: 0 }, |last| {
        // Virtual tokens are empty; the last written one is what the user sees.
        let written = tokens.iter().rev().find(|token| !token.text.is_empty()).unwrap_or(last);
        Span { file, start: written.start, end: written.end }
    });
    match error {
        SyntaxError::UnrecognizedToken { token: (start, token, stop), expected }
            if !token.text.is_empty() =>
        {
            ParseError::UnexpectedToken {
                found: token.text.split_whitespace().next().unwrap_or_default().to_owned(),
                reserved: token.text.starts_with(|c: char| c.is_ascii_uppercase())
                    && token.kind != Kind::Name,
                expected: summary(&expected),
                at: Span { file, start, end: stop },
            }
        }
        // The end of a list where an item goes on: what comes next is the culprit.
        SyntaxError::UnrecognizedToken { token: (start, token, _), expected } => {
            let next = tokens
                .iter()
                .skip_while(|other| other.start < start || !other.text.is_empty() && other.end <= token.end)
                .find(|other| !other.text.is_empty() && other.start >= token.end);
            match next {
                Some(next) => ParseError::UnexpectedToken {
                    found: next.text.to_owned(),
                    reserved: false,
                    expected: summary(&expected),
                    at: Span { file, start: next.start, end: next.end },
                },
                None => ParseError::UnexpectedEnd { expected: summary(&expected), at: end },
            }
        }
        SyntaxError::UnrecognizedEof { expected, .. } => {
            ParseError::UnexpectedEnd { expected: summary(&expected), at: end }
        }
        SyntaxError::ExtraToken { token: (start, token, stop) } => ParseError::UnexpectedToken {
            found: token.text.to_owned(),
            reserved: false,
            expected: Vec::new(),
            at: Span { file, start, end: stop },
        },
        SyntaxError::InvalidToken { .. } | SyntaxError::User { .. } => {
            ParseError::UnexpectedEnd { expected: Vec::new(), at: end }
        }
    }
}

/// What the parser would have taken, in few words.
fn summary(expected: &[String]) -> Vec<&'static str> {
    if expected.is_empty() {
        // All before it is a whole declaration.
        return vec!["an operator", "the next declaration"];
    }
    let has = |terminal: &str| expected.iter().any(|name| name.trim_matches('"') == terminal);
    if has("number") {
        return vec!["an expression"];
    }
    let mut words = Vec::new();
    let mut say = |terminal: &str, word: &'static str| {
        if has(terminal) {
            words.push(word);
        }
    };
    say("name", "a name");
    say("==", "`==`");
    say("in_", "`\\in`");
    say("<-", "`<-`");
    say("_", "`_`");
    say("|->", "`|->`");
    say("->", "`->`");
    say(":", "`:`");
    say("THEN", "`THEN`");
    say("ELSE", "`ELSE`");
    say("IN", "`IN`");
    say("PROVE", "`PROVE`");
    say("EXCEPT", "`EXCEPT`");
    say("(", "`(`");
    say(",", "`,`");
    say(")", "`)`");
    say("]", "`]`");
    say("}", "`}`");
    say("infix", "an operator");
    words.truncate(3);
    words
}
