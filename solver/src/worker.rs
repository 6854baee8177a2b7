//! Solving in a process of its own, so that a fault, a runaway or a memory hog of the solver costs one answer.
//!
//! Asker and worker exchange frames: four magic bytes, the length, a `postcard` value. Invariants: a reply repeats the
//! fingerprint of the very bytes that it answers; whatever is not such a reply, in time, is
//! [`UnknownReason::SolverDied`] or [`UnknownReason::Timeout`] for that check, the worker is killed, and the next
//! check gets a fresh one.

use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use vcgen::vc::{Stage, Vc};

use crate::backend::{Answer, Backend, Check, Limits, SolverError, UnknownReason};
use crate::z3::Z3;

/// Begins each frame; the digit is the version of the protocol.
const MAGIC: [u8; 4] = *b"pxw1";
/// Longer frames are taken for rubbish.
const MAX_FRAME: u32 = 1 << 30;
/// Stack for reading and solving deep terms; only what is touched is ever taken from memory.
const STACK_BYTES: usize = 256 << 20;
/// Address space that a worker needs beside what the solver may take: stacks, code, allocator reserves.
const ADDRESS_SLACK_MB: u64 = 1536;
/// How much longer than the solver's own time limit a worker may take before it is killed.
const GRACE: Duration = Duration::from_secs(1);
/// How often a waiting asker looks whether it should stop.
const POLL: Duration = Duration::from_millis(20);

/// What a worker is asked, as the asker writes it.
#[derive(Serialize)]
struct Question<'a> {
    vc: &'a Vc,
    stage: &'a Stage,
    limits: Limits,
}

/// What a worker is asked, as the worker reads it.
#[derive(Deserialize)]
struct OwnedQuestion {
    vc: Vc,
    stage: Stage,
    limits: Limits,
}

/// What a worker replies.
#[derive(Serialize, Deserialize)]
struct Reply {
    fingerprint: u64,
    result: Result<Check, SolverError>,
}

/// Answers the questions that come in on `input`, one reply each on `output`, until `input` ends.
///
/// At the end of `input` this returns at once, also while a question is being answered: nobody waits for that
/// answer any more. The caller is expected to end the process then.
pub fn serve(mut input: impl Read, mut output: impl Write + Send + 'static) -> io::Result<()> {
    let (questions, inbox) = mpsc::channel::<Vec<u8>>();
    thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        for bytes in inbox {
            let reply = Reply { fingerprint: fingerprint(&bytes), result: answer(&bytes) };
            let sent = postcard::to_stdvec(&reply)
                .map_err(io::Error::other)
                .and_then(|bytes| write_frame(&mut output, &bytes));
            if sent.is_err() {
                // Without a reply the asker takes this worker for dead, which is right.
                return;
            }
        }
    })?;
    while let Some(bytes) = read_frame(&mut input)? {
        if questions.send(bytes).is_err() {
            break;
        }
    }
    Ok(())
}

fn answer(bytes: &[u8]) -> Result<Check, SolverError> {
    let OwnedQuestion { vc, stage, limits } = postcard::from_bytes(bytes)
        .map_err(|error| SolverError::Internal(format!("the worker cannot read the question: {error}")))?;
    bound_address_space(limits.memory_mb)?;
    Z3::new()?.check(&vc, &stage, limits)
}

/// Bounds this process's address space, as a backstop to the solver's own accounting of its memory.
#[cfg(target_os = "linux")]
fn bound_address_space(memory_mb: u32) -> Result<(), SolverError> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    if memory_mb == 0 {
        return Ok(());
    }
    let Rlimit { current, maximum } = getrlimit(Resource::As);
    let wanted = (u64::from(memory_mb) + ADDRESS_SLACK_MB) << 20;
    let allowed = maximum.map_or(wanted, |maximum| wanted.min(maximum));
    if current == Some(allowed) {
        return Ok(());
    }
    setrlimit(Resource::As, Rlimit { current: Some(allowed), maximum })
        .map_err(|error| SolverError::Internal(format!("the worker cannot bound its memory: {error}")))
}

/// Elsewhere the solver's own accounting has to do.
#[cfg(not(target_os = "linux"))]
fn bound_address_space(_memory_mb: u32) -> Result<(), SolverError> {
    Ok(())
}

/// The program that is started as a worker; it must call [`serve`] on its standard input and output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
}

/// A backend that asks a worker process, started at the first check and again after each loss.
#[derive(Debug)]
pub struct Subprocess {
    command: WorkerCommand,
    stop: Arc<AtomicBool>,
    running: Option<Running>,
}

/// A live worker and the thread that talks to it.
#[derive(Debug)]
struct Running {
    child: Child,
    questions: Sender<Vec<u8>>,
    replies: Receiver<io::Result<Option<Vec<u8>>>>,
}

/// Why there is no reply.
enum Loss {
    Late,
    Stopped,
    Closed,
    Rubbish(String),
}

impl Subprocess {
    /// A backend that starts `command`. Once `stop` is set, a check under way ends as
    /// [`UnknownReason::Interrupted`].
    pub fn new(command: WorkerCommand, stop: Arc<AtomicBool>) -> Self {
        Self { command, stop, running: None }
    }

    /// Starts the worker ahead of the first check, so that its loading overlaps with other work.
    pub fn warm_up(&mut self) -> Result<(), SolverError> {
        self.running().map(|_| ())
    }

    fn running(&mut self) -> Result<&mut Running, SolverError> {
        let running = match self.running.take() {
            Some(running) => running,
            None => start(&self.command)?,
        };
        Ok(self.running.insert(running))
    }

