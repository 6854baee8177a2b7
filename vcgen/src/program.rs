//! A typed module prepared for decomposition: fresh names, what each operator reads, and which operators
//! stay opaque.
//!
//! An operator is opaque if unfolding it everywhere would drown a solver: a predicate or a number with
//! parameters whose definition quantifies or chooses, or asks whether something is in an image, which is to
//! quantify. Everything else is unfolded by rewriting.
//!
//! NOTE(lifting): in an opaque predicate, an existential below a universal quantifier becomes an opaque
//! predicate of its own, `Op.1(x, y)`, whose parameters are the names that it reads. It has the same
//! truth value, by definition; but now `Op(x) => \A y : Op.1(x, y)` has a trigger, and the continuity of
//! `Op` follows from that of `Op.1`.
//!
//! NOTE(recursion): a recursive operator is opaque, whatever its sort, and nothing unfolds it: that it equals
//! its body is a hypothesis like others, which rests on its termination (`decompose/recursion.rs`). It has two
//! *twins*, other names of the same operator, which stand for it where lowering wants to unfold it no further
//! (`lower/levels.rs`); no obligation mentions them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lang::ids::{Id, IdVec};
use lang::sort::Sort;
use lang::source::Span;
use lang::typed::{
    Binder, Expr, ExprKind, Form, LocalId, Module, Operator, OperatorId, Quantifier, Symbol, Time, VariableId,
};

use crate::expr;
use crate::lower::Templates;
use crate::obligation::Source;
use crate::trail::Move;

/// A module with lifted operators, and the tables that decomposition needs.
#[derive(Clone, Debug)]
pub struct Program {
    /// The module, with the operators of [NOTE(lifting)](self).
    pub module: Module,
    locals: RefCell<IdVec<LocalId, Arc<Symbol>>>,
    support: IdVec<OperatorId, [BTreeSet<VariableId>; 2]>,
    opaque: IdVec<OperatorId, bool>,
    /// Whether an image is among what the operator describes, through operators that are unfolded.
    images: IdVec<OperatorId, bool>,
    /// What is known of recursive operators, for those that are known to have values.
    recursion: BTreeMap<OperatorId, Recursion>,
    /// Other names of recursive operators, nearest first.
    twins: BTreeMap<OperatorId, [OperatorId; 2]>,
    /// Rewritten bodies, once they were asked for.
    rewritten: RefCell<BTreeMap<OperatorId, Expr>>,
    /// What lowering keeps.
    pub(crate) templates: RefCell<Templates>,
    /// Whether anybody wants to know how obligations come about.
    has_trails: bool,
    /// What rewriting does, while it is written down.
    written_down: RefCell<Option<Vec<Move>>>,
}

/// `\A binders : guard => left = right`.
#[derive(Clone, Debug)]
pub struct Equation {
    /// What it holds for.
    pub binders: Vec<Binder>,
    /// Where it holds.
    pub guard: Expr,
    /// The operator applied, its value at an argument, or its domain.
    pub left: Expr,
    /// What that is.
    pub right: Expr,
}

/// What is known of a recursive operator.
#[derive(Clone, Debug)]
pub struct Recursion {
    /// Its equations.
    pub equations: Vec<Equation>,
    /// Whether it is a function that mentions its own values, rather than an operator that applies itself.
    pub is_function: bool,
    /// The positions of the arguments that the measure speaks of.
    pub measured: Vec<usize>,
    /// The obligations on which the equations rest: each recursive call decreases a measure.
    pub sources: Vec<Source>,
}

impl Program {
    /// The operator's body, rewritten with nothing known.
    pub fn rewritten_body(&self, operator: OperatorId) -> Expr {
        if let Some(found) = self.rewritten.borrow().get(&operator) {
            return found.clone();
        }
        let body = crate::rewrite::rewrite_closed(self, &self.module.operators[operator].body);
        self.rewritten.borrow_mut().insert(operator, body.clone());
        body
    }

