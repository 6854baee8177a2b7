//! What `report` and `graph` show: nothing is lost, nothing is twice, and nothing of a module gets out of hand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use cli::driver::Run;
use cli::report::graph::{arcs, dot, grid, layered, svg};
use cli::report::html;
use cli::report::picture::matrix::{Matrix, matrices};
use cli::report::picture::tree::{Branch, Leaf};
use cli::report::picture::{Picture, graphs, picture};
use lang::typed::{Expr, ExprKind, LocalId};
use tests::{Setup, prove, read, request, root, text};

use vcgen::alpha::{self, Key};
use vcgen::print::SharedPrinter;

const HOSTILE: &str = include_str!("picture/Hostile.pax");
const COUNTER: &str = include_str!("picture/Counter.pax");

fn run(name: &str, text: &str, setup: &Setup<'_>) -> Run {
    prove(read(name, text, &[root().join("specs")]), setup)
}

fn spec(path: &str) -> (String, String) {
    (path.to_owned(), text(&root().join(path)))
}

/// Runs that are unlike each other: proved, refuted, undecided, in part, with alternatives that failed.
fn runs() -> Vec<Run> {
    let search = Setup { search: Some(Duration::from_secs(2)), ..Setup::default() };
    let small = Setup { rlimit: Some(500), ..Setup::default() };
    let part = Setup { only: &["Invariance.step.Phase2b.*"], ..Setup::default() };
    let (voting, paxos) = (spec("specs/voting.pax"), spec("specs/paxos.pax"));
    let refinement = spec("specs/broken/refinement_node_decides_twice.pax");
    vec![
        run("Counter.pax", COUNTER, &Setup::default()),
        run("Counter.pax", COUNTER, &small),
        run("Hostile.pax", HOSTILE, &search),
        run(&voting.0, &voting.1, &Setup::default()),
        run(&paxos.0, &paxos.1, &part),
        run(&refinement.0, &refinement.1, &search),
        run("Broken.pax", "---- MODULE Broken ----\nA == (\n====\n", &Setup::default()),
    ]
}

fn leaves<'a>(branches: &'a [Branch], found: &mut Vec<&'a Leaf>) {
    for branch in branches {
        found.extend(&branch.leaf);
        leaves(&branch.children, found);
    }
}

fn all_leaves(picture: &Picture) -> Vec<&Leaf> {
    let mut found = Vec::new();
    leaves(&picture.tree, &mut found);
    found
}

/// Ids of all that was tried.
fn tried(run: &Run) -> Vec<&str> {
    let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else {
        return Vec::new();
    };
    proof.attempts.keys().map(|idx| decomposition.tree.obligations[*idx].id.as_str()).collect()
}

fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    items.sort();
    items
}

#[test]
fn each_obligation_that_was_tried_is_a_leaf_once() {
    for run in runs() {
        let picture = picture(&run, &request());
        let found = all_leaves(&picture);
        assert_eq!(sorted(found.iter().map(|leaf| leaf.id.as_str())), sorted(tried(&run)));
        for branch in &picture.tree {
            tallies(branch);
        }
        for leaf in found {
            let positions = leaf.used.iter().chain(&leaf.others).chain([&leaf.goal, &leaf.source]);
            assert!(positions.chain(&leaf.action).all(|it| *it < picture.texts.len()), "{}", leaf.id);
            assert!(leaf.used.iter().all(|it| !leaf.others.contains(it)), "{}", leaf.id);
        }
    }
}

/// A branch counts what is below it.
fn tallies(branch: &Branch) {
    let mut below = Vec::new();
    leaves(std::slice::from_ref(branch), &mut below);
    let mut counted = BTreeMap::new();
    for leaf in &below {
        *counted.entry(leaf.mark).or_insert(0_usize) += 1;
    }
    assert_eq!(counted, branch.tally, "{}", branch.path);
    assert_eq!(below.iter().map(|leaf| leaf.rlimit).sum::<u64>(), branch.rlimit, "{}", branch.path);
    branch.children.iter().for_each(tallies);
}

#[test]
fn each_obligation_of_an_invariant_is_in_one_cell() {
    let mut n_matrices = 0;
    for run in runs() {
        let picture = picture(&run, &request());
        let leaves: Vec<&Leaf> = all_leaves(&picture);
        for matrix in &picture.matrices {
            n_matrices += 1;
            let prefix = format!("{}.", matrix.theorem);
            let expected = leaves.iter().filter(|leaf| {
                leaf.id.starts_with(&prefix)
                    && matches!(leaf.kind, "initiation" | "consecution" | "continuity")
            });
            let found = cells(matrix).flat_map(|cell| &cell.obligations);
            assert_eq!(sorted(found), sorted(expected.map(|leaf| &leaf.id)), "{}", matrix.theorem);
            let cost: u64 = cells(matrix).map(|cell| cell.rlimit).sum();
            let of_leaves =
                leaves.iter().filter(|leaf| cells(matrix).any(|it| it.obligations.contains(&leaf.id)));
            assert_eq!(cost, of_leaves.map(|leaf| leaf.rlimit).sum::<u64>());
            for row in &matrix.rows {
                assert_eq!(row.cells.len(), matrix.columns.len());
            }
        }
    }
    assert!(n_matrices >= 6, "{n_matrices}");
}