    /// Ends the worker, and tells how it ended.
    fn retire(&mut self) -> String {
        let Some(mut running) = self.running.take() else {
            return "it was not running".to_owned();
        };
        // A worker that is dead already keeps its own status.
        let killed = running.child.kill();
        match (killed, running.child.wait()) {
            (_, Ok(status)) => status.to_string(),
            (Err(error), Err(_)) | (Ok(()), Err(error)) => error.to_string(),
        }
    }
}

impl Drop for Subprocess {
    fn drop(&mut self) {
        self.retire();
    }
}

impl Backend for Subprocess {
    fn check(&mut self, vc: &Vc, stage: &Stage, limits: Limits) -> Result<Check, SolverError> {
        let start = Instant::now();
        let bytes = postcard::to_stdvec(&Question { vc, stage, limits })
            .map_err(|error| SolverError::Internal(format!("the question cannot be written: {error}")))?;
        let wanted = fingerprint(&bytes);
        let stop = Arc::clone(&self.stop);
        let running = self.running()?;
        let reply = if running.questions.send(bytes).is_err() {
            Err(Loss::Closed)
        } else {
            await_reply(&running.replies, wanted, start + limits.timeout + GRACE, &stop)
        };
        let reason = match reply {
            Ok(result) => {
                // After these a process is no longer as good as new.
                if matches!(result, Err(_) | Ok(Check { answer: Answer::Unknown(UnknownReason::Memory), .. }))
                {
                    self.retire();
                }
                return result;
            }
            Err(Loss::Late) => {
                self.retire();
                UnknownReason::Timeout
            }
            Err(Loss::Stopped) => {
                self.retire();
                UnknownReason::Interrupted
            }
            Err(Loss::Closed) => UnknownReason::SolverDied(self.retire()),
            Err(Loss::Rubbish(what)) => {
                self.retire();
                UnknownReason::SolverDied(format!("its reply makes no sense: {what}"))
            }
        };
        Ok(Check { answer: Answer::Unknown(reason), rlimit: 0, time: start.elapsed() })
    }
}

fn start(command: &WorkerCommand) -> Result<Running, SolverError> {
    let failed = |problem: &str| SolverError::Spawn {
        program: command.program.display().to_string(),
        problem: problem.to_owned(),
    };
    let mut child = Command::new(&command.program)
        .args(&command.args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed(&error.to_string()))?;
    let (Some(mut stdin), Some(mut stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(failed("it has no pipes"));
    };
    let (questions, inbox) = mpsc::channel::<Vec<u8>>();
    let (outbox, replies) = mpsc::channel();
    let talker = thread::Builder::new().spawn(move || {
        for bytes in inbox {
            let written = write_frame(&mut stdin, &bytes);
            let reply = match (written, read_frame(&mut stdout)) {
                // A worker that does not listen may still have said something that tells what it is.
                (Err(error), Ok(None)) => Err(error),
                (Ok(()) | Err(_), reply) => reply,
            };
            if outbox.send(reply).is_err() {
                return;
            }
        }
    });
    if let Err(error) = talker {
        let _ = child.kill();
        let _ = child.wait();
        return Err(failed(&error.to_string()));
    }
    Ok(Running { child, questions, replies })
}

fn await_reply(
    replies: &Receiver<io::Result<Option<Vec<u8>>>>,
    wanted: u64,
    deadline: Instant,
    stop: &AtomicBool,
) -> Result<Result<Check, SolverError>, Loss> {
    let bytes = loop {
        if stop.load(Ordering::Relaxed) {
            return Err(Loss::Stopped);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        match replies.recv_timeout(left.min(POLL)) {
            Ok(Ok(Some(bytes))) => break bytes,
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(Loss::Rubbish(error.to_string()));
            }
            Ok(Ok(None) | Err(_)) | Err(RecvTimeoutError::Disconnected) => return Err(Loss::Closed),
            Err(RecvTimeoutError::Timeout) if left.is_zero() => return Err(Loss::Late),
            Err(RecvTimeoutError::Timeout) => {}
        }
    };
    let (reply, rest) =
        postcard::take_from_bytes::<Reply>(&bytes).map_err(|error| Loss::Rubbish(error.to_string()))?;
    if !rest.is_empty() || reply.fingerprint != wanted {
        return Err(Loss::Rubbish("it answers another question".to_owned()));
    }
    Ok(reply.result)
}

/// Tells questions apart; the same bytes always have the same one.
fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

fn write_frame(output: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= MAX_FRAME);
    let length = length.ok_or_else(|| io::Error::other("a frame is too long"))?;
    output.write_all(&MAGIC)?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(bytes)?;
    output.flush()
}

/// The next frame's contents; none at the end of `input`.
fn read_frame(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut header = Vec::new();
    input.by_ref().take(8).read_to_end(&mut header)?;
    let Some((magic, length)) = header.split_first_chunk::<4>() else {
        return if header.is_empty() { Ok(None) } else { Err(invalid("not a frame")) };
    };
    if *magic != MAGIC {
        return Err(invalid("not a frame"));
    }
    let Ok(length) = <[u8; 4]>::try_from(length).map(u32::from_le_bytes) else {
        return Ok(None);
    };
    if length > MAX_FRAME {
        return Err(invalid("too long a frame"));
    }
    let mut bytes = Vec::new();
    input.by_ref().take(u64::from(length)).read_to_end(&mut bytes)?;
    // A frame that breaks off comes from a worker that died while it wrote.
    Ok((bytes.len() == length as usize).then_some(bytes))
}
