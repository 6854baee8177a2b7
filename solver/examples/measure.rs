//! x
#![allow(warnings)]
#[path = "../tests/solver/build.rs"]
mod build;
use build::*;
use solver::backend::*;
use solver::worker::*;
use solver::z3::Z3;
use std::time::*;
fn main() {
    let vc = socrates(["B", "man", "mortal"]);
    let agr = agreement();
    let mode = std::env::args().nth(1).unwrap_or_default();
    if mode == "version" {
        println!("{}", solver::z3::z3_version());
        return;
    }
    let mut z = Z3::new().unwrap();
    let mut w = Subprocess::new(
        WorkerCommand { program: std::env::args().nth(2).unwrap().into(), args: vec![] },
        Default::default(),
    );
    let n = 50;
    for (name, b) in [("z3", &mut z as &mut dyn Backend), ("worker", &mut w)] {
        let t = Instant::now();
        let c = b.check(&vc, &stage(0), limits()).unwrap();
        println!("{name} first {:?} inner {:?} rl {}", t.elapsed(), c.time, c.rlimit);
        for (vn, v, tier) in [("socrates", &vc, 0), ("agreement", &agr, 1)] {
            let t = Instant::now();
            let mut rl = vec![];
            let mut inner = Duration::ZERO;
            for _ in 0..n {
                let c = b.check(v, &stage(tier), limits()).unwrap();
                rl.push(c.rlimit);
                inner += c.time;
            }
            rl.dedup();
            println!("{name} {vn} steady {:?} inner {:?} rl {:?}", t.elapsed() / n, inner / n, rl);
        }
    }
    let _ = std::process::Command::new("sh").arg("-c").arg("for p in $(pgrep -P $PPID); do grep -E 'VmHWM|VmPeak|Name' /proc/$p/status; done; echo; grep -E 'VmHWM|VmPeak|Name' /proc/$PPID/status").status();
}