fn cells(matrix: &Matrix) -> impl Iterator<Item = &cli::report::picture::matrix::Cell> {
    matrix.rows.iter().flat_map(|row| row.cells.iter().flatten())
}

#[test]
fn nothing_looks_better_than_it_is() {
    for run in runs() {
        let picture = picture(&run, &request());
        let verdicts = run.proof.as_ref().map(|proof| &proof.verdicts);
        let is_verified = verdicts.is_some_and(cli::verdict::Verdicts::is_verified);
        assert_eq!(picture.conclusion.mood == "good", is_verified, "{}", picture.file);
        let all = all_leaves(&picture);
        for cell in picture.matrices.iter().flat_map(cells).filter(|cell| cell.is_needed) {
            let is_bad = |id: &String| {
                all.iter().any(|leaf| leaf.id == *id && leaf.is_needed && leaf.mark.mood() != "good")
            };
            assert_eq!(
                cell.obligations.iter().any(is_bad),
                cell.mark.mood() != "good",
                "{:?}",
                cell.obligations
            );
        }
    }
}

#[test]
fn conjuncts_help_those_whose_cores_name_them() {
    let (name, spec) = spec("specs/voting.pax");
    let run = run(&name, &spec, &Setup::default());
    let picture = picture(&run, &request());
    let leaves = all_leaves(&picture);
    assert!(!picture.helps.is_empty());
    for graph in &picture.helps {
        for edge in graph.edges.iter().filter(|edge| edge.by_solver > 0) {
            let (from, to) = (&graph.nodes[edge.from], &graph.nodes[edge.to]);
            if from.kind != graphs::NodeKind::Conjunct || to.kind != graphs::NodeKind::Conjunct {
                continue;
            }
            // Directly, or through a helper or a lemma.
            let names = |leaf: &&&Leaf| {
                leaf.used.iter().any(|it| {
                    let text = &picture.texts[*it];
                    text.name.trim_end_matches('\'') == from.name
                        || text.from.iter().any(|source| source.is_obligation)
                        || graph.nodes.iter().any(|node| node.name == text.name)
                })
            };
            let of_conjunct = leaves.iter().filter(|leaf| leaf.id.contains(&format!(".{}", to.name)));
            let n = of_conjunct.filter(names).count();
            assert!(n >= edge.by_solver, "{} helps {}", from.name, to.name);
        }
    }
}

/// Positions of an element's id in a page.
fn n_ids(page: &str, id: &str) -> usize {
    page.matches(&format!("id=\"{}\"", cli::report::graph::escaped(id))).count()
}

#[test]
fn each_obligation_has_one_element_on_the_page() {
    let all = runs();
    for run in &all {
        let page = html::render(std::slice::from_ref(run), &request()).unwrap();
        for id in tried(run) {
            assert_eq!(n_ids(&page, id), 1, "{id}");
        }
    }
    // Together, names of modules tell them apart.
    let page = html::render(&all, &request()).unwrap();
    let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id is there twice");
    let n_tried: usize = all.iter().map(|run| tried(run).len()).sum();
    assert_eq!(page.matches("<li class=\"o m-").count(), n_tried);
}

#[test]
fn a_hostile_module_does_no_harm() {
    let search = Setup { search: Some(Duration::from_secs(2)), ..Setup::default() };
    let run = run("a\"><img src=x onerror=alert(0)>.pax", HOSTILE, &search);
    let page = html::render(std::slice::from_ref(&run), &request()).unwrap();
    assert!(page.contains("&lt;b onmouseover=alert(6)&gt;"), "the string of the module is shown");
    assert!(page.contains("{{ 7 * 7 }}"), "what looks like a template is text");
    assert!(page.contains("confirmed by the evaluator"));
    for (what, n) in [("<script", 1), ("</script", 1), ("<style", 1), ("</style", 1), ("</article", 1)] {
        assert_eq!(page.matches(what).count(), n, "{what}");
    }
    // Every `<` begins an element of ours.
    let script = page.find("<script").unwrap();
    for rest in page[..script].split('<').skip(1) {
        let name: String =
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "/!".contains(*c)).collect();
        assert!(OWN.contains(&name.trim_start_matches('/')), "<{}", &rest[..rest.len().min(60)]);
    }
    let matrices = matrices(&run);
    let proof = graphs::proof(&run).unwrap();
    let helps = graphs::helps(&run);
    let mut drawings: Vec<String> =
        matrices.iter().map(|it| svg(&[grid::draw(it.theorem.clone(), it)])).collect();
    drawings.extend(helps.iter().map(|it| svg(&[arcs::draw("</svg><script>".to_owned(), it)])));
    drawings.push(svg(&[layered("<".to_owned(), &proof)]));
    for drawing in drawings {
        assert_eq!(
            (drawing.matches("<script").count(), drawing.matches("</svg").count()),
            (0, 1),
            "{drawing}"
        );
        assert_eq!(
            drawing.matches("<g ").count() + drawing.matches("<g>").count(),
            drawing.matches("</g>").count()
        );
    }
    let title = "a \" ] } -> b";
    assert!(dot::graph(title, &proof).starts_with("digraph \"a \\\" ] } -> b\" {\n"));
}

