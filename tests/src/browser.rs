//! Chromium, driven over a pipe: pages are loaded, asked and photographed as a reader would see them.
//!
//! Invariant: where there is no Chromium, whoever asks for one is told so, and so is whoever runs the tests.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

/// Names that Chromium goes by, the first that is there being taken.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
/// Passes the pipes on as those that the protocol wants.
const SHELL: &str = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#;
/// A busy machine may be slow.
const PATIENCE: Duration = Duration::from_secs(180);

/// A browser with one page.
pub struct Browser {
    process: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    events: VecDeque<Value>,
    session: Option<String>,
    n_calls: u64,
}

impl Browser {
    /// A browser, unless there is none on this machine: then the tests say that they are skipped.
    ///
    /// # Panics
    /// If `PAXPROVE_CHROMIUM` names something that cannot be run.
    pub fn find(test: &str, folder: &Path) -> Option<Self> {
        let Some(program) = program() else {
            // Not captured, unlike what macros print: a test that was skipped must not look as if it had run.
            let told = format!(
                "\nSKIPPED: {test}: there is no Chromium; install it, or name it in `PAXPROVE_CHROMIUM`\n"
            );
            let _ = io::stderr().write_all(told.as_bytes());
            return None;
        };
        Some(Self::start(&program, &folder.join(format!("{test}-profile"))))
    }

    fn start(program: &Path, profile: &Path) -> Self {
        let mut process = Command::new("sh")
            .args(["-c", SHELL])
            .arg(program)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"])
            .args(["--no-first-run", "--disable-background-networking", "--disable-component-update"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let to = process.stdin.take().expect("a pipe");
        let mut out = BufReader::new(process.stdout.take().expect("a pipe"));
        let (send, from) = channel();
        thread::spawn(move || {
            let mut message = Vec::new();
            while matches!(out.read_until(0, &mut message), Ok(n) if n > 0) {
                let text = message.strip_suffix(&[0]).unwrap_or(&message);
                let Ok(value) = serde_json::from_slice(text) else { break };
                if send.send(value).is_err() {
                    break;
                }
                message.clear();
            }
        });
        let mut browser = Self { process, to, from, events: VecDeque::new(), session: None, n_calls: 0 };
        let target = browser.call("Target.createTarget", &json!({"url": "about:blank"}));
        let target = json!({"targetId": target["targetId"], "flatten": true});
        let session = browser.call("Target.attachToTarget", &target);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    /// Calls a method of the protocol.
    ///
    /// # Panics
    /// If the browser is gone, or refuses.
    pub fn call(&mut self, method: &str, params: &Value) -> Value {
        self.n_calls += 1;
        let mut message = json!({"id": self.n_calls, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        write!(self.to, "{message}\0").and_then(|()| self.to.flush()).expect("the browser lives");
        loop {
            let answer = self.from.recv_timeout(PATIENCE);
            let mut answer = answer.unwrap_or_else(|_| panic!("no answer to {method}"));
            if answer["id"] == self.n_calls {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].take();
            }
            self.events.push_back(answer);
        }
    }

    /// Loads a page of this machine, as wide as that, and waits until it is there.
    pub fn load(&mut self, file: &Path, (width, height): (u32, u32), is_dark: bool) {
        let scheme = if is_dark { "dark" } else { "light" };
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.call("Emulation.setDeviceMetricsOverride", &size);
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", &features);
        self.call("Page.navigate", &json!({"url": "about:blank"}));
        self.call("Page.navigate", &json!({"url": format!("file://{}", file.display())}));
        for _ in 0..600 {
            if self.ask("document.readyState + location.protocol") == "completefile:" {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("{} is not loaded", file.display());
    }

    /// The value of an expression on the page; a promise is waited for.
    ///
    /// # Panics
    /// If it throws.
    pub fn ask(&mut self, script: &str) -> Value {
        let params = json!({"expression": script, "returnByValue": true, "awaitPromise": true});
        let mut answer = self.call("Runtime.evaluate", &params);
        assert!(answer["exceptionDetails"].is_null(), "{script}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].take()
    }

    /// Presses a key.
    pub fn press(&mut self, key: &str) {
        let (text, code) = match key {
            "Enter" => ("\r", 13),
            "Escape" => ("", 27),
            "Tab" => ("", 9),
            "End" => ("", 35),
            "Home" => ("", 36),
            "ArrowLeft" => ("", 37),
            "ArrowUp" => ("", 38),
            "ArrowRight" => ("", 39),
            "ArrowDown" => ("", 40),
            text => (text, 0),
        };
        let kind = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        let down = json!({"type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code});
        self.call("Input.dispatchKeyEvent", &down);
        let up = json!({"type": "keyUp", "key": key, "windowsVirtualKeyCode": code});
        self.call("Input.dispatchKeyEvent", &up);
    }

    /// What a page should never do: errors, exceptions, violations of its policy, requests beyond itself.
    pub fn misdeeds(&mut self) -> Vec<String> {
        // What is under way is told before the answer to this.
        thread::sleep(Duration::from_millis(100));
        self.ask("1");
        let is_bad = |event: &Value| match event["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" | "Log.entryAdded" => true,
            "Runtime.consoleAPICalled" => event["params"]["type"] != "log",
            "Network.requestWillBeSent" => {
                let url = event["params"]["request"]["url"].as_str().unwrap_or_default();
                let is_page = event["params"]["type"] == "Document" && url.starts_with("file:");
                !is_page && !url.starts_with("data:") && url != "about:blank"
            }
            _ => false,
        };
        self.events.drain(..).filter(is_bad).map(|event| event.to_string()).collect()
    }

    /// A photograph of what is to be seen, as PNG.
    ///
    /// # Panics
    /// If there is none.
    pub fn photograph(&mut self) -> Vec<u8> {
        let shot = self.call("Page.captureScreenshot", &json!({"format": "png"}));
        BASE64_STANDARD.decode(shot["data"].as_str().expect("a picture")).expect("base64")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.session = None;
        let _ = write!(self.to, "{}\0", json!({"id": 0, "method": "Browser.close"}));
        let _ = self.to.flush();
        for _ in 0..100 {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("PAXPROVE_CHROMIUM") {
        let path = PathBuf::from(named);
        assert!(path.is_file(), "`PAXPROVE_CHROMIUM` names no file: {}", path.display());
        return Some(path);
    }
    let folders = std::env::var_os("PATH")?;
    let all = NAMES.iter().flat_map(|name| std::env::split_paths(&folders).map(move |it| it.join(name)));
    all.into_iter().find(|path| path.is_file())
}
