//! What makes proofs hollow: for each kind of it a module that has it, and one that has not.

use cli::report::vacuity::Looked;
use cli::vacuity::{Answer, Kind};
use cli::verdict::Standing;
use lang::diag::Diagnostic;
use tests::{Setup, look, prove, read, root, text};

/// A module with one variable or more and a theorem about `Init /\ [][Next]_vars`.
fn system(body: &str) -> String {
    format!("---- MODULE Example ----\nEXTENDS Integers, FiniteSets\nVARIABLES x, y\n{body}====\n")
}

fn looked(module: &str) -> Looked {
    look(read("Example.pax", module, &[]), &Setup::default())
}

/// A finding with its code, what its labels point at, the primary one first, and its message.
fn told(looked: &Looked, finding: &Diagnostic) -> (String, Vec<String>, String) {
    let sources = &looked.run.front.sources;
    let mut at = vec![sources.text(finding.primary.span).to_owned()];
    at.extend(finding.secondary.iter().map(|label| sources.text(label.span).to_owned()));
    (finding.code.0.to_owned(), at, finding.message.clone())
}

/// Checks the exit code and the findings of a module: codes, and the texts that they point at.
fn check(module: &str, exit: u8, expected: &[(&str, &[&str])]) {
    let looked = looked(module);
    let findings = looked.findings();
    let found: Vec<_> = findings.iter().map(|finding| told(&looked, finding)).collect();
    let expected: Vec<(String, Vec<String>)> = expected
        .iter()
        .map(|(code, at)| ((*code).to_owned(), at.iter().map(|text| (*text).to_owned()).collect()))
        .collect();
    let codes: Vec<(String, Vec<String>)> =
        found.iter().map(|(code, at, _)| (code.clone(), at.clone())).collect();
    assert_eq!(codes, expected, "{module}\n{found:#?}");
    assert_eq!(looked.exit().code(), exit, "{module}\n{:#?}", looked.rows);
    assert!(findings.iter().all(|finding| finding.help.is_some()), "{module}");
}

/// The standings of a module's theorems under `prove`.
fn standings(module: &str) -> Vec<Standing> {
    let run = prove(read("Example.pax", module, &[]), &Setup::default());
    let verdicts = run.proof.expect("it was tried").verdicts;
    verdicts.theorems.into_iter().map(|verdict| verdict.standing).collect()
}

const MAXIMUM: &str = "Max(S) == CHOOSE m \\in S : \\A n \\in S : n =< m\n";

#[test]
fn a_maximum_of_all_sets_contradicts_itself_at_the_empty_set() {
    let module = system(&format!(
        "{MAXIMUM}ASSUME Other == 1 \\in Nat\nAXIOM All == \\A S \\in (SUBSET Nat) \\ {{}} : Max(S) \\in S\n\
         LEMMA Uses == \\A S \\in SUBSET Nat : Max(S) \\in S\nLEMMA Does == \\A n \\in Nat : n + 1 > n\n"
    ));
    // Nothing in it is proved, whether its proof uses the axiom or not.
    assert_eq!(standings(&module), [Standing::Vacuous, Standing::Vacuous]);
    check(&module, 7, &[("contradiction", &["Max(S) \\in S"])]);
    let looked = looked(&module);
    assert_eq!(looked.findings()[0].message, "`All` contradicts itself");
    assert_eq!(looked.findings()[0].primary.message, "with S = {}: `Max({}) \\in {}` is false");
    // The set that was meant is not empty.
    let meant = module.replace("\\ {}", "\\ {{}}");
    assert!(looked_at(&meant, Kind::Assumptions).iter().all(|answer| !is_found(answer)));
}

#[test]
fn a_maximum_that_bounds_all_sets_contradicts_itself_at_the_infinite_ones() {
    let axiom = "AXIOM All == \\A S \\in SUBSET Nat : S # {} => \\A n \\in S : n =< Max(S)\n";
    let module = system(&format!("{MAXIMUM}{axiom}LEMMA Does == \\A n \\in Nat : n + 1 > n\n"));
    assert_eq!(standings(&module), [Standing::Vacuous]);
    let looked = looked(&module);
    let label = &looked.findings()[0].primary.message;
    assert!(label.starts_with("with S = Nat: "), "{label}");
    let finite = module.replace("S # {}", "IsFiniteSet(S) /\\ S # {}");
    assert!(looked_at(&finite, Kind::Assumptions).iter().all(|answer| !is_found(answer)));
}