    /// Prepares a module.
    pub fn new(module: &Module) -> Self {
        let mut program = Self {
            module: Module { operators: IdVec::new(), ..module.clone() },
            locals: RefCell::new(module.locals.iter().cloned().map(Arc::new).collect()),
            support: IdVec::new(),
            opaque: IdVec::new(),
            images: IdVec::new(),
            recursion: BTreeMap::new(),
            twins: BTreeMap::new(),
            rewritten: RefCell::default(),
            templates: RefCell::default(),
            has_trails: false,
            written_down: RefCell::default(),
        };
        // Lifted operators must come before their owner, so ids shift: `ids` maps old to new.
        let mut ids: BTreeMap<OperatorId, OperatorId> = BTreeMap::new();
        for (old, operator) in module.operators.iter_enumerated() {
            if operator.recursive {
                ids.insert(old, program.module.operators.next_id());
            }
            let body = renumber(&operator.body, &ids);
            let operator = Operator { body, ..operator.clone() };
            if operator.recursive {
                program.add_recursive(operator, None);
                continue;
            }
            let mut next = BTreeSet::new();
            expr::reads(&program, &operator.body, Time::Next, &mut next);
            let state = next.is_empty() && program.wants_opaque(&operator);
            let operator = if state { program.lift(operator) } else { operator };
            ids.insert(old, program.add(operator));
        }
        program.add_twins();
        for inherited in &mut program.module.inherited {
            inherited.operator = ids[&inherited.operator];
        }
        for fact in &mut program.module.facts {
            fact.statement = renumber(&fact.statement, &ids);
            if let lang::typed::Proof::By(hints) = &mut fact.proof {
                for def in &mut hints.defs {
                    *def = ids[def];
                }
            }
        }
        program
    }

    /// Has it written down how obligations come about.
    pub(crate) fn want_trails(&mut self) {
        self.has_trails = true;
    }

    /// Whether it is written down how obligations come about.
    pub(crate) fn has_trails(&self) -> bool {
        self.has_trails
    }

    /// Does some work, and tells what rewriting did in it; nothing if nobody wants to know.
    pub(crate) fn recorded<T>(&self, work: impl FnOnce() -> T) -> (T, Vec<Move>) {
        if !self.has_trails {
            return (work(), Vec::new());
        }
        let outer = self.written_down.replace(Some(Vec::new()));
        let result = work();
        (result, self.written_down.replace(outer).unwrap_or_default())
    }

    /// Whether rewriting is to write down what it does.
    pub(crate) fn is_recording(&self) -> bool {
        self.has_trails && self.written_down.borrow().is_some()
    }

    /// Takes what rewriting has written down.
    pub(crate) fn write_down(&self, moves: Vec<Move>) {
        if let Some(written) = &mut *self.written_down.borrow_mut() {
            written.extend(moves);
        }
    }

    /// A bound name's symbol.
    pub fn local(&self, id: LocalId) -> Arc<Symbol> {
        Arc::clone(&self.locals.borrow()[id])
    }

    /// A bound name's sort.
    pub fn sort_of(&self, id: LocalId) -> Sort {
        self.locals.borrow()[id].sort.clone()
    }

    /// A bound name as an expression, at the place of its declaration.
    pub fn named(&self, id: LocalId) -> Expr {
        let symbol = &self.locals.borrow()[id];
        expr::local(id, symbol.sort.clone(), symbol.span)
    }

    /// All bound names, fresh ones included.
    pub fn all_locals(&self) -> IdVec<LocalId, Symbol> {
        self.locals.borrow().iter().map(|symbol| Symbol::clone(symbol)).collect()
    }

    /// A new bound name.
    pub fn fresh(&self, name: &str, sort: Sort, span: Span) -> LocalId {
        self.locals.borrow_mut().push(Arc::new(Symbol { name: name.to_owned(), sort, span }))
    }

    /// Does some work whose fresh names nobody else will see, and takes them back: what the work yields does
    /// not depend on what was done before.
    pub fn scratch<T>(&self, work: impl FnOnce() -> T) -> T {
        let n_locals = self.locals.borrow().len();
        let result = work();
        self.locals.borrow_mut().truncate(n_locals);
        result
    }

    /// A new bound name with the name and sort of another.
    pub fn fresh_like(&self, id: LocalId) -> LocalId {
        let symbol = self.local(id);
        self.locals.borrow_mut().push(symbol)
    }

    /// A new bound name as an expression.
    pub fn rigid(&self, like: LocalId) -> Expr {
        self.named(self.fresh_like(like))
    }

    /// State variables that an operator's body reads at a time, through the operators it applies.
    pub fn support(&self, operator: OperatorId, time: Time) -> &BTreeSet<VariableId> {
        &self.support[operator][usize::from(time == Time::Next)]
    }

    /// Whether the operator's body speaks of the state after the step.
    pub fn is_action(&self, operator: OperatorId) -> bool {
        !self.support(operator, Time::Next).is_empty()
    }

