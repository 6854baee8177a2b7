//! One obligation, explained to people.

use std::fmt::Write as _;

use super::counted;
use super::text::{Style, seconds, units};
use crate::explanation::steps::Step;
use crate::explanation::{Assumed, CameAbout, Closing, Explanation, Needed, Written};

/// Longer formulas are cut, unless all is wanted.
const MAX_TEXT: usize = 240;
/// So many equations in a row are shown, unless all is wanted.
const MAX_EQUATIONS: usize = 10;
/// So many obligations that may use it are listed, unless all is wanted.
const MAX_OFFERS: usize = 6;

/// The explanation as text; with all formulas and all hypotheses if the style asks for more than usual.
pub fn render(explanation: &Explanation, style: Style) -> String {
    let mut page = Page { out: String::new(), is_whole: style.detail > 1, is_cut: false };
    let Explanation { id, kind, verdict, says, .. } = explanation;
    page.line(0, &format!("{id}: {kind}"));
    page.line(0, &format!("{verdict}: {says}"));
    if style.detail > 0 {
        page.path(explanation);
        page.claim(explanation.claim.as_ref());
        page.hypotheses(explanation);
        page.came_about(explanation);
        page.closing(&explanation.closing);
        page.notes(&explanation.notes);
        page.without(&explanation.without);
        page.rest(explanation);
    }
    if page.is_cut {
        page.line(0, "");
        page.line(0, "(`-v` shows all of it)");
    }
    page.out
}

struct Page {
    out: String,
    is_whole: bool,
    /// Whether something was left out that more detail would show.
    is_cut: bool,
}

impl Page {
    fn line(&mut self, indent: usize, text: &str) {
        let _ = writeln!(self.out, "{:indent$}{text}", "");
    }

    fn heading(&mut self, text: &str) {
        self.line(0, "");
        self.line(0, text);
    }

    fn formula(&mut self, text: &str) -> String {
        if self.is_whole || text.chars().count() <= MAX_TEXT {
            return text.to_owned();
        }
        self.is_cut = true;
        format!("{}...", text.chars().take(MAX_TEXT - 3).collect::<String>())
    }

    fn path(&mut self, explanation: &Explanation) {
        self.heading("WHERE IT COMES FROM");
        for split in &explanation.path {
            self.line(2, &format!("{}: {}", split.name, split.title));
            let line = self.formula(&split.line);
            self.line(6, &format!("{}: {line}", split.place));
            self.line(6, split.why);
        }
    }

    fn claim(&mut self, claim: Option<&Written>) {
        let Some(Written { before, step, goal, is_after }) = claim else { return };
        self.heading("WHAT IS CLAIMED, AS WRITTEN");
        if !before.is_empty() {
            self.line(2, if step.is_some() { "known before the step" } else { "known" });
            let shown = if self.is_whole { before.len() } else { before.len().min(MAX_OFFERS) };
            for known in &before[..shown] {
                let known = self.formula(known);
                self.line(6, &known);
            }
            self.left_out(6, before.len() - shown, "more");
        }
        if let Some((name, parts)) = step {
            self.line(2, &format!("step {name}"));
            for part in parts {
                let part = self.formula(part);
                self.line(6, &part);
            }
        }
        self.line(2, if *is_after { "to hold after the step" } else { "to hold" });
        let goal = self.formula(goal);
        self.line(6, &goal);
    }

    fn left_out(&mut self, indent: usize, n: usize, what: &str) {
        if n > 0 {
            self.is_cut = true;
            self.line(indent, &format!("({n} {what})"));
        }
    }

    fn hypotheses(&mut self, explanation: &Explanation) {
        self.heading("GOAL AND HYPOTHESES, AS THEY STAND (* used by the proof)");
        let goal = self.formula(&explanation.goal);
        self.line(2, "goal");
        self.line(6, &goal);
        let is_shown = |own: &&Assumed| self.is_whole || own.is_used || own.tier == 0;
        let shown: Vec<&Assumed> = explanation.hypotheses.iter().filter(is_shown).collect();
        for Assumed { label, formula, origin, rests_on, tier, is_used } in &shown {
            let mark = if *is_used { '*' } else { ' ' };
            self.line(0, &format!("{mark} {label} (tier {tier}): {origin}"));
            let formula = self.formula(formula);
            self.line(6, &formula);
            if self.is_whole && !rests_on.is_empty() {
                self.line(6, &format!("rests on {}", rests_on.join(", ")));
            }
        }
        self.left_out(2, explanation.hypotheses.len() - shown.len(), "more of later tiers, not used");
    }

