//! A real browser: Debian's `chromium` without a window, spoken to over its debugging pipe.
//!
//! It has no say in what is measured: what is asked of it is asked from outside, by the pages' own rules (CSP) untouched.

#![expect(clippy::indexing_slicing, reason = "a panic is how a test fails")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};

/// More than any answer takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

const FLAGS: [&str; 13] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    // In one process with its page a sandboxed frame takes the focus at once, not some time after the key.
    "--disable-features=IsolateSandboxedIframes",
    "--remote-debugging-pipe",
];

/// One browser with one page; ends on drop.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    commands: Option<ChildStdin>,
    messages: Receiver<Value>,
    session: Option<String>,
    last: u64,
    /// What the browser complained about: refused styles, missing files, broken policies.
    pub complaints: Vec<String>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts it.
    ///
    /// # Panics
    /// Without the package `chromium`.
    pub fn open() -> Self {
        let there = Command::new("sh").args(["-c", "command -v chromium"]).stdout(Stdio::null()).status();
        assert!(
            there.is_ok_and(|status| status.success()),
            "the pages are tested in a real browser: install the Debian package `chromium`; scripts/test does it"
        );
        let profile = tempfile::tempdir().expect("a temporary folder");
        // The browser reads commands on descriptor 3 and answers on 4.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null", "sh", "chromium"])
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the browser starts");
        let messages = listen(child.stdout.take().expect("a pipe"));
        let commands = child.stdin.take();
        let (session, complaints) = (None, Vec::new());
        let mut browser = Self { child, commands, messages, session, last: 0, complaints, _profile: profile };
        browser.attach();
        browser
    }

    fn attach(&mut self) {
        let target = self.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = self.call("Target.attachToTarget", &target);
        self.session = Some(attached["sessionId"].as_str().expect("a session").to_owned());
        for domain in ["Page.enable", "Log.enable", "Runtime.enable", "Network.enable"] {
            self.call(domain, &json!({}));
        }
    }

    /// Width and height of the window, in CSS pixels.
    pub fn size(&mut self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// What the reader's system prefers.
    pub fn dark(&mut self, dark: bool) {
        let scheme = json!({ "name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" } });
        self.call("Emulation.setEmulatedMedia", &json!({ "features": [scheme] }));
    }

    /// Whether the reader's system asks for less motion.
    pub fn calm(&mut self, calm: bool) {
        let motion =
            json!({ "name": "prefers-reduced-motion", "value": if calm { "reduce" } else { "no-preference" } });
        self.call("Emulation.setEmulatedMedia", &json!({ "features": [motion] }));
    }

    /// Opens a page and waits until it and its frames are there.
    pub fn visit(&mut self, url: &str) {
        let answer = self.call("Page.navigate", &json!({ "url": url }));
        assert!(answer["errorText"].is_null(), "{url}: {answer}");
        self.wait_for("Page.loadEventFired");
    }

    /// Does what leads to another page, and waits until that is there.
    pub fn press(&mut self, expression: &str) {
        self.ask(expression);
        self.wait_for("Page.loadEventFired");
    }

    /// Does what leads to a page that leads on by itself, and waits until the last one is there.
    pub fn press_through(&mut self, expression: &str, pages: usize) {
        self.ask(expression);
        for _ in 0..pages {
            self.wait_for("Page.loadEventFired");
        }
    }

    /// Whether the scripts of pages that are opened from now on run.
    pub fn scripts(&mut self, run: bool) {
        self.call("Emulation.setScriptExecutionDisabled", &json!({ "value": !run }));
    }

    /// Gives the browser a cookie for the address.
    pub fn cookie(&mut self, url: &str, name: &str, value: &str) {
        self.call("Network.setCookie", &json!({ "url": url, "name": name, "value": value }));
    }

    /// Presses and releases the tabulator key.
    pub fn tab(&mut self) {
        self.key("Tab");
    }

    /// Presses and releases a key: its name, or the character that it types.
    pub fn key(&mut self, name: &str) {
        let (code, number, text) = match name {
            "Tab" => ("Tab", 9, ""),
            "Backspace" => ("Backspace", 8, ""),
            "Enter" => ("Enter", 13, "\r"),
            "Escape" => ("Escape", 27, ""),
            " " => ("Space", 32, " "),
            typed => ("", 0, typed),
        };
        let down = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        for kind in [down, "keyUp"] {
            let text = if kind == "keyUp" { "" } else { text };
            let key = json!({ "type": kind, "key": name, "code": code, "windowsVirtualKeyCode": number, "text": text });
            self.call("Input.dispatchKeyEvent", &key);
        }
    }

    /// Shows text that is still being composed.
    pub fn compose(&mut self, text: &str) {
        let end = text.encode_utf16().count();
        let composition = json!({ "text": text, "selectionStart": end, "selectionEnd": end });
        self.call("Input.imeSetComposition", &composition);
    }

    /// Waits until an expression in the page is true.
    pub fn until(&mut self, expression: &str) {
        let waiting = format!(
            "new Promise((resolve, reject) => {{ const last = Date.now() + 20000; const look = () => ({expression}) ? resolve(true)
                : Date.now() > last ? reject('never') : setTimeout(look, 20); look() }})"
        );
        self.ask(&waiting);
    }

    /// Presses a key that leads to another page, and waits until that is there.
    pub fn key_leads_on(&mut self, name: &str) {
        self.key(name);
        self.wait_for("Page.loadEventFired");
    }

    /// Types into the field that has the focus, as an input method does.
    pub fn typed(&mut self, text: &str) {
        self.call("Input.insertText", &json!({ "text": text }));
    }

    /// The page on A4, as PDF.
    pub fn paper(&mut self) -> Vec<u8> {
        let a4 = json!({ "paperWidth": 8.27, "paperHeight": 11.69, "printBackground": false });
        let answer = self.call("Page.printToPDF", &a4);
        let data = answer["data"].as_str().expect("a document");
        base64::engine::general_purpose::STANDARD.decode(data).expect("base64")
    }

    /// Shows pages as they are printed, or as on screen.
    pub fn printing(&mut self, print: bool) {
        self.call("Emulation.setEmulatedMedia", &json!({ "media": if print { "print" } else { "" } }));
    }

    /// The value of an expression in the page.
    pub fn ask(&mut self, expression: &str) -> Value {
        let question = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", &question);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Chooses a file in the field with this id.
    pub fn choose(&mut self, id: &str, path: &std::path::Path) {
        let question = json!({ "expression": format!("document.getElementById({})", json!(id)) });
        let found = self.call("Runtime.evaluate", &question);
        let object = found["result"]["objectId"].as_str().expect("a field").to_owned();
        let files = json!({ "files": [path], "objectId": object });
        self.call("DOM.setFileInputFiles", &files);
    }

    /// What the window shows, as PNG in base64.
    pub fn picture(&mut self) -> String {
        let answer = self.call("Page.captureScreenshot", &json!({ "format": "png" }));
        answer["data"].as_str().expect("a picture").to_owned()
    }

    /// Sends a command and returns its result.
    fn call(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        let mut command = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        let pipe = self.commands.as_mut().expect("open until dropped");
        write!(pipe, "{command}\0").and_then(|()| pipe.flush()).expect("the browser listens");
        let id = self.last;
        let mut answer = self.next_where(method, |message| message["id"] == id);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].take()
    }

    fn wait_for(&mut self, event: &str) {
        self.next_where(event, |message| message["method"] == event);
    }

    fn next_where(&mut self, awaited: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let message = self.messages.recv_timeout(left);
            let message = message.unwrap_or_else(|error| panic!("the browser never answered {awaited}: {error}"));
            if message["method"] == "Log.entryAdded" {
                self.complaints.push(message["params"]["entry"].to_string());
            }
            if message["method"] == "Runtime.exceptionThrown" {
                self.complaints.push(message["params"]["exceptionDetails"].to_string());
            }
            if wanted(&message) {
                return message;
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Closing the pipe ends the browser with all its processes; it is killed only if it does not.
        drop(self.commands.take());
        loop {
            match self.messages.recv_timeout(Duration::from_secs(5)) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let _ = self.child.kill();
                    break;
                }
            }
        }
        let _ = self.child.wait();
    }
}

/// Messages end with a zero byte.
fn listen(pipe: impl std::io::Read + Send + 'static) -> Receiver<Value> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for message in BufReader::new(pipe).split(0).map_while(Result::ok) {
            let Ok(message) = serde_json::from_slice(&message) else { continue };
            if sender.send(message).is_err() {
                break;
            }
        }
    });
    receiver
}
