//! Modules of any size: so many actions and so many conjuncts, most of which an action does not concern.
//!
//! Invariant: what is generated is true and is proved. `cargo xtask scale` measures what it costs, and a test
//! looks at how that grows.

use std::fmt::Write as _;

/// Of more variables than this, an action would mostly say that it leaves them as they are.
const MAX_VARIABLES: usize = 100;

/// How large a module is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Actions, each of which changes one variable.
    pub actions: usize,
    /// Conjuncts of the invariant, each about one variable or two neighbours.
    pub conjuncts: usize,
    /// Theorems among which the conjuncts are divided; those that are proved help to prove the later ones.
    pub theorems: usize,
    /// Lemmas about a constant, each of which follows from the one before.
    pub lemmas: usize,
}

impl Size {
    /// A module with so many actions and conjuncts, one theorem, and no lemmas.
    pub fn of(actions: usize, conjuncts: usize) -> Self {
        Self { actions, conjuncts, theorems: 1, lemmas: 0 }
    }

    fn n_variables(self) -> usize {
        self.actions.max(self.conjuncts).clamp(2, MAX_VARIABLES)
    }

    /// The variable that an action or a conjunct is about, from 1 on.
    fn variable(self, position: usize) -> usize {
        position % self.n_variables() + 1
    }
}

/// Whether a variable comes with a set of the values that it has had.
fn has_set(variable: usize) -> bool {
    variable.is_multiple_of(10)
}

/// Whether a variable stays below the next one.
fn is_bounded(size: Size, variable: usize) -> bool {
    variable % 10 == 5 && variable < size.n_variables()
}

/// The text of a module.
pub fn module(name: &str, size: Size) -> String {
    let mut out = format!("---- MODULE {name} ----\nEXTENDS Integers\n");
    let variables = 1..=size.n_variables();
    let numbers = variables.clone().map(|v| format!("x{v}"));
    let sets = variables.clone().filter(|v| has_set(*v)).map(|v| format!("s{v}"));
    let names: Vec<String> = numbers.chain(sets).collect();
    let _ = writeln!(out, "CONSTANT F\nVARIABLES {}\nvars == <<{0}>>", names.join(", "));
    out.push_str(&lemmas(size));
    let initial = names.iter().map(|name| {
        let value = if name.starts_with('x') { "0" } else { "{}" };
        format!("  /\\ {name} = {value}\n")
    });
    let _ = write!(out, "Init ==\n{}", initial.collect::<String>());
    for position in 0..size.actions {
        out.push_str(&action(size, position, &names));
    }
    let next = (1..=size.actions).map(|action| format!("  \\/ A{action}\n"));
    let _ = write!(out, "Next ==\n{}Spec == Init /\\ [][Next]_vars\n", next.collect::<String>());
    let per_theorem = size.conjuncts.div_ceil(size.theorems.max(1)).max(1);
    let conjuncts: Vec<usize> = (0..size.conjuncts).collect();
    for (theorem, own) in conjuncts.chunks(per_theorem).enumerate() {
        let own = own.iter().map(|position| format!("  /\\ {}\n", conjunct(size, *position)));
        let number = theorem + 1;
        let _ = write!(
            out,
            "Inv{number} ==\n{}THEOREM Invariance{number} == Spec => []Inv{number}\n",
            own.collect::<String>()
        );
    }
    out.push_str("====\n");
    out
}

fn action(size: Size, position: usize, names: &[String]) -> String {
    let variable = size.variable(position);
    let mut out = format!("A{} ==\n", position + 1);
    if is_bounded(size, variable) {
        let _ = writeln!(out, "  /\\ x{variable} < x{}", variable + 1);
    }
    let _ = writeln!(out, "  /\\ x{variable}' = x{variable} + 1");
    if has_set(variable) {
        let _ = writeln!(out, "  /\\ s{variable}' = s{variable} \\cup {{x{variable}}}");
    }
    let is_changed = |name: &str| name[1..].parse() == Ok(variable);
    let kept: Vec<&str> = names.iter().map(String::as_str).filter(|name| !is_changed(name)).collect();
    let _ = writeln!(out, "  /\\ UNCHANGED <<{}>>", kept.join(", "));
    out
}

/// A conjunct: about a set, about neighbours, or that a variable is at least some number, which is another one
/// each time that the same variable comes up again.
fn conjunct(size: Size, position: usize) -> String {
    let variable = size.variable(position);
    let round = position / size.n_variables();
    if has_set(variable) {
        format!("\\A m \\in s{variable} : m <= x{variable} + {round}")
    } else if is_bounded(size, variable) {
        format!("x{variable} <= x{} + {round}", variable + 1)
    } else {
        format!("x{variable} >= 0 - {round}")
    }
}

fn lemmas(size: Size) -> String {
    let mut out = String::new();
    if size.lemmas > 0 {
        out.push_str("ASSUME Start == F \\in Nat /\\ F > 0\n");
    }
    for lemma in 1..=size.lemmas {
        let _ = writeln!(out, "LEMMA L{lemma} == F + {lemma} > {lemma}");
    }
    out
}
