#[path = "../tests/common/mod.rs"]
mod common;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(&args[1]).unwrap();
    let secs: u64 = args.get(3).map_or(10, |s| s.parse().unwrap());
    let module = common::module(&args[1], &text);
    let stop = AtomicBool::new(false);
    for (name, module, question) in common::questions(&module) {
        if !args.get(2).is_none_or(|f| name.contains(f.as_str())) {
            continue;
        }
        let question = question(&module);
        let budget = refute::Budget::new(Duration::from_secs(secs), &stop);
        let start = Instant::now();
        let mut n = 0;
        let outcome = refute::refute(&question, &budget, &mut |c| {
            n += 1;
            let failing = refute::failing(&question, c);
            if let Some((e, why)) = &failing {
                if n <= 3 || std::env::var("V").is_ok() {
                    println!(
                        "   unconfirmed: {why}\n     {}",
                        lang::print_typed::expr(question.module, e)
                            .lines()
                            .take(3)
                            .collect::<Vec<_>>()
                            .join(" ")
                    );
                    if std::env::var("V").is_ok() {
                        println!("{c:#?}");
                    }
                }
            }
            failing.is_none()
        });
        let t = start.elapsed().as_secs_f64();
        match outcome {
            refute::Outcome::Found { counterexample, size } => {
                println!("{name}: FOUND {t:.2}s, {n} candidates, at {size}");
                if std::env::var("S").is_ok() {
                    println!(
                        "{:?}\n{:?}\n-> {:?}",
                        counterexample.instance, counterexample.before, counterexample.after
                    );
                }
            }
            refute::Outcome::NotFound { tried } => println!("{name}: none {t:.2}s, {} sizes", tried.len()),
            refute::Outcome::GaveUp { why, tried } => {
                println!("{name}: gave up {t:.2}s, {} sizes, {n} candidates: {why}", tried.len())
            }
        }
    }
}