#[test]
fn a_lemma_that_is_false_of_infinite_sets_is_not_proved() {
    let lemma = "LEMMA All == \\A S \\in SUBSET Nat : S # {} => Max(S) \\in S\n";
    assert!(!standings(&system(&format!("{MAXIMUM}{lemma}"))).contains(&Standing::Proved));
}

#[test]
fn an_assumption_that_the_evaluator_knows_to_be_false() {
    let module = "AXIOM Few == \\A S \\in SUBSET Nat : Cardinality(S) < 2\nLEMMA Does == 1 = 1\n";
    assert_eq!(standings(&system(module)), [Standing::Vacuous]);
    let looked = looked(&system(module));
    assert!(looked.findings()[0].primary.message.ends_with("is false"), "{:?}", looked.findings());
    let right = module.replace("< 2", ">= 0");
    assert_eq!(standings(&system(&right)), [Standing::Proved]);
    // What is chosen may be anything, so that nothing is known of it.
    let chosen = "AXIOM Pick == (CHOOSE n \\in {1, 2} : TRUE) = 2\nLEMMA Does == 1 = 1\n";
    assert_eq!(standings(&system(chosen)), [Standing::Proved]);
}

#[test]
fn the_smallest_set_of_assumptions_is_named() {
    let module = "---- MODULE Example ----\nEXTENDS Integers\nCONSTANTS M, N\nASSUME Typed == M \\in Int /\\ N \\in Int\n\
                  ASSUME Both == M > 2 /\\ N > 10\nASSUME Apart == M # N\nASSUME Small == N < 5\n\
                  LEMMA Any == M = N\n====\n";
    check(module, 7, &[("contradiction", &["N > 10", "N < 5"])]);
    assert_eq!(looked(module).findings()[0].message, "`Both`, `Small` contradict each other");
}

#[test]
fn no_initial_state() {
    let next = "Next == x' = x + 1 /\\ y' = y\nTHEOREM T == Init /\\ [][Next]_<<x, y>> => [](x >= 0)\n";
    let empty = format!("Init == x = 0 /\\ y = x + 1 /\\ y = 2\n{next}");
    let looked = looked(&system(&empty));
    let finding = &looked.findings()[0];
    assert_eq!(finding.code.0, "no-initial-state");
    assert_eq!(standings(&system(&empty)), [Standing::Vacuous]);
    check(&system(&format!("Init == x = 0 /\\ y = x + 1 /\\ y = 1\n{next}")), 0, &[]);
}

#[test]
fn a_dead_action_with_the_conjuncts_that_forbid_it() {
    let module = |down: &str| {
        system(&format!(
            "Init == x = 0 /\\ y = 0\nUp == x' = x + 1 /\\ y' = y + 2\nDown ==\n  /\\ y > 1\n  /\\ {down}\n  /\\ x' = x - 1\n  /\\ y' = y\n\
             Next == Up \\/ Down\nLow == x >= 0\nWide == y >= 0\nTHEOREM T == Init /\\ [][Next]_<<x, y>> => [](Low /\\ Wide)\n"
        ))
    };
    check(&module("x < 0"), 7, &[("dead-action", &["x < 0", "x >= 0"])]);
    assert_eq!(standings(&module("x < 0")), [Standing::Vacuous]);
    check(&module("x > 0"), 0, &[]);
    assert_eq!(standings(&module("x > 0")), [Standing::Proved]);
}