/// The elements that a page has.
const OWN: [&str; 56] = [
    "!DOCTYPE",
    "html",
    "head",
    "meta",
    "title",
    "link",
    "style",
    "body",
    "a",
    "header",
    "div",
    "nav",
    "label",
    "span",
    "input",
    "kbd",
    "button",
    "p",
    "main",
    "article",
    "section",
    "h1",
    "h2",
    "h3",
    "h4",
    "dl",
    "dt",
    "dd",
    "small",
    "ul",
    "ol",
    "li",
    "i",
    "b",
    "code",
    "pre",
    "mark",
    "figure",
    "figcaption",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "details",
    "summary",
    "template",
    "svg",
    "g",
    "path",
    "rect",
    "text",
    "line",
    "circle",
    "abbr",
];

#[test]
fn a_small_page_is_built_like_this() {
    let run = run("Counter.pax", COUNTER, &Setup::default());
    let page = html::render(std::slice::from_ref(&run), &request()).unwrap();
    insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => "picture"}, {
        insta::assert_snapshot!("outline", outline(&page));
        insta::assert_snapshot!("picture", told(&picture(&run, &request())));
    });
}

/// Elements that have an id, a role or lead somewhere, one a line, but for what depends on costs.
fn outline(page: &str) -> String {
    let body = &page[page.find("<body").expect("a body")..page.find("<script").expect("a script")];
    let (above, rest) = body.split_once("<h2 id=\"helps\"").expect("graphs");
    let (_, below) = rest.split_once("<h2 id=\"tree\"").expect("a tree");
    let mut out = String::new();
    for tag in above.split('<').chain(below.split('<')).filter_map(|rest| rest.split('>').next()) {
        let attribute = |name: &str| {
            let rest = tag.split_once(&format!(" {name}=\""))?.1;
            Some(format!(" {name}={}", rest.split('"').next()?))
        };
        let told: String = ["id", "role", "aria-label", "href"].into_iter().filter_map(attribute).collect();
        if !told.is_empty() {
            out.push_str(tag.split(' ').next().unwrap_or_default());
            out.push_str(&told);
            out.push('\n');
        }
    }
    out
}

/// What a picture holds, in short, without costs.
fn told(picture: &Picture) -> String {
    let mut out = format!("{}\n", picture.conclusion.sentence);
    for theorem in &picture.theorems {
        let uses = theorem.uses.join(", ");
        let _ = writeln!(out, "{}: {} by {:?}, uses {uses}", theorem.name, theorem.standing.word, theorem.by);
    }
    for matrix in &picture.matrices {
        let _ = writeln!(out, "\n{}: {}", matrix.theorem, matrix.columns.join(", "));
        for row in &matrix.rows {
            let signs = row.cells.iter().map(|cell| cell.as_ref().map_or(".", |cell| cell.mark.sign()));
            let _ = writeln!(out, "  {} {}", signs.collect::<Vec<_>>().join(" "), row.name);
        }
    }
    for branch in &picture.tree {
        out.push('\n');
        tell(branch, 0, &mut out);
    }
    for assumed in &picture.assumed {
        let _ = writeln!(out, "\n{} {} at {}: {}", assumed.kind, assumed.name, assumed.place, assumed.text);
    }
    out
}

fn tell(branch: &Branch, level: usize, out: &mut String) {
    let sign = branch.leaf.as_ref().map_or("", |leaf| leaf.mark.sign());
    let standing = branch.standing.as_ref().map_or("", |standing| standing.word.as_str());
    let untried = if branch.untried > 0 { format!("({} not tried)", branch.untried) } else { String::new() };
    let words = [branch.name.as_str(), sign, standing, untried.as_str()].map(str::to_owned);
    let words = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let _ = writeln!(out, "{:indent$}{words}", "", indent = 2 * level);
    for child in &branch.children {
        tell(child, level + 1, out);
    }
}

