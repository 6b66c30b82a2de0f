//! One tab: where it goes, what it shows, what it did on its own.

use super::chromium::{Chromium, PATIENCE};
use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};
use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// Between looking whether something has come true.
const POLL: Duration = Duration::from_millis(25);
/// No screenshot is taller, in CSS pixels.
const TALLEST: f64 = 3600.0;

/// How a page is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Light,
    Dark,
    Phone,
}

impl Look {
    pub(super) const ALL: [Self; 3] = [Self::Light, Self::Dark, Self::Phone];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Phone => "phone",
        }
    }

    pub(super) const fn width(self) -> u32 {
        match self {
            Self::Phone => 390,
            _ => 1280,
        }
    }

    const fn scheme(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            _ => "light",
        }
    }
}

/// A tab.
pub(super) struct Page<'a> {
    chromium: &'a Chromium,
    session: String,
}

impl<'a> Page<'a> {
    pub(super) fn new(chromium: &'a Chromium, session: String) -> Self {
        let page = Self { chromium, session };
        for domain in ["Page", "Runtime", "Log", "Network", "Audits"] {
            page.ask(&format!("{domain}.enable"), &json!({}));
        }
        page.ask("Page.setLifecycleEventsEnabled", &json!({"enabled": true}));
        page.look(Look::Light);
        page
    }

    pub(super) fn ask(&self, method: &str, params: &Value) -> Value {
        self.chromium.ask(Some(&self.session), method, params)
    }

    pub(super) fn events(&self) -> Vec<Value> {
        // A question of no meaning: its answer comes after all that was told until now.
        self.ask("Runtime.getIsolateId", &json!({}));
        self.chromium.events(&self.session)
    }

    /// Looks at the page on another screen; motion is off, so that what is seen does not depend on when.
    pub(super) fn look(&self, look: Look) {
        self.look_at(look, if look == Look::Phone { 844 } else { 900 }, look.width());
    }

