//! Which settings are taken, and how the rest is named.

use super::*;

const SECRET: &str = "0123456789abcdef";

fn read(pairs: &[(&str, &str)]) -> Result<Settings, Vec<SettingError>> {
    Settings::read(|name| {
        pairs.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value))
    })
}

const LEAST: &[(&str, &str)] = &[
    ("SCANNER_WORKER_SECRET", SECRET),
    ("SCANNER_ALLOWED_CALLBACK_HOSTS", "https://skills.example"),
    ("HOME", "/home/scanner"),
];

fn with(more: &[(&str, &str)]) -> Result<Settings, Vec<SettingError>> {
    read(&[more, LEAST].concat())
}

#[test]
fn three_settings_are_enough() {
    let settings = read(LEAST).unwrap();
    assert_eq!(settings.listen_addr.to_string(), "127.0.0.1");
    assert_eq!((settings.port, settings.work.max_concurrent, settings.queue_limit), (9500, 3, 100));
    assert_eq!(settings.work.grace, Duration::from_secs(30));
    assert_eq!(settings.work.repo_hosts, HostPolicy::default());
    let state = "/home/scanner/.local/state/skillgate-scanner/spool";
    assert_eq!(settings.work.spool_dir, PathBuf::from(state));
    let cache = "/home/scanner/.cache/skillgate-scanner/work";
    assert_eq!(settings.work.work_dir, PathBuf::from(cache));
    assert!(!format!("{settings:?}").contains(SECRET));
}

#[test]
fn every_wrong_setting_is_named_at_once_and_no_value_is_repeated() {
    let wrong = read(&[
        ("SCANNER_LISTEN_ADDR", "wrong-value"),
        ("SCANNER_PORT", "70000"),
        ("SCANNER_MAX_CONCURRENT", "0"),
        ("SCANNER_QUEUE_LIMIT", "many"),
        ("SCANNER_SHUTDOWN_GRACE_SECONDS", "-1"),
        ("SCANNER_WORKER_SECRET", "wrong-value"),
        ("SCANNER_ALLOWED_REPO_HOSTS", "http://wrong-value"),
        ("SCANNER_ALLOWED_CALLBACK_HOSTS", "http://wrong-value"),
        ("SCANNER_WORK_DIR", "wrong-value"),
    ])
    .unwrap_err();
    let names: Vec<_> = wrong.iter().map(|w| w.name).collect();
    assert_eq!(
        names,
        [
            "SCANNER_LISTEN_ADDR",
            "SCANNER_PORT",
            "SCANNER_QUEUE_LIMIT",
            "SCANNER_WORKER_SECRET",
            "SCANNER_ALLOWED_CALLBACK_HOSTS",
            "SCANNER_MAX_CONCURRENT",
            "SCANNER_SHUTDOWN_GRACE_SECONDS",
            "SCANNER_ALLOWED_REPO_HOSTS",
            "SCANNER_WORK_DIR",
            "SCANNER_SPOOL_DIR",
        ]
    );
    assert!(!wrong.iter().any(|w| w.to_string().contains("wrong-value")));
}

#[test]
fn the_listen_address_is_read_by_its_old_name_unless_the_new_one_is_set() {
    let old = with(&[("SCANNER_BIND", "192.0.2.1")]).unwrap();
    assert_eq!(old.listen_addr.to_string(), "192.0.2.1");
    let wrong = with(&[("SCANNER_BIND", "x")]).unwrap_err();
    assert_eq!(wrong[0].to_string(), "SCANNER_BIND must be an IP address");
    let both = [("SCANNER_BIND", "192.0.2.1"), ("SCANNER_LISTEN_ADDR", "192.0.2.2")];
    assert_eq!(with(&both).unwrap().listen_addr.to_string(), "192.0.2.2");
    let ignored = [("SCANNER_BIND", "x"), ("SCANNER_LISTEN_ADDR", "::1")];
    assert_eq!(with(&ignored).unwrap().listen_addr.to_string(), "::1");
}

#[test]
fn the_default_of_an_image_is_overruled_by_either_name_of_the_listen_address() {
    const IMAGE: (&str, &str) = ("SCANNER_DEFAULT_LISTEN_ADDR", "0.0.0.0");
    let listens =
        |more: &[(&str, &str)]| with(&[&[IMAGE], more].concat()).unwrap().listen_addr.to_string();
    assert_eq!(listens(&[]), "0.0.0.0");
    assert_eq!(listens(&[("SCANNER_BIND", "127.0.0.1")]), "127.0.0.1");
    assert_eq!(listens(&[("SCANNER_LISTEN_ADDR", "192.0.2.1")]), "192.0.2.1");
    let wrong = with(&[("SCANNER_DEFAULT_LISTEN_ADDR", "x")]).unwrap_err();
    assert_eq!(wrong[0].to_string(), "SCANNER_DEFAULT_LISTEN_ADDR must be an IP address");
}

