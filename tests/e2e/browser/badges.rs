//! Badges as another site shows them: images of a right size, whose words are whole.

use super::{chromium::Chromium, scenes};
use crate::harness::{Bench, PROVIDERS};
use serde_json::{Value, json};

/// Shows an image and answers its natural size, `null` where the browser refuses it.
const SHOW: &str = "async (src) => {
    const img = new Image();
    document.body.append(img);
    img.src = src;
    try { await img.decode(); } catch { return null; }
    return [img.naturalWidth, img.naturalHeight];
}";

/// Sets the image into the document and measures it: what is wrong with its texts, and which they are.
const MEASURE: &str = "(text) => {
    const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
    if (parsed.querySelector('parsererror')) return {faults: [parsed.documentElement.textContent], words: []};
    const svg = document.body.appendChild(document.importNode(parsed.documentElement, true));
    const faults = [], boxes = [...svg.querySelectorAll('g rect')].map(r => r.getBBox());
    const texts = [...svg.querySelectorAll('text')];
    texts.forEach((t, at) => {
        const {x, y, width, height} = t.getBBox(), box = boxes[at];
        if (x < box.x + 2 || x + width > box.x + box.width - 2 || y < 0 || y + height > 20)
            faults.push(`${t.textContent} at ${x}+${width} leaves its box ${box.x}+${box.width}`);
        t.removeAttribute('textLength');
        const own = t.getComputedTextLength();
        if (own < width * 0.8 || own > width * 1.25) faults.push(`${t.textContent} is ${own} wide, stretched to ${width}`);
    });
    svg.remove();
    return {faults, words: texts.map(t => t.textContent)};
}";

#[test]
fn a_badge_is_a_whole_image_on_any_site_and_none_of_its_words_is_cut() {
    let bench = Bench::alone(scenes::with_a_brake);
    scenes::stage(&bench);
    let chromium = Chromium::launch();
    let page = chromium.page();
    let mut seen = Vec::new();
    let skills = scenes::SKILLS.into_iter().chain(["notes", "nobody/nothing"]);
    for skill in skills {
        for of in PROVIDERS.into_iter().chain(["overall", "nonsense"]) {
            let path = format!("/api/v1/skills/{skill}/badge/{of}");
            let answer = bench.stack.client.get(&path, &[]).unwrap();
            assert_eq!(answer.status, 200, "{path}");
            let size = page.eval(&format!("({SHOW})({})", json!(bench.stack.client.url(&path))));
            let measured = page.eval(&format!("({MEASURE})({})", json!(answer.body)));
            assert_eq!(measured["faults"], json!([]), "{path}");
            let width = answer.body.split("width=\"").nth(1).and_then(|w| w.split('"').next());
            let width: Option<u32> = width.and_then(|w| w.parse().ok());
            assert_eq!(size, json!([width, 20]), "{path}: {}", answer.body);
            seen.push(measured["words"][1].clone());
        }
    }
    for word in [
        "PASS",
        "FAIL",
        "PENDING",
        "TIMED OUT",
        "INCOMPLETE",
        "ERROR",
        "outdated",
        "ambiguous",
        "unknown",
    ] {
        assert!(seen.contains(&Value::from(word)), "no badge says {word}: {seen:?}");
    }
}
