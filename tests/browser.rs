//! The page of `report` in a real browser: it works, by keyboard too, on a phone, without JavaScript, in the dark;
//! and it asks nobody for anything. Skipped, and told so, where there is no Chromium.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cli::driver::Run;
use cli::report::html;
use serde_json::{Value, json};
use tests::browser::Browser;
use tests::{Setup, prove, read, request, root, text};

const DESKTOP: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (360, 780);

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn run(path: &str) -> Run {
    let search = Setup { search: Some(Duration::from_secs(2)), ..Setup::default() };
    let front = read(path, &text(&root().join(path)), &[root().join("specs")]);
    prove(front, &search)
}

/// The page about these modules, and the ids of what was tried, as anchors.
fn page(name: &str, runs: &[Run]) -> (PathBuf, Vec<String>) {
    let file = folder().join(format!("{name}.html"));
    let text = html::render(runs, &request()).expect("a page");
    std::fs::write(&file, text).expect("a file");
    let mut ids = Vec::new();
    for run in runs {
        let prefix = if runs.len() == 1 { String::new() } else { format!("{}:", run.front.ast.name.text) };
        let (Some(proof), Some(decomposition)) = (&run.proof, &run.front.decomposition) else { continue };
        let tried = proof.attempts.keys().map(|idx| &decomposition.tree.obligations[*idx].id);
        ids.extend(tried.map(|id| format!("{prefix}{id}")));
    }
    (file, ids)
}

#[test]
fn every_obligation_can_be_reached_and_nobody_is_asked_for_anything() {
    let Some(mut browser) = Browser::find("anchors", &folder()) else { return };
    let hostile = run("tests/picture/Hostile.pax");
    let both = [run("specs/voting.pax"), run("specs/broken/refinement_node_decides_twice.pax")];
    for (file, ids) in
        [page("hostile", &[hostile]), page("both", &both), page("paxos", &[run("specs/paxos.pax")])]
    {
        browser.load(&file, DESKTOP, false);
        assert!(ids.len() > 10);
        let lost = browser.ask(&format!(
            "(async () => {{
               const lost = [];
               for (const id of {}) {{
                 for (const it of document.querySelectorAll('details')) it.open = false;
                 location.hash = encodeURIComponent(id);
                 await new Promise((done) => addEventListener('hashchange', done, {{ once: true }}));
                 const element = document.getElementById(id);
                 const goal = element?.querySelector('.goal code');
                 const top = element?.getBoundingClientRect().top;
                 const isSeen = element?.checkVisibility() && goal?.checkVisibility() && goal.textContent
                   && top >= 0 && top < innerHeight;
                 const place = element?.querySelector('.source code')?.textContent;
                 if (!isSeen || !place) lost.push(`${{id}}: ${{top}}`);
               }}
               return lost;
             }})()",
            json!(ids)
        ));
        assert_eq!(lost, json!([]), "{}", file.display());
        // What is folded away is there when it is asked for.
        let others = browser.ask(
            "(async () => {
               const all = Array.from(document.querySelectorAll('.o .others'));
               for (const it of all) it.open = true;
               await new Promise((done) => setTimeout(done, 300));
               return all.filter((it) => !it.querySelector('.hyps li code')?.textContent).length;
             })()",
        );
        assert_eq!(others, json!(0));
        assert_eq!(browser.misdeeds(), Vec::<String>::new(), "{}", file.display());
        assert_eq!(browser.ask("document.querySelectorAll('img, iframe, script').length"), json!(1));
    }
}

#[test]
fn everything_can_be_done_by_keyboard() {
    let Some(mut browser) = Browser::find("keyboard", &folder()) else { return };
    let (file, ids) = page("keys", &[run("specs/voting.pax")]);
    browser.load(&file, DESKTOP, false);
    let active = "document.activeElement.id || document.activeElement.textContent";

    browser.press("/");
    assert_eq!(browser.ask(active), json!("filter"));
    for key in ["i", "n", "i", "t"] {
        browser.press(key);
    }
    browser.press("Enter");
    let n = ids.iter().filter(|id| id.to_lowercase().contains("init")).count();
    assert_eq!(
        browser.ask("document.querySelector('#found').textContent"),
        json!(format!("{n} of {} obligations", ids.len()))
    );
    assert_eq!(browser.ask("document.querySelectorAll('.o:not([hidden])').length"), json!(n));
    assert_eq!(browser.ask("document.activeElement.closest('.o').checkVisibility()"), json!(true));
    browser.press("/");
    browser.press("Escape");
    assert_eq!(browser.ask("document.querySelectorAll('.o[hidden]').length"), json!(0));

    // The matrix is one stop, and arrows move in it.
    let stops = "Array.from(document.querySelectorAll('[role=grid]')).map((it) => it.querySelectorAll('td a[tabindex=\"0\"]').length)";
    let is_one =
        |stops: &Value| stops.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(|n| *n == 1));
    assert!(is_one(&browser.ask(stops)));
    browser.ask("document.querySelector('[role=grid] td a').focus()");
    let place = "(() => { const cell = document.activeElement.closest('td'); return [cell.parentElement.rowIndex, cell.cellIndex]; })()";
    for (key, expected) in [
        ("ArrowRight", [1, 2]),
        ("ArrowDown", [2, 2]),
        ("End", [2, 4]),
        ("Home", [2, 1]),
        ("ArrowUp", [1, 1]),
    ] {
        browser.press(key);
        assert_eq!(browser.ask(place), json!(expected), "{key}");
        assert!(is_one(&browser.ask(stops)), "{key}");
    }
    let label = browser.ask("document.activeElement.getAttribute('aria-label')");
    assert!(label.as_str().unwrap().starts_with("initial states × "), "{label}");
    browser.press("Enter");
    let panel = "document.querySelector('.inspect:not([hidden]) .goal')?.checkVisibility() ?? false";
    assert_eq!(browser.ask(panel), json!(true));
    browser.press("Escape");
    assert_eq!(browser.ask(panel), json!(false));
    assert_eq!(browser.ask(place), json!([1, 1]), "the focus is where it was");

    // In a graph, a name lights up its neighbours.
    browser.ask("document.querySelector('.g-node').focus()");
    browser.press("ArrowDown");
    assert_eq!(browser.ask("document.activeElement.dataset.node"), json!("1"));
    assert_eq!(browser.ask("document.querySelectorAll('.hot .g-here').length"), json!(1));

    // What has the focus can be seen to have it, and has a name.
    browser.ask("document.querySelector('.skip').focus()");
    let mut bare = Vec::new();
    for _ in 0..40 {
        browser.press("Tab");
        let told = browser.ask(
            "(() => { const it = document.activeElement; const style = getComputedStyle(it);
               const name = it.getAttribute('aria-label') || it.textContent.trim() || it.closest('label')?.textContent;
               const isSeen = style.outlineStyle !== 'none' || it.matches('.g-node');
               return it === document.body || (name && isSeen) ? '' : it.outerHTML.slice(0, 200); })()",
        );
        bare.extend(told.as_str().filter(|it| !it.is_empty()).map(str::to_owned));
    }
    assert_eq!(bare, Vec::<String>::new());
    assert_eq!(browser.misdeeds(), Vec::<String>::new());
}