/// An operator's old name must not be overruled by what the image sets.
#[test]
fn the_image_sets_no_setting_that_has_an_old_name() {
    let image = include_str!("../../Dockerfile");
    assert!(image.contains("SCANNER_DEFAULT_LISTEN_ADDR=0.0.0.0"), "{image}");
    for setting in [LISTEN_ADDR, crate::renamed_setting::SEVERITY_OVERRIDES_FILE] {
        for name in [setting.name, setting.old_name] {
            let sets = |line: &str| {
                line.trim_start_matches("ENV").trim_start().starts_with(&format!("{name}="))
            };
            assert!(!image.lines().any(sets), "{name}");
        }
    }
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let settings = with(&[("SCANNER_PORT", ""), ("SCANNER_WORK_DIR", "")]).unwrap();
    assert_eq!(settings.port, 9500);
    assert!(settings.work.work_dir.ends_with("skillgate-scanner/work"));
    assert_eq!(with(&[("SCANNER_WORKER_SECRET", "")]).unwrap_err().len(), 1);
}

#[test]
fn the_scanners_own_list_of_hosts_goes_before_the_shared_one() {
    let describe = |pairs| with(pairs).unwrap().work.repo_hosts.describe();
    assert_eq!(describe(&[("ALLOWED_REPO_HOSTS", "a.example")]), "a.example");
    let both = [("ALLOWED_REPO_HOSTS", "a.example"), ("SCANNER_ALLOWED_REPO_HOSTS", "b.example")];
    assert_eq!(describe(&both), "b.example");
}
fn pull(pairs: &[(&str, &str)]) -> Result<PullSettings, Vec<SettingError>> {
    PullSettings::read(|name| {
        pairs.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value))
    })
}

const LEAST_TO_PULL: &[(&str, &str)] =
    &[("PLATFORM_URL", "https://skills.example/"), ("INTERNAL_KEY", SECRET), ("HOME", "/home/s")];

#[test]
fn a_puller_needs_the_worker_and_the_key_and_reports_to_that_worker_alone() {
    let settings = pull(LEAST_TO_PULL).unwrap();
    assert_eq!(settings.platform.to_string(), "https://skills.example");
    assert_eq!(settings.work.callbacks.describe(), "https://skills.example");
    assert_eq!((settings.name, settings.work.max_concurrent), (None, 3));
    assert!(!format!("{:?}", pull(LEAST_TO_PULL)).contains(SECRET));
    let more = [("SCANNER_ALLOWED_CALLBACK_HOSTS", "https://a.example"), ("SCANNER_NAME", " x ")];
    let settings = pull(&[&more, LEAST_TO_PULL].concat()).unwrap();
    assert_eq!(settings.work.callbacks.describe(), "https://a.example");
    assert_eq!(settings.name.as_deref(), Some("x"));
    let local = [("PLATFORM_URL", "http://127.0.0.1:8787")];
    assert!(!pull(&[&local, LEAST_TO_PULL].concat()).unwrap().platform.is_tls());
    // What only a listening server needs is not looked at.
    let other = [("SCANNER_PORT", "http"), ("SCANNER_WORKER_SECRET", "short")];
    assert!(pull(&[&other, LEAST_TO_PULL].concat()).is_ok());
}

#[test]
fn every_wrong_setting_of_a_puller_is_named_at_once_and_no_value_is_repeated() {
    let named = |pairs: &[(&str, &str)]| {
        let wrong = pull(pairs).unwrap_err();
        assert!(!wrong.iter().any(|w| w.to_string().contains("wrong-value")), "{wrong:?}");
        wrong.iter().map(|w| w.name).collect::<Vec<_>>()
    };
    assert_eq!(
        named(&[
            ("PLATFORM_URL", "http://wrong-value.example"),
            ("INTERNAL_KEY", "wrong-value"),
            ("SCANNER_NAME", "wrong-value\n\u{202e}"),
            ("SCANNER_ALLOWED_CALLBACK_HOSTS", "wrong-value"),
            ("SCANNER_MAX_CONCURRENT", "65"),
        ]),
        [
            "PLATFORM_URL",
            "INTERNAL_KEY",
            "SCANNER_NAME",
            "SCANNER_ALLOWED_CALLBACK_HOSTS",
            "SCANNER_MAX_CONCURRENT",
            "SCANNER_WORK_DIR",
            "SCANNER_SPOOL_DIR",
        ]
    );
    assert_eq!(named(&[("HOME", "/h")]), ["PLATFORM_URL", "INTERNAL_KEY"]);
    for (name, bad) in [
        ("PLATFORM_URL", "https://skills.example/path"),
        ("PLATFORM_URL", "https://user:wrong-value@skills.example"),
        ("PLATFORM_URL", "http://localhost:8787"),
        ("INTERNAL_KEY", "a key with spaces in it"),
        ("INTERNAL_KEY", "a-key-with-a-line-break\nX-Other: y"),
        (
            "INTERNAL_KEY",
            "\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}",
        ),
        ("SCANNER_NAME", &"x".repeat(81)),
    ] {
        assert_eq!(named(&[&[(name, bad)], LEAST_TO_PULL].concat()), [name], "{bad:?}");
    }
}
