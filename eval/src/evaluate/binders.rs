//! Quantifiers.
//!
//! Invariant: a quantifier over a set that was not tried as a whole is settled by a witness or counterwitness,
//! or by what `integers` says of the integers that were not tried.

use std::rc::Rc;

use lang::ids::Id;
use lang::sort::Sort;
use lang::typed::{Binder, Expr, ExprKind, LocalId};

use super::integers::has_families;
use super::lazy::{Lazy, List, Val};
use super::tried::Tried;
use super::{Evaluator, Run, Stuck, Why};
use crate::value::Value;

/// What a binder ranges over.
enum Domain<'x> {
    /// A set.
    Set(Val),
    /// The members of a set of which a formula is true.
    Filter(Box<Domain<'x>>, LocalId, &'x Expr),
    /// All values of a sort.
    Sort,
    /// A set without a value.
    Open(Stuck),
}

impl Run<'_> {
    /// A quantifier; `decided` is the truth value that one instance decides it with.
    pub(super) fn quantifier(
        &mut self,
        e: &Expr,
        decided: bool,
        binders: &[Binder],
        body: &Expr,
    ) -> Result<bool, Stuck> {
        let domains: Vec<Domain<'_>> = binders
            .iter()
            .map(|binder| match &binder.domain {
                Some(domain) => self.domain(domain),
                None => Domain::Sort,
            })
            .collect();
        let mut open = None;
        if self.over(e, decided, binders, &domains, body, &mut open) {
            return Ok(decided);
        }
        match open {
            None => Ok(!decided),
            Some(reason) => {
                let is_vacuous = domains.iter().any(|domain| match domain {
                    Domain::Set(set) => self.is_empty(set, e.span) == Ok(true),
                    Domain::Filter(..) | Domain::Sort | Domain::Open(_) => false,
                });
                if is_vacuous { Ok(!decided) } else { Err(reason) }
            }
        }
    }

    fn domain<'x>(&mut self, domain: &'x Expr) -> Domain<'x> {
        if let ExprKind::SetFilter(Binder { local, domain: Some(base) }, body) = &domain.kind {
            return Domain::Filter(Box::new(self.domain(base)), *local, body);
        }
        match self.eval(domain) {
            Ok(set) => Domain::Set(set),
            Err(reason) => Domain::Open(reason),
        }
    }

    /// Whether some instance decides; what stays open is put into `open`.
    fn over(
        &mut self,
        e: &Expr,
        decided: bool,
        binders: &[Binder],
        domains: &[Domain<'_>],
        body: &Expr,
        open: &mut Option<Stuck>,
    ) -> bool {
        let all = binders;
        let ([binder, binders @ ..], [domain, domains @ ..]) = (binders, domains) else {
            return match self.truth(body) {
                Ok(truth) => {
                    if truth == decided {
                        self.witnessed(e);
                    }
                    truth == decided
                }
                Err(reason) => {
                    open.get_or_insert(reason);
                    false
                }
            };
        };
        let sort = &self.module.locals[binder.local].sort;
        let mut base = domain;
        let mut conditions: Vec<(LocalId, &Expr)> = Vec::new();
        while let Domain::Filter(inner, local, condition) = base {
            conditions.push((*local, condition));
            base = inner;
        }
        let tried = match base {
            Domain::Set(set) => match self.tried_for(e, all, body, set, *sort == Sort::Int) {
                Ok(tried) => tried,
                Err(reason) => {
                    open.get_or_insert(reason);
                    return false;
                }
            },
            Domain::Sort => match self.of_sort(sort, e.span) {
                // Values of all sorts are meant; that `p` is used as a truth value does not make it one.
                Ok(Tried { list, .. }) => Tried { list, missing: Some(Why::Infinite) },
                Err(reason) => {
                    open.get_or_insert(reason);
                    return false;
                }
            },
            Domain::Open(reason) => {
                open.get_or_insert_with(|| reason.clone());
                return false;
            }
            Domain::Filter(..) => return false,
        };
        let list: &List = &tried.list;
        for position in 0..list.len() {
            let Some(value) = list.get(position) else { break };
            if let Err(reason) = self.step(e.span) {
                open.get_or_insert(reason);
                return false;
            }
            let mut doubt = None;
            match self.passes(&conditions, &value) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(reason) => doubt = Some(reason),
            }
            let before = self.bind(binder.local, Val::Is(value));
            let settled = self.over(e, decided, binders, domains, body, open);
            self.unbind(binder.local, before);
            match doubt {
                None if settled => return true,
                Some(reason) if settled => {
                    if let Some((_, values)) = &mut self.watched {
                        *values = None;
                    }
                    open.get_or_insert(reason);
                }
                None | Some(_) => {}
            }
        }
        if let Err(reason) = self.missing(tried.missing, e.span) {
            open.get_or_insert(reason);
        }
        false
    }

    /// Notes the values that decide a quantifier, if they are asked for.
    fn witnessed(&mut self, e: &Expr) {
        if let Some((address, None)) = &self.watched
            && *address == e.address()
            && let ExprKind::Quantifier(_, binders, _) = &e.kind
        {
            let values = binders.iter().map(|binder| match self.env.get(binder.local.index()) {
                Some(Some(Val::Is(value))) => Some(value.clone()),
                _ => None,
            });
            self.watched = values.collect::<Option<Vec<Value>>>().map(|values| (e.address(), Some(values)));
        }
    }

    /// The member of `S` that keeps `S \subseteq T` or `S \in SUBSET T` from being true.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only these speak of members")]
    pub(super) fn stranger(&mut self, e: &Expr) -> Option<Value> {
        let (a, b) = match &e.kind {
            ExprKind::SubsetEq(a, b) => (a, self.eval(b).ok()?),
            ExprKind::In(a, set) => match self.eval(set).ok()? {
                Val::Lazy(lazy) => match &*lazy {
                    Lazy::Power(base) => (a, base.clone()),
                    _ => return None,
                },
                Val::Is(_) | Val::Open(_) => return None,
            },
            _ => return None,
        };
        let a = self.eval(a).ok()?;
        let list = self.tried(&a, e.span).ok()?.list;
        let members = (0..list.len()).filter_map(|position| list.get(position));
        let mut members =
            members.filter(|member| self.is_member(&Val::Is(member.clone()), &b, e.span) == Ok(false));
        members.next()
    }

    /// Whether a value has the properties of a filter, which are ordered from the outside in.
    fn passes(&mut self, conditions: &[(LocalId, &Expr)], value: &Value) -> Result<bool, Stuck> {
        self.all(conditions.iter().rev(), |this, (local, condition)| {
            let before = this.bind(*local, Val::Is(value.clone()));
            let truth = this.truth(condition);
            this.unbind(*local, before);
            truth
        })
    }

    /// The members of a set that have to be tried.
    fn tried_for(
        &mut self,
        e: &Expr,
        binders: &[Binder],
        body: &Expr,
        set: &Val,
        of_integers: bool,
    ) -> Result<Tried, Stuck> {
        if (of_integers || has_families(set))
            && self.is_finite(set, e.span)? != Some(true)
            && let Some((low, high)) = self.deciding(e, binders, body)
        {
            let list = self.between(set, low, high, e.span)?;
            return Ok(Tried { list, missing: None });
        }
        self.tried(set, e.span)
    }
}

impl Evaluator<'_> {
    /// The names that an expression mentions and does not bind, ascending.
    pub(super) fn free_locals(&self, e: &Expr) -> Rc<[LocalId]> {
        if let Some((_, known)) = self.free.borrow().get(&e.address()) {
            return Rc::clone(known);
        }
        let mut free = Vec::new();
        let mut bound = Vec::new();
        super::walk::free(e, &mut bound, &mut free);
        free.sort_unstable();
        free.dedup();
        let free: Rc<[LocalId]> = free.into();
        self.free.borrow_mut().insert(e.address(), (e.clone(), Rc::clone(&free)));
        free
    }
}