#[test]
fn a_phone_is_wide_enough() {
    let Some(mut browser) = Browser::find("phone", &folder()) else { return };
    let (hostile, broken) =
        (run("tests/picture/Hostile.pax"), run("specs/broken/refinement_node_decides_twice.pax"));
    for (file, _) in [
        page("phone-hostile", &[hostile]),
        page("phone-broken", &[broken]),
        page("phone", &[run("specs/paxos.pax")]),
    ] {
        browser.load(&file, PHONE, false);
        let width = "[innerWidth, document.documentElement.scrollWidth]";
        assert_eq!(browser.ask(width), json!([360, 360]), "{}", file.display());
        browser.ask(
            "for (const it of document.querySelectorAll('details')) it.open = true;
             for (const it of document.querySelectorAll('.o > a.n')) it.click();
             document.querySelector('[role=grid] td a').click();",
        );
        assert_eq!(browser.ask(width), json!([360, 360]), "{}, all open", file.display());
    }
}

#[test]
fn it_can_be_read_without_javascript() {
    let Some(mut browser) = Browser::find("plain", &folder()) else { return };
    let (file, ids) = page("plain", &[run("specs/voting.pax")]);
    browser.call("Emulation.setScriptExecutionDisabled", &json!({"value": true}));
    browser.load(&file, DESKTOP, false);
    assert_eq!(browser.ask("document.documentElement.className"), json!("plain"));
    let lost = browser.ask(&format!(
        "{}.filter((id) => {{
           const it = document.getElementById(id);
           for (let up = it; up; up = up.parentElement) if (up.tagName === 'DETAILS') up.open = true;
           const link = it.querySelector(':scope > a.n');
           const text = link ? document.querySelector(link.getAttribute('href')).textContent : it.querySelector('.goal code')?.textContent;
           return !it.checkVisibility() || !text;
         }})",
        json!(ids)
    ));
    assert_eq!(lost, json!([]));
    assert_eq!(browser.misdeeds(), Vec::<String>::new());
}

#[test]
fn light_and_dark_are_the_reader_s_choice() {
    let Some(mut browser) = Browser::find("theme", &folder()) else { return };
    let (file, _) = page("theme", &[run("tests/picture/Counter.pax")]);
    let paper = "getComputedStyle(document.body).backgroundColor";
    browser.load(&file, DESKTOP, true);
    let dark = browser.ask(paper);
    browser.load(&file, DESKTOP, false);
    let light = browser.ask(paper);
    assert_ne!(dark, light);
    for expected in [&light, &dark, &light] {
        browser.ask("document.querySelector('#theme').click()");
        assert_eq!(browser.ask(paper), *expected);
    }
    assert_eq!(browser.misdeeds(), Vec::<String>::new());
}

/// `cargo xtask screenshots` says where they go.
#[test]
fn photographs_can_be_taken() {
    let Some(mut browser) = Browser::find("photographs", &folder()) else { return };
    let wanted = std::env::var_os("PAXPROVE_SCREENSHOTS").map(PathBuf::from);
    let proved = if wanted.is_some() { "specs/multipaxos.pax" } else { "tests/picture/Counter.pax" };
    let broken = if wanted.is_some() {
        "specs/broken/multipaxos_two_decrees.pax"
    } else {
        "tests/picture/Hostile.pax"
    };
    let target = wanted.unwrap_or_else(folder);
    std::fs::create_dir_all(&target).unwrap();
    for (name, path) in [("proved", proved), ("refuted", broken)] {
        let (file, _) = page(name, &[run(path)]);
        for (device, size) in [("desktop", DESKTOP), ("phone", (390, 844))] {
            for (mode, is_dark) in [("light", false), ("dark", true)] {
                browser.load(&file, size, is_dark);
                for part in ["top", "matrix", "helps", "tree"] {
                    browser.ask(&format!("document.getElementById('{part}')?.scrollIntoView()"));
                    let picture = browser.photograph();
                    assert!(picture.len() > 5_000, "{name} {device} {mode} {part}: an empty page");
                    std::fs::write(target.join(format!("{name}-{device}-{mode}-{part}.png")), picture)
                        .unwrap();
                }
            }
        }
    }
}