    fn came_about(&mut self, explanation: &Explanation) {
        let Some(CameAbout { written, steps }) = &explanation.came_about else { return };
        self.heading("WHAT WAS DONE TO IT (before ~> after)");
        self.line(2, "as written");
        let written = self.formula(written);
        self.line(6, &written);
        let mut rest = steps.as_slice();
        while let Some(first) = rest.first() {
            let n_alike = rest.iter().take_while(|step| step.is_equation == first.is_equation).count();
            let (run, others) = rest.split_at(n_alike);
            rest = others;
            if first.is_equation {
                self.equations(run);
            } else {
                for step in run {
                    self.step(step);
                }
            }
        }
        let end = match explanation.closing.means {
            Some("Z3") | None => "that is the goal, which the solver is asked about",
            Some(_) => "nothing is left to prove",
        };
        self.line(2, end);
    }

    /// Equations of parts, without those that go without saying.
    fn equations(&mut self, steps: &[Step]) {
        let told: Vec<&Step> = steps.iter().filter(|step| self.is_whole || !step.is_trivial).collect();
        let shown = if self.is_whole { told.len() } else { told.len().min(MAX_EQUATIONS) };
        for step in &told[..shown] {
            self.equation(2, step);
        }
        let n_trivial = steps.len() - told.len();
        self.left_out(2, told.len() - shown, "more equations");
        self.left_out(
            2,
            n_trivial,
            if n_trivial == 1 { "that goes without saying" } else { "that go without saying" },
        );
    }

    fn equation(&mut self, indent: usize, step: &Step) {
        self.line(indent, &step.rule);
        let (before, after) = (self.formula(&step.before), self.formula(&step.after));
        if before.chars().count() + after.chars().count() < 100 {
            self.line(indent + 4, &format!("{before}  ~>  {after}"));
        } else {
            self.line(indent + 4, &before);
            self.line(indent + 1, &format!("~> {after}"));
        }
        if self.is_whole {
            for since in step.since.iter().filter(|since| !since.is_trivial) {
                self.equation(indent + 8, since);
            }
        }
    }

    /// A step from one goal to another: what it was stands above.
    fn step(&mut self, step: &Step) {
        self.line(2, &step.rule);
        for since in &step.since {
            let (before, after) = (self.formula(&since.before), self.formula(&since.after));
            self.line(6, &format!("{before}  ~>  {after}   ({})", since.rule));
        }
        let after = self.formula(&step.after);
        self.line(3, &format!("~> {after}"));
    }

    fn closing(&mut self, closing: &Closing) {
        let Closing { means, how, stage, tier, rlimit, time_s, core, uses_goal } = closing;
        self.heading("WHAT CLOSED IT");
        self.line(2, how);
        if let Some([stage, n_stages]) = stage {
            let tier = tier.map(|tier| format!(", with hypotheses up to tier {tier}")).unwrap_or_default();
            let time = std::time::Duration::try_from_secs_f64(*time_s).unwrap_or_default();
            self.line(2, &format!("stage {stage} of {n_stages}{tier}"));
            self.line(2, &format!("cost: {}, {}", units(*rlimit), seconds(time)));
        }
        if means.is_some() {
            let core = if core.is_empty() { "none".to_owned() } else { super::listed(core) };
            self.line(2, &format!("hypotheses that suffice: {core}"));
            if *means == Some("Z3") && !uses_goal {
                self.line(2, "the goal is not among what was used: the hypotheses contradict each other");
            }
        }
    }

    fn notes(&mut self, notes: &[String]) {
        if notes.is_empty() {
            return;
        }
        self.heading("WHAT IS KNOWN OF IT");
        for line in notes.iter().flat_map(|note| note.lines()) {
            self.line(2, line);
        }
    }

    fn without(&mut self, without: &[Needed]) {
        if without.is_empty() {
            return;
        }
        self.heading("WITHOUT EACH HYPOTHESIS THAT IT USES");
        for Needed { label, found, states } in without {
            let what = match *found {
                "still-proved" => "still proved, the others suffice",
                "fails" => "the claim fails, confirmed by the evaluator",
                _ => "undecided with a small budget",
            };
            self.line(2, &format!("without `{label}`: {what}"));
            for state in states {
                let state = self.formula(state);
                self.line(6, &state);
            }
        }
    }

    fn rest(&mut self, explanation: &Explanation) {
        self.heading("WHAT RESTS ON IT");
        match &explanation.needed_by {
            Some([theorem, alternative]) => {
                self.line(2, &format!("`{theorem}` needs it ({alternative})"));
            }
            None => self.line(2, "no theorem needs it by itself"),
        }
        let offers = &explanation.offered_to;
        if !offers.is_empty() {
            self.line(
                2,
                &format!("it is offered as a hypothesis to {}", counted(offers.len(), "obligation")),
            );
            let shown = if self.is_whole { offers.len() } else { offers.len().min(MAX_OFFERS) };
            for offer in &offers[..shown] {
                self.line(6, &format!("{}, as `{}`", offer.id, offer.label));
            }
            self.left_out(6, offers.len() - shown, "more");
        }
        self.heading("TO TRY IT ALONE");
        self.line(2, &explanation.reproduce);
        self.line(2, &explanation.dump);
    }
}