#[test]
fn an_action_that_a_definition_forbids() {
    let module = |steps: u8| {
        system(&format!(
            "Init == x = {{4, 5}} /\\ y = 6\nSeen(n) == \\E k \\in x : k = n + 1\n\
             Down == \\E m \\in x : m < 5 /\\ m + {steps} >= y /\\ x' = {{}} /\\ y' = y\n\
             Low == \\A m \\in x : m < y\nAll == \\A m \\in x : m < 5 => Seen(m)\n\
             THEOREM T == Init /\\ [][Down]_<<x, y>> => [](Low /\\ All)\n"
        ))
    };
    check(&module(1), 7, &[("dead-action", &["m", "m < 5", "m + 1 >= y", "m < y", "Seen(m)"])]);
    assert_eq!(standings(&module(1)), [Standing::Vacuous]);
    check(&module(2), 0, &[]);
    assert_eq!(standings(&module(2)), [Standing::Proved]);
}

#[test]
fn a_dead_branch_of_a_conditional() {
    let module = |condition: &str| {
        system(&format!(
            "Init == x = 0 /\\ y = 0\nNext == IF {condition} THEN x' = 5 /\\ y' = y ELSE x' = x + 1 /\\ y' = y\n\
             THEOREM T == Init /\\ [][Next]_<<x, y>> => [](x >= 0)\n"
        ))
    };
    check(&module("x < 0"), 7, &[("dead-action", &["x < 0", "x >= 0"])]);
    check(&module("x < 3"), 0, &[]);
}

#[test]
fn an_action_that_assigns_twice_is_dead() {
    let module = |value: &str| {
        system(&format!(
            "Init == x = 0 /\\ y = 0\nNext == x' = 1 /\\ x' = {value} /\\ y' = y\n\
             THEOREM T == Init /\\ [][Next]_<<x, y>> => [](x >= 0)\n"
        ))
    };
    let looked = looked(&module("2"));
    assert_eq!(looked.findings()[0].message, "`next` can never happen: its conditions contradict each other");
    check(&module("y + 1"), 0, &[]);
}

#[test]
fn an_alternative_that_is_never_taken() {
    let module = |other: &str| {
        system(&format!(
            "Init == x = 0 /\\ y = 0\nNext == (\\E n \\in 1 .. 3 : x = n - 1 \\/ {other}) /\\ x' = x + 1 /\\ y' = y\n\
             THEOREM T == Init /\\ [][Next]_<<x, y>> => [](x >= 0)\n"
        ))
    };
    check(&module("x < 0"), 0, &[("dead-alternative", &["x < 0", "x >= 0"])]);
    check(&module("x > n"), 0, &[]);
}

#[test]
fn a_premise_that_is_never_true() {
    let module = |kind: &str| {
        system(&format!(
            "Init == x = {{}} /\\ y = 0\nSend == x' = x \\cup {{[type |-> \"1a\", bal |-> y]}} /\\ y' = y + 1\n\
             TypeOK == x \\subseteq [type : {{\"1a\", \"1b\"}}, bal : Nat] /\\ y \\in Nat\n\
             Low == \\A m \\in x : m.type = \"{kind}\" => m.bal < y\n\
             THEOREM T == Init /\\ [][Send]_<<x, y>> => [](TypeOK /\\ Low)\n"
        ))
    };
    let typed = "x \\subseteq [type : {\"1a\", \"1b\"}, bal : Nat]";
    check(&module("1c"), 0, &[("dead-antecedent", &["m.type = \"1c\"", typed])]);
    check(&module("1a"), 0, &[]);
}

#[test]
fn a_lemma_with_a_premise_that_is_never_true() {
    let module = |bound: &str| {
        format!(
            "---- MODULE Example ----\nEXTENDS Integers\nCONSTANT N\nASSUME Large == N \\in Int /\\ N > 3\n\
             THEOREM T == \\A n \\in Int : n > N => (n {bound} => N > 2)\n====\n"
        )
    };
    check(&module("< 3"), 0, &[("dead-antecedent", &["n < 3", "N > 3"])]);
    check(&module("< 9"), 0, &[]);
}

