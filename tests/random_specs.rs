//! Random specs: nothing may be proved of them that the evaluator finds false in some small state or step.
//!
//! `PAXPROVE_DIFFERENTIAL=N` looks at specs until N obligations were tried, and prints figures.

use std::fmt::Write as _;

use cli::driver::Run;
use cli::verdict::ObligationVerdict;
use tests::confront::{Effort, Tally, confront, never_false};
use tests::random_specs::spec;
use tests::{Setup, prove, read};
use vcgen::obligation::Means;

/// Specs of a usual run.
const N_SPECS: u64 = 8;
const RLIMIT: u32 = 40_000;
const EFFORT: Effort = Effort { instances: 3, states: 150, reached: 40 };

/// A spec, proved as far as it goes.
fn proved(seed: u64) -> (String, Run) {
    let spec = spec(seed);
    // Conjuncts that are false in a state that can be reached are left out, but for one now and then: with an
    // invariant that is false everywhere, everything would be true.
    let (probe, names) = spec.operators();
    let front = read("Example.pax", &probe, &[]);
    let module = front.typed.as_ref().unwrap_or_else(|| panic!("seed {seed}: no sorts\n{probe}"));
    let true_ones = never_false(module, &names, seed, EFFORT);
    let is_kept = |position: usize| {
        true_ones.contains(&names[position])
            || (seed.is_multiple_of(3) && u64::try_from(position) == Ok(seed % 7))
    };
    let conjuncts = spec.conjuncts.iter().enumerate().filter(|(position, _)| is_kept(*position));
    let kept: Vec<String> = conjuncts.map(|(_, conjunct)| conjunct.clone()).take(4).collect();
    let text = spec.text(&kept);
    let run = prove(
        read("Example.pax", &text, &[]),
        &Setup { rlimit: Some(RLIMIT), n_workers: 1, ..Setup::default() },
    );
    assert!(!run.front.has_errors(), "seed {seed}\n{text}\n{}", tests::rendered(&run));
    (text, run)
}

/// What came of one spec.
fn look(seed: u64) -> Tally {
    let (text, run) = proved(seed);
    let mut tally = confront(&run, seed, EFFORT);
    for failure in &mut tally.failures {
        let _ = write!(failure, "\nseed {seed}\n{text}");
    }
    tally
}

#[test]
fn what_is_proved_of_random_specs_is_true_in_small_states() {
    let wanted = std::env::var("PAXPROVE_DIFFERENTIAL").ok().and_then(|n| n.parse::<usize>().ok());
    let first = std::env::var("PAXPROVE_SEED").ok().and_then(|n| n.parse::<u64>().ok()).unwrap_or(1);
    let mut all = Tally::default();
    let mut n_specs = 0;
    for seed in first.. {
        let is_done = match wanted {
            Some(wanted) => all.obligations() >= wanted,
            None => n_specs >= N_SPECS,
        };
        if is_done {
            break;
        }
        n_specs += 1;
        all.add(look(seed));
        if wanted.is_some() && n_specs % 10 == 0 {
            println!("{}", figures(n_specs, &all));
        }
    }
    println!("{}", figures(n_specs, &all));
    assert!(all.failures.is_empty(), "{}", all.failures.join("\n\n"));
    // Figures below these would mean that nothing much is tried.
    let n_proved: usize = all.proved.values().sum();
    assert!(n_proved * 4 > all.obligations(), "too little is proved: {all:?}");
    assert!(all.open_claims[1] * 8 > all.open_claims[0], "too little is refuted: {all:?}");
}

/// A prover that says of everything that it is proved is found out.
#[test]
fn a_liar_is_found_out() {
    let mut n_found = 0;
    for seed in 1..=N_SPECS {
        let (_, mut run) = proved(seed);
        let proof = run.proof.as_mut().expect("it was tried");
        for verdict in proof.verdicts.obligations.values_mut() {
            *verdict = ObligationVerdict::Proved(Means::Z3);
        }
        n_found += usize::from(!confront(&run, seed, EFFORT).failures.is_empty());
    }
    assert!(n_found * 4 > usize::try_from(N_SPECS).expect("small"), "{n_found} of {N_SPECS}");
}

fn figures(n_specs: u64, tally: &Tally) -> String {
    let means: Vec<String> = tally.proved.iter().map(|(means, n)| format!("{n} by {means}")).collect();
    format!(
        "{n_specs} specs, {} obligations: {} proved ({}), {} not; {} theorems proved, {} not\n\
         {} claims with {} obligations proved, {} of them never met; met {} times in {} states and {} steps\n\
         {} claims not proved, {} of them refuted; {} failures",
        tally.obligations(),
        tally.proved.values().sum::<usize>(),
        means.join(", "),
        tally.not_proved,
        tally.theorems[0],
        tally.theorems[1],
        tally.claims,
        tally.checked,
        tally.never_met,
        tally.met,
        tally.states,
        tally.steps,
        tally.open_claims[0],
        tally.open_claims[1],
        tally.failures.len(),
    )
}
