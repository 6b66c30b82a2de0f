//! Whatever an attacker writes into every field that is his: nothing of it runs, leaves, or moves the page.

use super::{
    admin::open_desk,
    chromium::Chromium,
    page::{Look, Page},
};
use crate::{
    harness::Bench,
    local::{COMMIT, result, with},
};
use serde_json::{Value, json};

const NAME: &str = "evil.-_x/tools/helper";

/// Text as an attacker would choose it; each piece would set `pwned`, open a dialog, or send a request.
fn texts() -> Vec<String> {
    let marked = [
        "<script>window.pwned=1;alert(1)</script>",
        "<svg onload=\"window.pwned=1;alert(2)\"><svg/onload=alert(3)>",
        "\"><img src=x onerror=\"window.pwned=1;alert(4)\"><img src=https://evil.example/x.png>",
        "' autofocus onfocus='window.pwned=1' x='",
        "]]></style></title></textarea><script>window.pwned=1</script><!--",
        "javascript:window.pwned=1//",
        "<iframe srcdoc=\"<script>parent.pwned=1</script>\"></iframe><base href=https://evil.example/>",
        "<meta http-equiv=refresh content=\"0;url=https://evil.example/\"><link rel=stylesheet href=https://evil.example/x.css>",
        "{{constructor.constructor('window.pwned=1')()}}${window.pwned=1}",
        "\u{202e}\u{2066}\u{202d}txt.exe\u{2069}\u{202c}",
        "\u{0}\u{1}\u{7}\u{8}\u{1b}[31m\u{7f}\u{85}\u{2028}\u{fffe}",
        "قاعدة خطيرة جدا في الملف",
        "🎉👩‍👩‍👧‍👦👍🏽🏴‍☠️",
        "a\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}\u{30a}",
    ];
    let long = ["W".repeat(2_000), "深い".repeat(1_000), "a/".repeat(999), "\n".repeat(2_000)];
    marked.map(str::to_owned).into_iter().chain(long).collect()
}

/// Publishes what is hostile wherever it can be; answers the pages that show it.
pub(super) fn stage(bench: &Bench) -> Vec<String> {
    let texts = texts();
    let all = texts[..9].concat();
    let publish = json!({"commitSha": COMMIT, "repoUrl": "https://github.com/evil/tools", "version": &all[..100], "skillPath": "a<script>alert(1)</script>/مهارة"});
    let answer = bench.published_as(NAME, &publish);
    assert_eq!(answer.status, 202, "{}", answer.body);
    let scans = answer.json()["scans"].take();
    let severities = ["critical", "high", "medium", "low"];
    let findings = texts.iter().enumerate().map(|(at, text)| {
        json!({"rule": text, "severity": severities[at % 4], "file": text, "line": 4_000_000_000u32,
            "endLine": 4_000_000_001u32, "message": text, "code": format!("{text}\n\t{text}"),
            "chain": if at % 2 == 0 { vec![json!({"fact": text, "file": text, "line": at, "code": text}); 2] } else { vec![] }})
    });
    let findings: Vec<Value> = findings.collect();
    let notes: Vec<Value> =
        texts.iter().map(|text| json!({"file": text, "reason": text})).collect();
    let commands = texts.iter().map(|text| {
        json!({"agent": text, "file": text, "line": 4_000_000_000u32, "key": text, "event": text, "when": "other",
            "gate": "none", "command": text, "language": text})
    });
    let commands: Vec<Value> = commands.collect();
    for (at, scan) in scans.as_array().unwrap()[..2].iter().enumerate() {
        let hostile = json!({"findings": findings, "error": all, "workerHost": all, "isolation": all,
            "tool": {"name": texts[at], "version": "v".repeat(2_000), "rules": all}, "durationMs": 86_400_000,
            "githubRunUrl": (if at == 0 { "javascript:window.pwned=1" } else { "https://evil.example/\"><script>alert(5)</script>" }),
            "githubRunId": all, "deliveryId": all, "autoRun": commands,
            "coverage": {"complete": false, "filesScanned": 10_000_000, "unscanned": notes, "textRulesOnly": notes}});
        let body = with(result(scan, NAME, COMMIT, [10_000, 250_000, 10_000_000, 12]), &hostile);
        let of_another = with(body.clone(), &json!({"repoOwner": all}));
        assert_eq!(bench.report(&of_another).status, 409, "an owner is no place for any text");
        let answer = bench.report(&body);
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let failed = json!({"scanId": scans[2]["scanId"], "provider": "trufflehog", "event": "failed", "error": all});
    assert_eq!(bench.report(&failed).status, 200);

    // The longest name there can be, with the widest letters, and an entry with every hostile word.
    let long = format!("{0}/{0}/{0}", "W".repeat(100));
    let source = "https://github.com/demo/long";
    let body = json!({"name": long, "repoUrl": source, "commitSha": COMMIT});
    assert_eq!(bench.stack.client.publish(&body).unwrap().status, 202);
    let entry = json!({"skillName": long, "sourceUrl": source, "threatType": "malware", "severity": "critical",
        "reason": &all[..400], "evidenceUrls": ["https://evil.example/%22%3E%3Cscript%3E"]});
    let added = bench.stack.client.admin("POST", "/api/v1/admin/blocklist", &entry).unwrap();
    assert_eq!(added.status, 201, "{}", added.body);

    let mut pages = vec![
        "/".to_owned(),
        "/audits".to_owned(),
        format!("/audits?q={}", "W".repeat(100)),
        "/audits?q=%3Cscript%3Ealert(1)%3C/script%3E".to_owned(),
    ];
    for name in [NAME, &long] {
        for rest in [
            "",
            "/security",
            "/security/semgrep",
            "/security/njsscan",
            "/security/trufflehog",
            "/security/history",
        ] {
            // Still, so that it is looked at in peace.
            pages.push(format!("/skills/{name}{rest}?refresh=off"));
        }
    }
    pages
}

/// Elements and attributes that no page of ours has, wherever they would have come from.
const FOREIGN: &str = "(() => {
    const strange = [...document.querySelectorAll('iframe, object, embed, base, img, link[rel=stylesheet], meta[http-equiv], svg:not(.icon):not(.sprite)')];
    const scripts = [...document.querySelectorAll('script')].filter(() => location.pathname !== '/admin');
    const acting = [...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => /^on/i.test(a.name) || a.name === 'autofocus' || a.name === 'style'));
    const leading = [...document.querySelectorAll('[href], [action], [src]')].filter(e => {
        const to = e.getAttribute('href') ?? e.getAttribute('action') ?? e.getAttribute('src');
        return !(/^[/#]/.test(to) && !to.startsWith('//')) && new URL(to).origin !== location.origin
            && !/^https:\\/\\/(github\\.com|evil\\.example)\\//.test(to);
    });
    return [...strange, ...scripts, ...acting, ...leading].map(e => e.outerHTML.slice(0, 200));
})()";

