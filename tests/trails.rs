//! Trails tell how obligations came about, and change nothing about them; each equation that they tell holds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use cli::attempt::{Finding, condition, of_result};
use cli::driver::{Front, Until, front};
use cli::load::load_text;
use cli::resources::StageTimes;
use lang::sort::Sort;
use lang::typed::{Expr, ExprKind};
use solver::backend::Limits;
use solver::discharge::{Job, discharge};
use tests::{examples, files, root, text, z3};
use vcgen::alpha::{Key, key};
use vcgen::decompose::{Decomposition, equation};
use vcgen::expr;
use vcgen::lower::says_all;
use vcgen::obligation::{Obligation, Recheck};
use vcgen::print;
use vcgen::trail::Move;

/// Budgets of the specs' equations, and of those that nobody counts on.
const BUDGET: u32 = 200_000;
const SMALL: u32 = 50_000;
/// How many equations of one rule are put to Z3 where there are many modules.
const MAX_OF_RULE: usize = 40;

fn read(name: &str, text: &str, until: Until) -> Front {
    let folders = [root().join("specs"), root().join("tests/soundness/modules")];
    let loaded = load_text(name, text.to_owned(), &folders).expect("readable files");
    front(Path::new(name), loaded, StageTimes::default(), until)
}

/// The modules of these folders.
fn specs(folders: &[&str]) -> Vec<(String, String)> {
    let found = folders.iter().flat_map(|folder| files(&root().join(folder), "pax"));
    found.map(|(name, path)| (name, text(&path))).collect()
}

/// The examples of the pages in these folders.
fn pages(folders: &[&str]) -> Vec<(String, String)> {
    let of_page = |(name, path): (String, PathBuf)| {
        let blocks = examples(&text(&path)).into_iter().enumerate();
        blocks.map(move |(number, block)| (format!("{name} {number}"), block)).collect::<Vec<_>>()
    };
    folders.iter().flat_map(|folder| files(&root().join(folder), "md")).flat_map(of_page).collect()
}

#[test]
fn obligations_are_the_same_with_trails_and_without() {
    let mut n_trails = 0;
    let modules = specs(&["specs", "specs/broken", "tests/golden", "tests/mutants"]).into_iter();
    for (name, text) in modules.chain(pages(&["tests/soundness", "docs/errors"])) {
        let [plain, told] = [Until::Rechecks, Until::Trails].map(|until| read(&name, &text, until));
        assert_eq!(plain.diagnostics, told.diagnostics, "{name}");
        let (Some(plain), Some(told)) = (plain.decomposition, told.decomposition) else { continue };
        assert_eq!(print::tree(&plain.tree), print::tree(&told.tree), "{name}");
        // Free names count in keys, so that this says, too, that no name was made for a trail.
        let [own, other] = [&plain, &told].map(|it| it.tree.obligations.iter().map(said).collect::<Vec<_>>());
        assert!(own == other, "{name}");
        let [own, other] =
            [&plain, &told].map(|it| it.tree.rechecks.iter().map(rechecked).collect::<Vec<_>>());
        assert!(own == other, "{name}");
        assert_eq!(plain.program.all_locals().len(), told.program.all_locals().len(), "{name}");
        assert!(plain.tree.trails.is_empty(), "{name}");
        n_trails += told.tree.trails.len();
    }
    assert!(n_trails > 3_000, "only {n_trails} trails");
}

/// All that an obligation says.
fn said(it: &Obligation) -> (String, Vec<Key>) {
    let hypotheses = it.hypotheses.iter();
    let labels: Vec<_> = hypotheses.clone().map(|own| (&own.label, own.tier, &own.sources)).collect();
    let words =
        format!("{} {:?} {:?} {:?} {:?} {labels:?}", it.id, it.kind, it.closed, it.rests_on, it.worth);
    (words, hypotheses.map(|own| key(&own.formula)).chain([key(&it.goal)]).collect())
}

fn rechecked(it: &Recheck) -> (String, Vec<Key>) {
    let (words, mut keys) = said(&it.whole);
    keys.extend(it.cases.iter().map(|(_, stated)| key(stated)).chain(it.rest.iter().map(key)));
    (words, keys)
}

/// Each move, and those that it rests on.
fn each(moves: &[Move], visit: &mut dyn FnMut(&Move)) {
    for own in moves {
        visit(own);
        each(&own.since, visit);
    }
}

