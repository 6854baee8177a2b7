//! Mutants of a spec: what becomes of its theorems when one thing in an action, an assumption or an invariant is
//! changed.
//!
//! ```text
//! ast ─reach→ roles ─operators→ candidates ─run→ mutants that are specs, and what becomes of each ─report→ text
//! ```
//!
//! Invariant: a mutant differs from the spec in one place, goes through the whole of `prove`, and survives only if
//! that says that every theorem of the module is proved.

pub mod operators;
pub mod reach;
pub mod record;
pub mod report;
pub mod run;
mod text;

use lang::ast::{self, Expr, Statement, UnitKind};
use lang::source::{SourceMap, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A change of one place.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// `Phase1b.2.at-least`: the definition, the way to the place, and the operator; unique, and stable under edits
    /// elsewhere.
    pub name: String,
    /// The definition, assumption or theorem that is changed.
    pub definition: String,
    /// What that is a part of.
    pub role: Role,
    /// What the change does to that part.
    pub effect: Effect,
    /// What is changed, in the user's text.
    pub span: Span,
    /// That text, as it is printed.
    pub before: String,
    /// What stands there instead; none if the place is left out.
    pub after: Option<String>,
    place: Place,
    replacement: Expr,
}

/// Where a mutant differs from the spec.
#[derive(Clone, Debug)]
struct Place {
    /// The module, 0 for the root.
    module: usize,
    /// The unit of the module.
    unit: usize,
    /// From the unit's formula to the place, by the positions of operands.
    path: Vec<usize>,
}

/// What a mutated definition is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// An assumption or axiom.
    Assumption,
    /// The initial predicate.
    Initial,
    /// An action.
    Action,
    /// Both of the system and of what is said about it, or of two parts of the system.
    Common,
    /// What a theorem says that others rest on, or that is proved by induction.
    Invariant,
    /// A lemma as a whole.
    Lemma,
    /// What a theorem says that merely follows, and that nothing rests on: what the spec is for.
    Property,
}

impl Role {
    /// All roles, in the order of reports.
    pub const ALL: [Self; 7] = [
        Self::Assumption,
        Self::Initial,
        Self::Action,
        Self::Common,
        Self::Invariant,
        Self::Lemma,
        Self::Property,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Assumption => "assumption",
            Self::Initial => "initial",
            Self::Action => "action",
            Self::Common => "common",
            Self::Invariant => "invariant",
            Self::Lemma => "lemma",
            Self::Property => "property",
        }
    }
}

/// What a change does to the assumption, the initial predicate, the action or the statement that it is made in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It holds wherever it held before.
    Weakens,
    /// It holds only where it held before.
    Strengthens,
    /// Neither is known.
    Changes,
}

impl Mutant {
    /// Whether the theorems of the mutant follow from those of the spec: less is assumed to happen, or less is
    /// said of it. Such a mutant should survive, whatever the spec, and does not count.
    pub fn is_implied(&self) -> bool {
        match self.role {
            Role::Assumption | Role::Initial | Role::Action => self.effect == Effect::Strengthens,
            Role::Property => self.effect == Effect::Weakens,
            Role::Common | Role::Invariant | Role::Lemma => false,
        }
    }

    /// The change in words, in one line; of long texts, what differs and a little around it.
    pub fn change(&self) -> String {
        match &self.after {
            Some(after) => {
                let [before, after] = text::difference(&self.before, after);
                format!("`{before}` -> `{after}`")
            }
            None => format!("without `{}`", text::beginning(&self.before)),
        }
    }

    /// Where it is: `file:line:column`.
    pub fn place_text(&self, sources: &SourceMap) -> String {
        let (line, column) = sources.line_col(self.span);
        format!("{}:{line}:{column}", sources.files[self.span.file].name)
    }

    /// What tells the change from all others of the same texts.
    fn identity(&self) -> String {
        let Span { file: _, start, end } = self.span;
        let Place { module, unit, path } = &self.place;
        format!("{module} {unit} {path:?} {start} {end} {}", lang::print::expr(&self.replacement))
    }

    /// The module that is changed, 0 for the root, as it is with the change.
    pub fn apply(&self, modules: &[&ast::Module]) -> (usize, ast::Module) {
        let mut module = modules[self.place.module].clone();
        if let Some(formula) = formula_mut(&mut module.units[self.place.unit]) {
            let mut at = formula;
            for position in &self.place.path {
                at = at.children_mut().swap_remove(*position);
            }
            *at = self.replacement.clone();
        }
        (self.place.module, module)
    }
}

/// The formula of a unit that may be mutated.
fn formula_mut(unit: &mut ast::Unit) -> Option<&mut Expr> {
    match &mut unit.kind {
        UnitKind::Assume(assume) => Some(&mut assume.body),
        UnitKind::Operator(def) => Some(&mut def.body),
        UnitKind::Function(def) => Some(&mut def.body),
        UnitKind::Theorem(theorem) => match &mut theorem.statement {
            Statement::Formula(formula) => Some(formula),
            Statement::AssumeProve(_) => None,
        },
        UnitKind::Constants(_)
        | UnitKind::Variables(_)
        | UnitKind::Recursive(_)
        | UnitKind::Instance(_)
        | UnitKind::InstanceDef(_)
        | UnitKind::Module(_)
        | UnitKind::Use(_) => None,
    }
}