    /// As [`Self::look`], on a screen of this height and width.
    pub(super) fn look_at(&self, look: Look, height: u32, width: u32) {
        let phone = look == Look::Phone;
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone});
        self.ask("Emulation.setDeviceMetricsOverride", &metrics);
        let features = json!([{"name": "prefers-color-scheme", "value": look.scheme()},
            {"name": "prefers-reduced-motion", "value": "reduce"}]);
        self.ask("Emulation.setEmulatedMedia", &json!({"features": features}));
    }

    /// Opens an address and waits until all of it has come.
    pub(super) fn open(&self, url: &str) {
        let navigated = self.ask("Page.navigate", &json!({"url": url}));
        assert_eq!(navigated["errorText"], Value::Null, "{url}");
        let loader = &navigated["loaderId"];
        let began = Instant::now();
        let loaded = |event: &Value| {
            let (name, of) = (&event["params"]["name"], &event["params"]["loaderId"]);
            event["method"] == "Page.lifecycleEvent" && name == "load" && of == loader
        };
        while !loader.is_null() && !self.events().iter().any(loaded) {
            assert!(began.elapsed() < PATIENCE, "{url} does not load");
            thread::sleep(POLL);
        }
    }

    /// The value of an expression, or of what it promises.
    pub(super) fn eval(&self, expression: &str) -> Value {
        self.try_eval(expression).unwrap_or_else(|e| panic!("{expression:.200}: {e}"))
    }

    /// As [`Self::eval`]; fails where the page throws, or goes away meanwhile.
    pub(super) fn try_eval(&self, expression: &str) -> Result<Value, String> {
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let mut answer = self.chromium.call(Some(&self.session), "Runtime.evaluate", &params)?;
        match answer.get("exceptionDetails") {
            Some(thrown) => Err(thrown.to_string()),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    /// The visible text.
    pub(super) fn text(&self) -> String {
        self.eval("document.body.innerText").as_str().unwrap().to_owned()
    }

    pub(super) fn address(&self) -> String {
        self.eval("location.href").as_str().unwrap().to_owned()
    }

    /// Waits until an expression is true, over whatever loads in between.
    pub(super) fn wait_for(&self, expression: &str) {
        let began = Instant::now();
        while self.try_eval(expression) != Ok(Value::Bool(true)) {
            assert!(
                began.elapsed() < PATIENCE,
                "{expression} does not come true at {}:\n{}",
                self.address(),
                self.text()
            );
            thread::sleep(POLL);
        }
    }

    /// Waits until a text is to be read.
    pub(super) fn wait_for_text(&self, text: &str) {
        self.wait_for(&format!("document.body.innerText.includes({})", json!(text)));
    }

    /// Presses a key, as a person does.
    pub(super) fn press(&self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            _ => panic!("which number has {key}?"),
        };
        let down = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        for kind in [down, "keyUp"] {
            let mut press =
                json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            if kind == "keyDown" {
                press["text"] = text.into();
            }
            self.ask("Input.dispatchKeyEvent", &press);
        }
    }

    /// Types into whatever has the focus.
    pub(super) fn type_text(&self, text: &str) {
        self.ask("Input.insertText", &json!({"text": text}));
    }

    /// Presses the mouse on the first element that fits.
    pub(super) fn click(&self, selector: &str) {
        let place = self.eval(&format!(
            "(() => {{ const e = document.querySelector({}); e.scrollIntoView({{block: 'center'}}); \
             const r = e.getClientRects()[0]; return [r.x + r.width / 2, r.y + r.height / 2]; }})()",
            json!(selector)
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let at = json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1});
            self.ask("Input.dispatchMouseEvent", &at);
        }
    }

    /// Clicks into a field and types.
    pub(super) fn fill(&self, selector: &str, text: &str) {
        self.click(selector);
        self.type_text(text);
    }

    /// How far the document reaches beyond the screen, to the side.
    pub(super) fn overflow(&self) -> i64 {
        let beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.eval(beyond).as_i64().unwrap()
    }

    /// What no page of ours does, as far as it has happened in this tab: dialogs, errors and warnings,
    /// what the policy stopped, and requests that would leave for another origin.
    pub(super) fn mischief(&self, origin: &str) -> Vec<String> {
        let leaves = |url: &Value| {
            let url = url.as_str().unwrap_or_default();
            !(url.starts_with(&format!("{origin}/")) || url == "about:blank")
        };
        let bad = |event: &Value| {
            let params = &event["params"];
            match event["method"].as_str()? {
                "Page.javascriptDialogOpening"
                | "Runtime.exceptionThrown"
                | "Runtime.consoleAPICalled" => Some(params.clone()),
                "Log.entryAdded" => Some(params["entry"].clone()),
                "Audits.issueAdded" => {
                    let code = params["issue"]["code"].as_str()?;
                    code.contains("ContentSecurityPolicy").then(|| params["issue"].clone())
                }
                "Network.requestWillBeSent" => {
                    let url = &params["request"]["url"];
                    leaves(url).then(|| url.clone())
                }
                _ => None,
            }
        };
        self.events().iter().filter_map(bad).map(|what| what.to_string()).collect()
    }

    /// The whole page as a picture, up to [`TALLEST`].
    pub(super) fn screenshot(&self, file: &Path) {
        self.screenshot_of(file, 0.0, TALLEST);
    }

    /// The part of the page that begins at `top`, as a picture of at most this height.
    pub(super) fn screenshot_of(&self, file: &Path, top: f64, tallest: f64) {
        let size = self.ask("Page.getLayoutMetrics", &json!({}))["cssContentSize"].take();
        let height = size["height"].as_f64().unwrap().min(tallest);
        let clip = json!({"x": 0, "y": top, "width": size["width"], "height": height, "scale": 1});
        let wanted = json!({"format": "png", "clip": clip, "captureBeyondViewport": true, "optimizeForSpeed": false});
        let picture = self.ask("Page.captureScreenshot", &wanted)["data"].take();
        std::fs::write(file, Base64::decode_vec(picture.as_str().unwrap()).unwrap()).unwrap();
    }
}