/// The equations of a module's trails, each once, with their right sides read as `as_after` says.
fn equations(told: &Decomposition, as_after: &dyn Fn(&Expr) -> Expr) -> Vec<(String, Obligation)> {
    let mut seen: BTreeSet<(Key, Key, Vec<Key>)> = BTreeSet::new();
    let mut found = Vec::new();
    for (idx, trail) in &told.tree.trails {
        let id = &told.tree.obligations[*idx].id;
        each(&trail.moves, &mut |own| {
            let known = own.known.iter().map(key).collect();
            if !seen.insert((key(&own.before), key(&own.after), known)) {
                return;
            }
            let own = &Move { after: as_after(&own.after), ..own.clone() };
            if let Some(equation) = equation(&told.program, format!("{id} {}", found.len()), own) {
                let [before, after] = [&own.before, &own.after].map(|it| print::formula(&told.program, it));
                let text = format!("{id}: {}:\n    {before}\n    {after}", own.words(&told.program));
                found.push((text, equation));
            }
        });
    }
    found
}

/// What Z3 says of equations.
#[derive(Default)]
struct Said {
    n_proved: usize,
    n_undecided: usize,
    /// Those that it says are wrong.
    wrong: Vec<String>,
}

fn ask(told: &Decomposition, equations: &[(String, Obligation)], rlimit: u32) -> Said {
    let job = |(_, equation): &(String, Obligation)| {
        Job::new(&equation.id, condition(&told.program, equation, Some(rlimit)))
    };
    let jobs: Vec<Job> = equations.iter().map(job).collect();
    let limits = Limits { timeout: Duration::from_secs(600), ..Limits::default() };
    let results = discharge(&jobs, 2, limits, &|_| z3(), &AtomicBool::new(false), &|_| {}, &|_, _| {});
    let mut said = Said::default();
    for ((job, result), (text, equation)) in jobs.iter().zip(results).zip(equations) {
        match of_result(&job.vc, result).finding {
            Finding::Proved { .. } => said.n_proved += 1,
            // Of sizes and of what lies outside of domains the solver is told some laws only.
            Finding::PossibleCounterexample { .. } if !says_all(equation) => said.n_undecided += 1,
            Finding::PossibleCounterexample { model } => said.wrong.push(format!("{text}\n{model}")),
            Finding::Unknown(_) => said.n_undecided += 1,
            Finding::Failed(error) => said.wrong.push(format!("{text}\n{error}")),
        }
    }
    said
}

#[test]
fn each_equation_of_the_specs_holds() {
    for (name, path) in files(&root().join("specs"), "pax") {
        let told = read(&name, &text(&path), Until::Trails).decomposition.expect("a module without errors");
        let found = equations(&told, &|after| after.clone());
        let Said { n_proved, n_undecided, wrong } = ask(&told, &found, BUDGET);
        assert_eq!(wrong, Vec::<String>::new(), "{name}");
        assert!(
            n_proved >= 9 && n_undecided * 100 <= 4 * n_proved,
            "{name}: {n_undecided} of {}",
            found.len()
        );
    }
}

#[test]
fn no_equation_of_other_modules_is_wrong() {
    let (mut n_proved, mut n_undecided) = (0, 0);
    let mut n_of_rule: BTreeMap<Option<String>, usize> = BTreeMap::new();
    for (name, text) in pages(&["tests/soundness"]) {
        let Some(told) = read(&name, &text, Until::Trails).decomposition else { continue };
        let mut found = equations(&told, &|after| after.clone());
        // Of each rule a few: modules are many, and much alike.
        found.retain(|(text, _)| {
            let rule =
                text.lines().next().and_then(|line| line.split_once(": ")).map(|(_, rule)| rule.to_owned());
            let count = n_of_rule.entry(rule).or_insert(0);
            *count += 1;
            *count <= MAX_OF_RULE
        });
        let said = ask(&told, &found, SMALL);
        assert_eq!(said.wrong, Vec::<String>::new(), "{name}");
        n_proved += said.n_proved;
        n_undecided += said.n_undecided;
    }
    assert!(n_proved > 800 && n_undecided * 100 <= 8 * n_proved, "{n_proved} proved, {n_undecided} not");
}

#[test]
fn an_equation_that_is_wrong_is_found_out() {
    let path = root().join("specs/voting.pax");
    let told = read("voting", &text(&path), Until::Trails).decomposition.expect("a module without errors");
    let negated = |after: &Expr| if after.sort == Sort::Bool { expr::not(after) } else { after.clone() };
    let mut found = equations(&told, &negated);
    found.retain(|(_, equation)| matches!(equation.goal.kind, ExprKind::Iff(..)));
    let Said { n_proved, n_undecided: _, wrong } = ask(&told, &found, SMALL);
    assert_eq!(n_proved, 0);
    assert!(wrong.len() * 3 > found.len(), "{} of {}", wrong.len(), found.len());
}
