//! How fast the parser is on realistic modules, in megabytes a second, and how its time grows with the length of
//! texts of many shapes: `cargo bench -p lang`.
#![expect(clippy::print_stdout, reason = "the figures are the result")]

#[path = "parse/shapes.rs"]
mod shapes;

/// The allocator of the command line.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use std::hint::black_box;
use std::time::{Duration, Instant};

use divan::Bencher;
use divan::counter::BytesCount;
use lang::ids::Id;
use lang::parse::parse;
use lang::source::FileId;

/// The protocols that the project proves.
const SPECS: &[&str] = &[
    include_str!("../../specs/paxos.pax"),
    include_str!("../../specs/multipaxos.pax"),
    include_str!("../../specs/multipaxos_preemption.pax"),
];

/// How large the realistic texts are, in bytes.
const LARGE: usize = 4 << 20;

/// Texts of this size are doubled.
const SIZE: usize = 10_000;

fn main() {
    divan::main();
    if !std::env::args().any(|arg| arg == "--test" || arg == "--list") {
        growth();
    }
}

/// The declarations of the specs, again and again, as one module.
fn protocols() -> String {
    let mut text = String::from("---- MODULE Protocols ----\n");
    let bodies: Vec<&str> = SPECS.iter().map(|spec| body(spec)).collect();
    while text.len() < LARGE {
        for body in &bodies {
            text.push_str(body);
        }
    }
    text + "====\n"
}

/// What stands between the first line of a module and its `====`, without `EXTENDS`.
fn body(spec: &str) -> &str {
    let start = spec.find("EXTENDS").map_or(0, |at| at + spec[at..].find('\n').unwrap_or(0));
    &spec[start..spec.rfind("\n====").map_or(spec.len(), |end| end + 1)]
}

/// Many small definitions, without comments.
fn definitions() -> String {
    let mut text = String::new();
    let mut n = 0;
    while text.len() < LARGE {
        let action = format!(
            "Act{n}(a, b) ==\n  /\\ x[a] > {n}\n  /\\ \\E m \\in msgs : m.type = \"t{n}\" /\\ m.bal >= b\n  \
             /\\ x' = [x EXCEPT ![a] = @ + 1]\n  /\\ UNCHANGED <<y, z>>\n\n"
        );
        text.push_str(&action);
        n += 1;
    }
    shapes::module(&text)
}

#[divan::bench(sample_count = 20)]
fn realistic_protocols(bencher: Bencher<'_, '_>) {
    realistic(bencher, &protocols());
}

#[divan::bench(sample_count = 20)]
fn realistic_definitions(bencher: Bencher<'_, '_>) {
    realistic(bencher, &definitions());
}

fn realistic(bencher: Bencher<'_, '_>, text: &str) {
    let parsed = parse(FileId::from_index(0), text);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    assert!(parsed.value.units.len() > 1000, "the module is read to its end");
    bencher.counter(BytesCount::of_str(text)).bench(|| parse(FileId::from_index(0), black_box(text)));
}

/// The time of each shape at a size and at twice that size; linear growth is a ratio of 2.
fn growth() {
    println!("\n| shape | n | ms | ms at 2n | ratio |\n| --- | ---: | ---: | ---: | ---: |");
    for (name, shape) in shapes::SHAPES {
        let once = shortest(&shapes::module(&shape(SIZE)));
        let twice = shortest(&shapes::module(&shape(2 * SIZE)));
        let ratio = twice.as_secs_f64() / once.as_secs_f64();
        println!("| {name} | {SIZE} | {:.1} | {:.1} | {ratio:.1} |", millis(once), millis(twice));
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The shortest of some runs, which is the one that was disturbed least.
fn shortest(text: &str) -> Duration {
    let run = || {
        let start = Instant::now();
        let parsed = black_box(parse(FileId::from_index(0), black_box(text)));
        let time = start.elapsed();
        drop(parsed);
        time
    };
    (0..5).map(|_| run()).min().unwrap_or_default()
}