    /// Whether applications of the operator stay as they are.
    pub fn is_opaque(&self, operator: OperatorId) -> bool {
        self.opaque[operator]
    }

    /// The operator applied to its own parameters, read at a time.
    pub fn applied(&self, operator: OperatorId, time: Time) -> Expr {
        let definition = &self.module.operators[operator];
        let args =
            definition.params.iter().map(|id| expr::local(*id, self.sort_of(*id), definition.span)).collect();
        Expr::new(ExprKind::Apply(operator, args, time), definition.body.sort.clone(), definition.span)
    }

    /// The operator's body with arguments for parameters, read at a time.
    pub fn unfold(&self, operator: OperatorId, args: &[Expr], time: Time) -> Expr {
        let definition = &self.module.operators[operator];
        let body = match time {
            Time::Now => definition.body.clone(),
            Time::Next => expr::prime(self, &definition.body),
        };
        let map = definition.params.iter().copied().zip(args.iter().cloned()).collect();
        expr::substitute(self, &body, &map)
    }

    /// Whether the operator is recursive, so that nothing may unfold it.
    pub fn is_recursive(&self, operator: OperatorId) -> bool {
        self.module.operators[operator].recursive
    }

    /// The recursive operators, in order.
    pub fn recursive(&self) -> impl Iterator<Item = OperatorId> + '_ {
        self.twins.keys().copied()
    }

    /// What is known of a recursive operator, if it is known to have values.
    pub fn recursion(&self, operator: OperatorId) -> Option<&Recursion> {
        self.recursion.get(&operator)
    }

    /// Records what is known of a recursive operator.
    pub fn set_recursion(&mut self, operator: OperatorId, recursion: Recursion) {
        self.recursion.insert(operator, recursion);
    }

    /// Other names of a recursive operator, nearest first.
    pub fn twins(&self, operator: OperatorId) -> Option<[OperatorId; 2]> {
        self.twins.get(&operator).copied()
    }

    /// The operator that a twin is another name of, and the twin's position.
    pub fn twin_of(&self, twin: OperatorId) -> Option<(OperatorId, usize)> {
        self.twins.iter().find_map(|(operator, twins)| {
            twins.iter().position(|own| *own == twin).map(|position| (*operator, position))
        })
    }

    /// A recursive operator reads what its body reads besides the operator itself.
    fn add_recursive(&mut self, operator: Operator, reads: Option<BTreeSet<VariableId>>) -> OperatorId {
        let body = operator.body.clone();
        self.support.push([BTreeSet::new(), BTreeSet::new()]);
        self.opaque.push(true);
        self.images.push(false);
        let id = self.module.operators.push(operator);
        let now = reads.unwrap_or_else(|| {
            let mut now = BTreeSet::new();
            expr::reads(self, &body, Time::Now, &mut now);
            now
        });
        self.support[id] = [now, BTreeSet::new()];
        id
    }

    fn add_twins(&mut self) {
        let recursive: Vec<OperatorId> =
            self.module.operators.ids().filter(|id| self.is_recursive(*id)).collect();
        for id in recursive {
            let reads = self.support(id, Time::Now).clone();
            let operator = self.module.operators[id].clone();
            let twins = [(); 2].map(|()| self.add_recursive(operator.clone(), Some(reads.clone())));
            self.twins.insert(id, twins);
        }
    }

    fn add(&mut self, operator: Operator) -> OperatorId {
        let mut now = BTreeSet::new();
        let mut next = BTreeSet::new();
        expr::reads(self, &operator.body, Time::Now, &mut now);
        expr::reads(self, &operator.body, Time::Next, &mut next);
        expr::any(&operator.body, &mut |node| {
            if let ExprKind::Unchanged(of) | ExprKind::ActionBox(_, of) = &node.kind {
                expr::reads(self, of, Time::Now, &mut next);
            }
            false
        });
        let opaque = next.is_empty() && self.wants_opaque(&operator);
        self.support.push([now, next]);
        self.opaque.push(opaque);
        self.images.push(!opaque && self.has_image(&operator.body));
        self.module.operators.push(operator)
    }

    fn wants_opaque(&self, operator: &Operator) -> bool {
        let hard = expr::any(&operator.body, &mut |node| match &node.kind {
            ExprKind::Quantifier(..) | ExprKind::Choose(..) => true,
            ExprKind::Apply(inner, _, _) => self.is_hard(*inner),
            _ => false,
        });
        let temporal = expr::any(&operator.body, &mut |node| {
            matches!(node.kind, ExprKind::Always(_) | ExprKind::Temporal(..))
        });
        let scalar = match operator.body.sort {
            Sort::Bool => expr::any(&operator.body, &mut |node| match &node.kind {
                ExprKind::Quantifier(..) => true,
                ExprKind::Apply(inner, _, _) => self.is_hard(*inner),
                // To be in an image is that an argument exists.
                ExprKind::In(_, set) => self.has_image(set),
                _ => false,
            }),
            Sort::Int | Sort::Str | Sort::Uninterpreted(_) => hard,
            Sort::Set(_) | Sort::Function(..) | Sort::Tuple(_) | Sort::Record(_) => false,
        };
        !operator.params.is_empty() && scalar && !temporal
    }

    /// Whether an expression is made of an image, `{e : x \in S}`, once operators are unfolded.
    fn has_image(&self, expr: &Expr) -> bool {
        expr::any(expr, &mut |node| match &node.kind {
            ExprKind::SetMap(..) => true,
            ExprKind::Apply(inner, _, _) => self.images[*inner],
            _ => false,
        })
    }

    /// Whether an operator that applies this one should be opaque, too.
    fn is_hard(&self, operator: OperatorId) -> bool {
        self.opaque[operator] && !self.is_recursive(operator)
    }

    /// See [NOTE(lifting)](self).
    fn lift(&mut self, operator: Operator) -> Operator {
        if operator.body.sort != Sort::Bool {
            return operator;
        }
        let mut count = 0;
        let body = self.lift_below(&operator.body, &operator, false, true, &mut count);
        Operator { body, ..operator }
    }

    fn lift_below(
        &mut self,
        body: &Expr,
        owner: &Operator,
        below_universal: bool,
        positive: bool,
        count: &mut usize,
    ) -> Expr {
        use ExprKind as K;
        match &body.kind {
            K::Quantifier(q, binders, inner) => {
                let universal = (*q == Quantifier::Forall) == positive;
                if below_universal && !universal {
                    return self.lifted(body, owner, count);
                }
                let inner = self.lift_below(inner, owner, below_universal || universal, positive, count);
                Expr::new(K::Quantifier(*q, binders.clone(), inner), Sort::Bool, body.span)
            }
            K::And(_) | K::Or(_) => expr::map_children(body, &mut |child| {
                self.lift_below(child, owner, below_universal, positive, count)
            }),
            K::Not(inner) => {
                let inner = self.lift_below(inner, owner, below_universal, !positive, count);
                Expr::new(K::Not(inner), Sort::Bool, body.span)
            }
            K::Implies(premise, conclusion) => {
                let premise = self.lift_below(premise, owner, below_universal, !positive, count);
                let conclusion = self.lift_below(conclusion, owner, below_universal, positive, count);
                Expr::new(K::Implies(premise, conclusion), Sort::Bool, body.span)
            }
            _ => body.clone(),
        }
    }

    fn lifted(&mut self, body: &Expr, owner: &Operator, count: &mut usize) -> Expr {
        *count += 1;
        let free: Vec<LocalId> = expr::free_locals(body).into_iter().collect();
        let params: Vec<LocalId> = free.iter().map(|id| self.fresh_like(*id)).collect();
        let map = free.iter().copied().zip(params.iter().map(|id| self.named(*id))).collect();
        let args: Vec<Expr> = free.iter().map(|id| self.named(*id)).collect();
        let lifted = Operator {
            name: format!("{}.{count}", owner.name),
            body: expr::substitute(self, body, &map),
            params,
            recursive: false,
            span: body.span,
        };
        let id = self.add(lifted);
        Expr::new(ExprKind::Apply(id, args, Time::Now), Sort::Bool, body.span)
    }
}

fn renumber(expr: &Expr, ids: &BTreeMap<OperatorId, OperatorId>) -> Expr {
    if !expr.has(Form::Apply) {
        return expr.clone();
    }
    let mapped = expr::map_children(expr, &mut |child| renumber(child, ids));
    match &mapped.kind {
        ExprKind::Apply(id, args, time) => {
            let new = ids.get(id).copied().unwrap_or_else(|| OperatorId::from_index(id.index()));
            Expr::new(ExprKind::Apply(new, args.clone(), *time), mapped.sort.clone(), mapped.span)
        }
        _ => mapped,
    }
}