#[test]
fn many_frames_take_little_room() {
    let n = 24;
    let run = run("Wide.pax", &wide(n), &Setup::default());
    let picture = picture(&run, &request());
    let n_obligations = all_leaves(&picture).len();
    assert!(n_obligations > n * n, "{n_obligations}");
    let page = html::render(std::slice::from_ref(&run), &request()).unwrap();
    let fixed = html::render(&[], &request()).unwrap().len();
    let each = (page.len() - fixed) / n_obligations;
    assert!(each < 700, "{each} bytes for each obligation");
    // Each formula is there once, whatever the number of obligations that state it.
    let distinct: BTreeSet<(&str, &str)> =
        picture.texts.iter().map(|text| (text.name.as_str(), text.text.as_str())).collect();
    assert_eq!(distinct.len(), picture.texts.len());
    assert!(picture.texts.len() < 16 * n, "{}", picture.texts.len());
}

/// Texts that are shared never stand for two formulas.
#[test]
fn equal_texts_are_equal_formulas() {
    for path in ["specs/voting.pax", "specs/multipaxos.pax"] {
        let (name, spec) = spec(path);
        let front = read(&name, &spec, &[root().join("specs")]);
        let decomposition = front.decomposition.expect("obligations");
        let mut printer = SharedPrinter::new(&decomposition.program);
        let mut of_all: BTreeMap<String, Key> = BTreeMap::new();
        let mut n_shared = 0;
        for obligation in &decomposition.tree.obligations {
            let statement = printer.statement(obligation, |_| true);
            assert_eq!(statement.hypotheses.len(), obligation.hypotheses.len());
            let formulas = obligation.hypotheses.iter().map(|it| &it.formula).chain([&obligation.goal]);
            let texts = statement.hypotheses.into_iter().map(|(_, text)| text).chain([statement.goal]);
            let mut of_one: BTreeMap<String, Key> = BTreeMap::new();
            for (text, formula) in texts.zip(formulas) {
                let key = alpha::key(formula);
                // Free names mean something in their obligation only.
                let known = if is_closed(formula) { &mut of_all } else { &mut of_one };
                match known.get(&text) {
                    Some(known) => assert_eq!(*known, key, "{}: {text}", obligation.id),
                    None => drop(known.insert(text, key)),
                }
                n_shared += usize::from(is_closed(formula));
            }
        }
        assert!(n_shared > 5 * of_all.len(), "{n_shared} formulas with {} texts", of_all.len());
    }
}

/// Whether a formula has no free names.
fn is_closed(formula: &Expr) -> bool {
    fn walk(it: &Expr, free: &mut BTreeSet<LocalId>, bound: &mut BTreeSet<LocalId>) {
        if let ExprKind::Local(local) = &it.kind {
            free.insert(*local);
        }
        bound.extend(it.binders().iter().map(|binder| binder.local));
        it.for_each_child(&mut |child| walk(child, free, bound));
    }
    let (mut free, mut bound) = (BTreeSet::new(), BTreeSet::new());
    walk(formula, &mut free, &mut bound);
    free.is_subset(&bound)
}

/// A module of so many variables, actions and conjuncts, each about its own.
fn wide(n: usize) -> String {
    let all =
        |part: &dyn Fn(usize) -> String, between: &str| (1..=n).map(part).collect::<Vec<_>>().join(between);
    let unchanged = |action: usize| {
        let others = (1..=n).filter(|it| *it != action).map(|it| format!("x{it}"));
        others.collect::<Vec<_>>().join(", ")
    };
    format!(
        "---- MODULE Wide ----\nEXTENDS Integers\nVARIABLES {}\nvars == <<{}>>\nInit == {}\n{}\nNext == {}\n\
         Spec == Init /\\ [][Next]_vars\nInv ==\n{}\nTHEOREM Invariance == Spec => []Inv\n====\n",
        all(&|it| format!("x{it}"), ", "),
        all(&|it| format!("x{it}"), ", "),
        all(&|it| format!("x{it} = 0"), " /\\ "),
        all(&|it| format!("Step{it} == x{it}' = x{it} + {it} /\\ UNCHANGED <<{}>>", unchanged(it)), "\n"),
        all(&|it| format!("Step{it}"), " \\/ "),
        all(&|it| format!("  /\\ x{it} \\in Nat"), "\n"),
    )
}

/// Where developers may look at the wide module, too.
#[test]
fn the_wide_module_can_be_written() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("Wide.pax");
    let n = std::env::var("PAXPROVE_WIDE").ok().and_then(|n| n.parse().ok()).unwrap_or(10);
    std::fs::write(path, wide(n)).unwrap();
}