/// What is wrong with the page as it stands.
fn faults(page: &Page<'_>) -> Vec<String> {
    let mut faults: Vec<String> = Vec::new();
    for look in [Look::Light, Look::Phone] {
        page.look(look);
        let overflow = page.overflow();
        if overflow != 0 {
            faults.push(format!("{overflow} pixels beyond a screen of {}", look.width()));
        }
    }
    let foreign = page.eval(FOREIGN);
    faults.extend(foreign.as_array().unwrap().iter().map(ToString::to_string));
    if page.eval("typeof window.pwned") != "undefined" {
        faults.push("it ran".to_owned());
    }
    faults
}

#[test]
fn g35_hostile_text_in_every_field_neither_runs_nor_leaves_nor_moves_the_page() {
    let bench = Bench::alone(|_| {});
    let pages = stage(&bench);
    let chromium = Chromium::launch();
    let page = chromium.page();
    let mut all = Vec::new();
    for path in &pages {
        page.open(&bench.stack.client.url(path));
        all.extend(faults(&page).into_iter().map(|fault| format!("{path:.60}: {fault}")));
    }
    open_desk(&page, &bench);
    assert!(page.text().contains("window.pwned=1"), "the hostile text is there to be read");
    all.extend(faults(&page).into_iter().map(|fault| format!("admin: {fault}")));
    all.extend(page.mischief(&bench.stack.worker.base_url()));
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn these_tests_would_see_a_page_that_runs_what_it_is_given() {
    let bench = Bench::alone(|_| {});
    let chromium = Chromium::launch();
    let page = chromium.page();
    page.open(&bench.stack.client.url("/"));
    let origin = bench.stack.worker.base_url();
    assert_eq!((faults(&page), page.mischief(&origin)), (vec![], vec![]));
    // The policy stops what comes in as markup, and that is seen.
    page.eval("document.body.insertAdjacentHTML('beforeend', '<img src=https://evil.example/x.png onerror=\"window.pwned=1\"><div style=\"width:3000px\">x</div>'); true");
    page.wait_for("true");
    page.eval("setTimeout(() => { alert(1); window.pwned = 1; }); true");
    page.wait_for("window.pwned === 1");
    page.eval(
        "document.querySelector('main').style.cssText = 'width: 3000px; max-width: none'; true",
    );
    let faults = faults(&page);
    for part in ["beyond a screen of 1280", "beyond a screen of 390", "onerror", "it ran"] {
        assert!(faults.iter().any(|fault| fault.contains(part)), "{part}: {faults:?}");
    }
    let mischief = page.mischief(&origin).join("\n");
    for part in ["\"alert\"", "Content Security Policy", "kInlineViolation"] {
        assert!(mischief.contains(part), "{part}: {mischief}");
    }
}