#[test]
fn a_quantifier_over_nothing() {
    let module = |range: &str| {
        system(&format!(
            "Init == x = 1 /\\ y = 0\nNext == x' = x + 1 /\\ y' = y\n\
             THEOREM T == Init /\\ [][Next]_<<x, y>> => [](x > 0 /\\ \\A n \\in {range} : n + y < x)\n"
        ))
    };
    let found = module("3 .. 2").replace("n + y < x", "n < 9 * y");
    check(&found, 0, &[("empty-domain", &["3 .. 2"])]);
    check(&module("y .. 0").replace("[](x > 0", "[](y = 0"), 0, &[]);
}

#[test]
fn a_conjunct_that_follows_from_the_others() {
    let module = |conjunct: &str| {
        system(&format!(
            "Init == x = 0 /\\ y = 0\nNext == x' = x + 1 /\\ y' = x + 2\n\
             THEOREM T == Init /\\ [][Next]_<<x, y>> => [](x >= 0 /\\ {conjunct})\n"
        ))
    };
    check(&module("x > -7"), 0, &[("redundant-conjunct", &["x > -7", "x >= 0"])]);
    check(&module("y >= x"), 0, &[]);
    // What only says which sort a variable has is no remark.
    check(&module("y \\in Int"), 0, &[]);
}

#[test]
fn hypotheses_that_no_proof_uses() {
    let module = |rest: &str| {
        format!(
            "---- MODULE Example ----\nEXTENDS Integers\nCONSTANTS M, N\nASSUME Large == N \\in Int /\\ N > 10\n{rest}====\n"
        )
    };
    let unused = "ASSUME Other == M \\in Int /\\ M > 3\nLEMMA Twice == N + N > 20\nTHEOREM T == N > 9\n";
    let looked = looked(&module(unused));
    let messages: Vec<String> = looked.findings().into_iter().map(|finding| finding.message).collect();
    assert_eq!(messages, ["assumption `Other` is used by no proof", "lemma `Twice` is used by no proof"]);
    let used = "ASSUME Other == M \\in Int /\\ M > 3\nLEMMA Twice == N + M > 13\nTHEOREM T == N + M > 12\n  BY ONLY Twice\n";
    check(&module(used), 0, &[]);
}

#[test]
fn conjuncts_that_nothing_needs() {
    let module = |conjunct: &str| {
        system(&format!(
            "Init == x = 0 /\\ y = 0\nNext == x' = x + y + 1 /\\ y' = y + 2\nNatural == x >= 0 /\\ y >= 0\nMore == {conjunct}\n\
             THEOREM Ind == Init /\\ [][Next]_<<x, y>> => [](Natural /\\ More)\n\
             THEOREM Wanted == Init /\\ [][Next]_<<x, y>> => [](x > -1)\n"
        ))
    };
    check(&module("y % 2 = 0"), 0, &[("unneeded-conjunct", &["y % 2 = 0"])]);
    // Of an invariant that no theorem uses, each conjunct is what somebody wants to know.
    let wanted = module("y % 2 = 0");
    let alone = &wanted[..wanted.find("THEOREM Wanted").expect("it is there")];
    check(&format!("{alone}====\n"), 0, &[]);
}

/// Where a lemma's premises are at hand, its name stands in the core, not theirs: so it has to say what they are.
#[test]
fn a_lemma_needs_its_premises() {
    let module = system(
        "Init == x = 0 /\\ y = 0\nNext == x' = x + 1 /\\ y' = y + x\nLow == x >= 0\nAlso == y >= 0\nMore == y > -2\n\
         LEMMA Sum == Low /\\ Also => x + y >= 0\n\
         THEOREM Ind == Init /\\ [][Next]_<<x, y>> => [](Low /\\ Also /\\ More)\n\
         LEMMA Later == Also => y > -1\n",
    );
    let front = read("Example.pax", &module, &[]);
    let tree = front.decomposition.expect("it is well-formed").tree;
    let names =
        |fact: &usize| tree.theorems.iter().find(|plan| plan.fact == *fact).map(|plan| plan.name.clone());
    let conjuncts = tree.theorems.iter().flat_map(|plan| &plan.alternatives).flat_map(|it| &it.conjuncts);
    let supports: Vec<(String, Vec<String>)> = conjuncts
        .map(|conjunct| (conjunct.name.clone(), conjunct.supports.iter().filter_map(names).collect()))
        .collect();
    let expected = [("Low", vec!["Sum"]), ("Also", vec!["Sum", "Later"]), ("More", vec![])];
    let expected =
        expected.map(|(name, facts)| (name.to_owned(), facts.into_iter().map(str::to_owned).collect()));
    assert_eq!(supports, expected);
}

