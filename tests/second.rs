//! A second opinion, where cvc5 is installed: it agrees on the whole proof of a spec, and not on a false one.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use cli::attempt::{Solving, Unwatched};
use cli::certify::{Certified, Second, certify, find_cvc5, version};
use cli::driver::{Run, Until, front, prove};
use cli::load::load_text;
use cli::recheck::recheck;
use cli::resources::StageTimes;
use cli::select::Selection;
use cli::stability::stability;
use lang::typed::{Expr, ExprKind};
use solver::backend::Limits;
use solver::cvc5::Cvc5;
use tests::{root, text, z3};

/// Seconds for a question: it is answered in milliseconds, on a machine that has time.
const TIMEOUT: Duration = Duration::from_secs(60);

fn with_run<T>(path: &str, only: &[String], work: impl FnOnce(&mut Run, &Solving<'_>) -> T) -> T {
    let loaded = load_text(path, text(&root().join(path)), &[root().join("specs")]).expect("readable files");
    let front = front(path.as_ref(), loaded, StageTimes::default(), Until::Rechecks);
    let solving = Solving {
        n_workers: 2,
        limits: Limits { timeout: Duration::from_secs(600), ..Limits::default() },
        rlimit: None,
        make_backend: &|_| z3(),
        stop: &AtomicBool::new(false),
        search: None,
        dump_smt: None,
        cache: None,
        progress: &Unwatched,
    };
    let mut run = prove(front, &Selection::new(only).expect("globs"), &solving).expect("nothing is written");
    work(&mut run, &solving)
}

fn cvc5() -> Option<Cvc5> {
    let cvc5 = Cvc5::new(find_cvc5(None), TIMEOUT);
    if let Err(error) = version(&cvc5) {
        #[expect(clippy::print_stderr, reason = "that nothing was tried has to be seen")]
        {
            eprintln!("SKIPPED: {error:#}");
        }
        return None;
    }
    Some(cvc5)
}

#[test]
fn cvc5_agrees_on_paxos() {
    let Some(cvc5) = cvc5() else { return };
    let certified = with_run("specs/paxos.pax", &[], |run, solving| {
        recheck(run, solving).expect("nothing is written");
        certify(run, &cvc5, solving).expect("cvc5 runs")
    });
    let others: Vec<&Certified> = certified.iter().filter(|one| one.second != Second::Agreed).collect();
    assert!(others.is_empty(), "{others:?}");
    let n_obligations: usize = certified.iter().map(|one| one.n_obligations).sum();
    assert!(n_obligations > 150, "{n_obligations}");
}

#[test]
fn cvc5_has_a_model_of_what_is_false() {
    let Some(cvc5) = cvc5() else { return };
    let only = vec!["Invariance.step.Phase1a.AccInv.2".to_owned()];
    let certified = with_run("specs/paxos.pax", &only, |run, solving| {
        let decomposition = run.front.decomposition.as_mut().expect("no errors");
        for recheck in &mut decomposition.tree.rechecks {
            let goal = &recheck.whole.goal;
            recheck.whole.goal = Expr::new(ExprKind::Bool(false), goal.sort.clone(), goal.span);
            recheck.whole.hypotheses.clear();
            recheck.rest = None;
            recheck.cases.truncate(1);
        }
        recheck(run, solving).expect("nothing is written");
        certify(run, &cvc5, solving).expect("cvc5 runs")
    });
    assert!(certified.iter().any(|one| one.second == Second::Disagreement), "{certified:?}");
}

#[test]
fn trials_are_the_same_each_time() {
    let only = vec!["Invariance.step.Phase1b.*".to_owned()];
    let [first, second] = [(); 2].map(|()| {
        with_run("specs/paxos.pax", &only, |run, solving| stability(run, 2, solving).expect("finished"))
    });
    assert!(first.len() > 10);
    assert_eq!(first, second);
    assert!(first.iter().all(|one| one.n_trials == 4 && one.n_proved == 4), "{first:?}");
}
