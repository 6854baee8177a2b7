//! A cache that is shared: between two folders, with a server that does not answer, and with one that does.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cli::cache::entry::{Answer, Entry};
use cli::cache::folder::Folder;
use cli::saved::Saved;

use super::{Ended, Place, SOUND, timeless};

/// Somebody's own folder, beside the shared one.
fn as_whom<'a>(name: &'a str, shared: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    ["--cache-dir", name, "--shared-cache", shared].iter().chain(more).copied().collect()
}

const WRITES: [&str; 2] = ["--shared-cache-mode", "rw"];

impl Place {
    fn shared(&self) -> (Folder, String) {
        let path = self.folder.join("shared");
        (Folder::new(&path), path.display().to_string())
    }

    fn folder_of(&self, name: &str) -> Folder {
        Folder::new(&self.folder.join(name))
    }
}

impl Ended {
    /// How many answers were taken from the shared cache, solved again, and given to it.
    fn shared(&self) -> [usize; 3] {
        let line = self.err.lines().find_map(|line| line.strip_prefix("shared cache: ")).expect("counts");
        let numbers: Vec<usize> = line.split([' ', ',']).filter_map(|word| word.parse().ok()).collect();
        numbers.try_into().expect("three counts")
    }
}

#[test]
fn what_one_solves_another_need_not() {
    let place = Place::new("shared-two");
    let (shared, url) = place.shared();
    let first = place.prove(&as_whom("one", &url, &WRITES));
    let (_, solved) = first.counts();
    assert_eq!((first.code, first.shared()), (0, [0, 0, solved]));
    assert_eq!(shared.contents().n_answers, solved);
    let second = place.prove(&as_whom("two", &format!("file://{url}"), &[]));
    assert_eq!((second.code, second.counts(), second.shared()[0]), (0, (solved, 0), solved), "{second:?}");
    assert!(second.shared()[1] >= 1, "one at least is solved again: {second:?}");
    assert_eq!(timeless(&second.out), timeless(&first.out));
    assert_eq!(place.folder_of("two").contents().n_answers, solved, "what was taken is kept");
    let third = place.prove(&["--cache-dir", "two"]);
    assert_eq!((third.code, third.counts()), (0, (solved, 0)));
    assert_eq!(timeless(&third.out), timeless(&first.out));
}

#[test]
fn who_may_not_write_writes_nothing() {
    let place = Place::new("shared-read");
    let (shared, url) = place.shared();
    std::fs::create_dir_all(&url).expect("a folder");
    let run = place.prove(&as_whom("one", &url, &[]));
    assert_eq!((run.code, run.shared()), (0, [0, 0, 0]), "{run:?}");
    assert_eq!(shared.contents().n_answers, 0);
    place.prove(&as_whom("one", &url, &["--shared-cache-mode", "rw", "--seed", "1", "--cache", "read"]));
    assert_eq!(shared.contents().n_answers, 0, "`--cache read` keeps nothing anywhere");
    let filled = place.prove(&as_whom("one", &url, &["--shared-cache-mode", "rw", "--seed", "1"]));
    assert_eq!(filled.shared()[2], shared.contents().n_answers);
    let run = place.prove(&as_whom("two", &url, &["--cache", "read", "--seed", "1"]));
    assert_eq!(run.counts().1, 0, "{run:?}");
    assert_eq!(place.folder_of("two").contents().n_answers, 0);
}

#[test]
fn damage_is_ignored_and_reported() {
    let place = Place::new("shared-damage");
    let (shared, url) = place.shared();
    let (_, solved) = place.prove(&as_whom("one", &url, &WRITES)).counts();
    let files = super::files(&shared);
    std::fs::write(&files[0], b"nonsense").expect("a file");
    std::fs::copy(&files[2], &files[1]).expect("a file");
    let run = place.prove(&as_whom("two", &url, &[]));
    assert_eq!((run.code, run.counts(), run.shared()[0]), (0, (solved - 2, 2), solved - 2), "{run:?}");
    assert!(run.err.contains("warning: ignored what is damaged in the cache (2)"), "{run:?}");
    let repaired = place.prove(&as_whom("three", &url, &WRITES));
    assert_eq!((repaired.code, repaired.shared()[2]), (0, 2), "{repaired:?}");
    let run = place.prove(&as_whom("four", &url, &[]));
    assert_eq!((run.code, run.counts()), (0, (solved, 0)), "{run:?}");
}

/// Fills the shared folder with the answers of a module in which a lemma is false, and says that all of it is proved.
fn forge(place: &Place, shared: &Folder) {
    place.module(&SOUND.replace("N + 1 > 5", "N + 1 > 500"));
    let run = place.prove(&["--save", "run", "--cache", "off"]);
    assert_ne!(run.code, 0, "{run:?}");
    let saved = Saved::read(&place.folder.join("run")).expect("a run");
    let is_failure = |entry: &&Entry| !entry.is_proved();
    assert!(saved.answers.iter().any(|entry| is_failure(&entry)));
    for entry in saved.answers {
        shared.keep(&Entry { answer: Answer::Proved { core: vec![0] }, ..entry }).expect("kept");
    }
}

#[test]
fn a_forged_answer_is_found_by_solving_again() {
    let place = Place::new("shared-forged");
    let (shared, url) = place.shared();
    forge(&place, &shared);
    let n_before = shared.contents();
    let all = [
        "--shared-cache-sample",
        "100",
        "--bug-dir",
        "bugs",
        "--save",
        "forged",
        "--shared-cache-mode",
        "rw",
    ];
    let run = place.prove(&as_whom("one", &url, &all));
    assert_eq!(run.code, 70, "{run:?}");
    assert!(
        run.out.contains("the shared cache says that it is proved, the solver that it is not proved"),
        "{run:?}"
    );
    assert_eq!(place.folder_of("one").contents().n_answers, 0, "nothing of it is kept");
    assert!(!place.folder.join("forged").exists(), "nor saved");
    assert_eq!(shared.contents(), n_before, "nor anything given");
}

