//! A real browser, where there is one: Chromium without a window, told what to do through two pipes.
//!
//! The protocol is <https://chromedevtools.github.io/devtools-protocol/>: JSON values with a zero byte behind each.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Seconds that a browser may live: a hang must not hold up the tests.
const LIFE: &str = "240";
/// Keeps it from asking anybody for anything.
const FLAGS: &str = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --hide-scrollbars --remote-debugging-pipe";

/// A browser with one page.
pub(crate) struct Browser {
    child: Child,
    to: File,
    from: BufReader<File>,
    session: Option<String>,
    calls: u64,
    /// Errors and warnings of the console, and refusals by a policy.
    pub(crate) complaints: Vec<String>,
    loaded: bool,
    _home: TempDir,
}

impl Browser {
    /// Starts it; none where Chromium is not installed, which is said.
    pub(crate) fn start() -> Option<Self> {
        let found = Command::new("sh").args(["-c", "command -v chromium"]).output().unwrap();
        if !found.status.success() {
            eprintln!("Chromium is not installed: what a browser makes of the page is not looked at.");
            return None;
        }
        let home = tempfile::tempdir().unwrap();
        let (told, answered) = (home.path().join("to"), home.path().join("from"));
        assert!(Command::new("mkfifo").args([&told, &answered]).status().unwrap().success());
        let line = format!(
            "exec timeout {LIFE} chromium {FLAGS} --user-data-dir=\"$1/profile\" about:blank 3<\"$2\" 4>\"$3\""
        );
        let mut command = Command::new("sh");
        command.args(["-c", &line, "sh"]).args([home.path(), &told, &answered]).env("HOME", home.path());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Each waits for the other end.
        let to = File::options().write(true).open(told).unwrap();
        let from = BufReader::new(File::open(answered).unwrap());
        let mut browser = Self {
            child,
            to,
            from,
            session: None,
            calls: 0,
            complaints: Vec::new(),
            loaded: false,
            _home: home,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attached =
            browser.call("Target.attachToTarget", json!({ "targetId": target["targetId"], "flatten": true }));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for part in ["Page.enable", "Runtime.enable", "Log.enable"] {
            browser.call(part, json!({}));
        }
        Some(browser)
    }

    /// Makes a call, and gives its result.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(message.to_string().as_bytes()).unwrap();
        self.to.write_all(&[0]).unwrap();
        loop {
            let mut answer = self.next();
            if answer["id"] == self.calls {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].take();
            }
        }
    }

    /// Reads one message, and heeds it when it is an event.
    fn next(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).unwrap();
        bytes.pop();
        let message: Value = serde_json::from_slice(&bytes).expect("the browser goes on answering");
        let params = &message["params"];
        match message["method"].as_str() {
            Some("Page.loadEventFired") => self.loaded = true,
            Some("Runtime.exceptionThrown") => self.complaints.push(params["exceptionDetails"].to_string()),
            Some("Runtime.consoleAPICalled") if params["type"] != "log" => {
                self.complaints.push(params.to_string())
            }
            Some("Log.entryAdded") if params["entry"]["level"] != "verbose" => {
                self.complaints.push(params["entry"].to_string());
            }
            _ => {}
        }
        message
    }

    /// Goes to a page, and waits until it is there.
    pub(crate) fn open(&mut self, url: &str) {
        // A page that differs behind the `#` alone would not be loaded anew.
        for address in ["about:blank", url] {
            self.loaded = false;
            self.call("Page.navigate", json!({ "url": address }));
            while !self.loaded {
                self.next();
            }
        }
    }

    /// Does something that has the page loaded anew, and waits until it is there.
    pub(crate) fn reloads(&mut self, expression: &str) {
        self.loaded = false;
        self.eval(expression);
        while !self.loaded {
            self.next();
        }
    }

    /// What an expression comes to in the page.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.call("Runtime.evaluate", params);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].take()
    }

    /// Somebody presses a key: `Tab`, `ArrowDown`, `/`.
    pub(crate) fn press(&mut self, key: &str) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            "ArrowLeft" => 37,
            "ArrowUp" => 38,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            _ => 0,
        };
        let mut down = json!({ "type": "keyDown", "key": key, "windowsVirtualKeyCode": code });
        if key.chars().count() == 1 {
            down["text"] = json!(key);
        } else if key == "Enter" {
            down["text"] = json!("\r");
        }
        self.call("Input.dispatchKeyEvent", down);
        self.call(
            "Input.dispatchKeyEvent",
            json!({ "type": "keyUp", "key": key, "windowsVirtualKeyCode": code }),
        );
        self.settle();
    }

    /// Waits until what was begun has been painted.
    pub(crate) fn settle(&mut self) {
        self.eval("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))");
    }

    /// The window's size, and whether its user likes it dark.
    pub(crate) fn looks(&mut self, width: u32, height: u32, dark: bool) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let value = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.call("Emulation.setEmulatedMedia", features);
    }

    /// Writes a picture of the window.
    pub(crate) fn picture(&mut self, path: &Path) {
        let shot = self.call("Page.captureScreenshot", json!({ "format": "png" }));
        let bytes = base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let close = json!({ "id": 0, "method": "Browser.close" });
        let _ = self.to.write_all(close.to_string().as_bytes()).and_then(|()| self.to.write_all(&[0]));
        let _ = self.child.wait();
    }
}