#[test]
fn what_is_not_proved_tells_nothing_of_what_is_used() {
    let module = system(
        "Init == x = 0 /\\ y = 0\nNext == x' = x + 1 /\\ y' = y\nTHEOREM T == Init /\\ [][Next]_<<x, y>> => [](x < 9)\n",
    );
    let looked = looked(&module);
    assert_eq!(looked.exit().code(), 3);
    let usage: Vec<Answer> = answers(&looked, Kind::Use);
    assert!(matches!(usage.as_slice(), [Answer::Unsettled(why)] if why.contains("`T`")), "{usage:?}");
}

#[test]
fn what_the_budget_does_not_settle_is_no_success() {
    let module = system(
        "Init == x = 0 /\\ y = 0\nNext == x' = x + 1 /\\ y' = y\n\
         THEOREM T == Init /\\ [][Next]_<<x, y>> => [](x >= 0 /\\ \\A m, n \\in Int : m * n * x # 17 * y + 19 * m \\/ y = 0)\n",
    );
    let setup = Setup { rlimit: Some(1), ..Setup::default() };
    let looked = look(read("Example.pax", &module, &[]), &setup);
    assert_eq!(looked.exit().code(), 3, "{:#?}", looked.rows);
    assert!(answers(&looked, Kind::Redundant).iter().any(|answer| matches!(answer, Answer::Unsettled(_))));
}

#[test]
fn an_example_that_was_met_settles_a_check() {
    let module = system(
        "Init == x = 0 /\\ y = 0\nUp == x' = x + 1 /\\ y' = y\nBack == x > 2 /\\ x' = 0 /\\ y' = 1\nNext == Up \\/ Back\n\
         THEOREM T == Init /\\ [][Next]_<<x, y>> => [](x >= 0 /\\ (y > 0 => y = 1))\n",
    );
    let looked = looked(&module);
    assert_eq!(answers(&looked, Kind::Action), [Answer::Witnessed, Answer::Witnessed]);
    assert_eq!(answers(&looked, Kind::Initial), [Answer::Witnessed]);
    assert_eq!(answers(&looked, Kind::Antecedent), [Answer::Witnessed]);
}

#[test]
fn an_empty_selection_is_no_success() {
    let module = system("LEMMA T == 1 = 1\n");
    let setup = Setup { only: &["Nothing"], ..Setup::default() };
    assert_eq!(look(read("Example.pax", &module, &[]), &setup).exit().code(), 4);
    assert_eq!(looked("---- MODULE Example ----\nLEMMA T == 1 +\n====\n").exit().code(), 2);
}

/// What is to be remarked about the specs themselves.
#[test]
fn remarks_on_the_specs() {
    for name in ["paxos", "multipaxos"] {
        let path = root().join("specs").join(name).with_extension("pax");
        let looked =
            look(read(&format!("{name}.pax"), &text(&path), &[root().join("specs")]), &Setup::default());
        let lines: Vec<String> = looked
            .findings()
            .iter()
            .map(|finding| cli::report::short::line(&looked.run.front.sources, finding))
            .collect();
        insta::with_settings!({ snapshot_path => "vacuity", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, lines.join("\n"));
        });
    }
}

fn answers(looked: &Looked, kind: Kind) -> Vec<Answer> {
    looked.rows.iter().filter(|row| row.kind == kind).map(|row| row.answer.clone()).collect()
}

fn looked_at(module: &str, kind: Kind) -> Vec<Answer> {
    let answers = answers(&looked(module), kind);
    assert!(!answers.is_empty(), "{module}");
    answers
}

fn is_found(answer: &Answer) -> bool {
    match answer {
        Answer::Found(_) | Answer::FoundAlready => true,
        Answer::Witnessed | Answer::Fine | Answer::NoneFound | Answer::Unsettled(_) => false,
    }
}