#[test]
fn what_was_taken_is_still_doubted_in_later_runs() {
    let place = Place::new("shared-later");
    let (shared, url) = place.shared();
    forge(&place, &shared);
    // As if no run had chosen it so far.
    for entry in shared.answers().flatten() {
        place.folder_of("one").keep(&Entry { is_shared: true, ..entry }).expect("kept");
    }
    let all = ["--cache-dir", "one", "--shared-cache-sample", "100", "--bug-dir", "bugs"];
    let run = place.prove(&all);
    assert_eq!(run.code, 70, "{run:?}");
    let left: Vec<Entry> = place.folder_of("one").answers().collect::<Result<_, _>>().expect("answers");
    assert!(left.iter().all(|entry| !entry.is_shared), "only what the solver confirmed is left: {left:?}");
    let run = place.prove(&["--cache-dir", "one"]);
    assert!(![0, 70].contains(&run.code), "{run:?}");
    let _ = url;
}

#[test]
fn what_depends_on_a_core_is_not_shared() {
    let place = Place::new("shared-core");
    let (shared, url) = place.shared();
    place.prove(&["--cache-dir", "one"]);
    place.module(&SOUND.replace("N > 10", "N > 11"));
    let run = place.prove(&as_whom("one", &url, &WRITES));
    assert_eq!(run.code, 0, "{run:?}");
    let all: Vec<Entry> = shared.answers().collect::<Result<_, _>>().expect("answers");
    assert!(!all.is_empty() && all.iter().all(|entry| !entry.had_hint), "{all:?}");
    for entry in all {
        shared.keep(&Entry { had_hint: true, ..entry }).expect("kept");
    }
    assert_eq!(place.prove(&as_whom("two", &url, &[])).shared()[0], 0);
}

#[test]
fn nothing_can_be_verified_where_nothing_is_solved() {
    let place = Place::new("shared-enforce");
    let (_, url) = place.shared();
    let run = place.prove(&as_whom("one", &url, &["--cache", "enforce"]));
    assert!(run.code == 2 && run.err.contains("leave `--shared-cache` out"), "{run:?}");
    let run = place.prove(&as_whom("one", "ftp://somewhere", &[]));
    assert!(run.code == 2 && run.err.contains("is no place for a shared cache"), "{run:?}");
    assert_eq!(place.prove(&as_whom("one", "ftp://somewhere", &["--cache", "off"])).code, 0);
    assert_eq!(place.prove(&as_whom("one", "", &[])).code, 0, "as where a variable is set to nothing");
}

/// Somebody at a port of this machine.
fn at_port(place: &Place, port: u16, name: &str, more: &[&str]) -> Ended {
    let args = as_whom(name, "s3://answers/team", more);
    let mut command = place.command(&["Example.pax", "-v", "--search", "1"]);
    command.args(args).env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"));
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    Ended::of(&command.output().expect("the program runs"))
}

#[test]
fn a_server_that_is_away_or_silent_costs_a_warning_and_little_time() {
    let place = Place::new("shared-away");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("a port").port();
    let start = Instant::now();
    // Connections are made, and nobody reads what comes.
    let run = at_port(&place, port, "one", &WRITES);
    let silent = start.elapsed();
    assert_eq!((run.code, run.shared()), (0, [0, 0, 0]), "{run:?}");
    assert!(
        run.err.contains("warning: the shared cache `s3://answers/team` failed (3), and was left alone"),
        "{run:?}"
    );
    assert!(silent < Duration::from_secs(60), "{silent:?}");
    drop(listener);
    let run = at_port(&place, port, "two", &[]);
    assert_eq!((run.code, run.shared()), (0, [0, 0, 0]), "{run:?}");
    assert!(run.err.contains("was left alone"), "{run:?}");
}

/// A server for tests, as of the Python package `moto`.
struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Puts a question by HTTP, and says whether it went well.
fn put(port: u16, path: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let text =
        format!("PUT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    stream.write_all(text.as_bytes()).and_then(|()| stream.read_to_string(&mut answer)).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

/// A server with a bucket, if the program `moto_server` is there: on the path, or where `PAXPROVE_MOTO` says.
fn server() -> Option<Server> {
    let program = std::env::var_os("PAXPROVE_MOTO").unwrap_or_else(|| "moto_server".into());
    let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
    let mut command = Command::new(program);
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).spawn().ok()?;
    let server = Server { child, port };
    let start = Instant::now();
    while !put(port, "/answers") {
        assert!(start.elapsed() < Duration::from_secs(120), "the server does not come up");
        std::thread::sleep(Duration::from_millis(200));
    }
    Some(server)
}

#[test]
fn answers_are_shared_by_a_server() {
    let Some(server) = server() else {
        println!("skipped: there is no `moto_server`, of the Python package `moto[server]`");
        return;
    };
    let place = Place::new("shared-server");
    let first = at_port(&place, server.port, "one", &WRITES);
    let (_, solved) = first.counts();
    assert_eq!((first.code, first.shared()), (0, [0, 0, solved]), "{first:?}");
    let second = at_port(&place, server.port, "two", &[]);
    assert_eq!((second.code, second.counts(), second.shared()[0]), (0, (solved, 0), solved), "{second:?}");
    assert_eq!(timeless(&second.out), timeless(&first.out));
}
