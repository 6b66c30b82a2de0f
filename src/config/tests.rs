//! Settings, right and wrong.

use super::*;

fn read(pairs: &[(&str, &str)]) -> Result<Config, Vec<&'static str>> {
    let lookup = |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
    Config::read(lookup).map_err(|errors| errors.into_iter().map(|e| e.name).collect())
}

#[test]
fn all_wrong_settings_are_said_at_once() {
    assert_eq!(
        read(&[("DISPATCH_BUDGET_PER_HOUR", "-1"), ("ALLOWED_REPO_HOSTS", "10.0.0.1")])
            .unwrap_err(),
        ["PLATFORM_URL", "DISPATCH", "DISPATCH_BUDGET_PER_HOUR", "ALLOWED_REPO_HOSTS"]
    );
    assert_eq!(
        read(&[("PLATFORM_URL", "https://s.example"), ("DISPATCH", "scanner")]).unwrap_err(),
        ["SCANNER_WORKERS"]
    );
}

#[test]
fn what_scanners_would_not_take_is_wrong() {
    let with = |url, more: &[(&str, &str)]| {
        read(&[&[("PLATFORM_URL", url), ("DISPATCH", "pull")], more].concat())
    };
    for url in
        ["https://s.example:443", "http://s.example:80", "https://S.example", "HTTPS://s.example"]
    {
        assert_eq!(with(url, &[]).unwrap_err(), ["PLATFORM_URL"], "{url}");
    }
    for url in [
        "https://s.example",
        "https://s.example/",
        "http://127.0.0.1:443",
        "https://s.example:8443",
    ] {
        assert!(with(url, &[]).is_ok(), "{url}");
    }
}

const SECRETS: [&str; 6] = [
    "ADMIN_TOKEN",
    "WEBHOOK_SECRET",
    "WEBHOOK_SECRET_PREVIOUS",
    "SCANNER_WORKER_SECRET",
    "INTERNAL_KEY",
    "GITHUB_TOKEN",
];

#[test]
fn g44_a_secret_has_sixteen_characters_and_is_no_other_secret() {
    let usual = [("PLATFORM_URL", "https://s.example"), ("DISPATCH", "pull")];
    let with = |more: &[(&str, &str)]| read(&[&usual[..], more].concat());
    for (at, name) in SECRETS.into_iter().enumerate() {
        assert_eq!(with(&[(name, "fifteen letters")]).unwrap_err(), [name]);
        assert!(with(&[(name, "sixteen letters.")]).is_ok());
        for later in SECRETS.iter().skip(at + 1) {
            let twice = [(name, "sixteen letters."), (later, "sixteen letters.")];
            assert_eq!(with(&twice).unwrap_err(), [*later], "{name}");
            assert!(with(&[(name, "sixteen letters."), (later, "sixteen letters!")]).is_ok());
        }
    }
}

#[test]
fn g44_nothing_secret_goes_over_plain_http_but_on_loopback() {
    for (name, dispatch) in [("SCANNER_WORKERS", "scanner"), ("GITHUB_API_URL", "pull")] {
        let with = |url: &str| {
            read(&[("PLATFORM_URL", "https://s.example"), ("DISPATCH", dispatch), (name, url)])
        };
        for url in [
            "http://scanner.example",
            "http://10.0.0.1:9500",
            "http://127.0.0.1.example",
            "http://127.0.0.12",
            "http://localhost",
            "ftp://127.0.0.1",
            "http://",
        ] {
            assert_eq!(with(url).unwrap_err(), [name], "{url}");
        }
        for url in ["https://scanner.example:9500", "http://127.0.0.1:9500", "http://127.0.0.1"] {
            assert!(with(url).is_ok(), "{url}");
        }
    }
    let mixed = "https://a.example,http://b.example";
    let usual = [("PLATFORM_URL", "https://s.example"), ("DISPATCH", "scanner")];
    let wrong = read(&[&usual[..], &[("SCANNER_WORKERS", mixed)]].concat());
    assert_eq!(wrong.unwrap_err(), ["SCANNER_WORKERS"]);
}

#[test]
fn github_needs_its_repository_and_half_a_trust_is_none() {
    let github = |more: &[(&str, &str)]| {
        let usual = [("PLATFORM_URL", "https://s.example"), ("DISPATCH", "github")];
        read(&[&usual[..], more].concat())
    };
    assert_eq!(
        github(&[("GITHUB_DISPATCH_EVENT", "both"), ("GITHUB_OIDC_REF", "main")]).unwrap_err(),
        [
            "GITHUB_REPOSITORY",
            "GITHUB_DISPATCH_EVENT",
            "GITHUB_OIDC_REPOSITORY_ID",
            "GITHUB_OIDC_WORKFLOW_REF",
            "GITHUB_OIDC_REF"
        ]
    );
    for repository in ["r", "o/r/x", "o/", "/r", "o/..", "o r/r", "https://github.com/o/r"] {
        let wrong = github(&[("GITHUB_REPOSITORY", repository)]).unwrap_err();
        assert_eq!(wrong, ["GITHUB_REPOSITORY"], "{repository}");
    }
    let repository = ("GITHUB_REPOSITORY", "o/r");
    let config = github(&[repository]).unwrap();
    let start = Start::Repository;
    let by = Github { repository: "o/r".to_owned(), start };
    assert_eq!((config.dispatch, config.trusted_workflow), (DispatchMode::Github(by), None));
    let workflow = ("GITHUB_DISPATCH_EVENT", "workflow_dispatch");
    let config = github(&[repository, workflow]).unwrap();
    let start = Start::Workflow { reference: "main".to_owned() };
    let by = Github { repository: "o/r".to_owned(), start };
    assert_eq!(config.dispatch, DispatchMode::Github(by));
    let wrong = github(&[repository, workflow, ("GITHUB_REF", "a b")]).unwrap_err();
    assert_eq!(wrong, ["GITHUB_REF"]);
    let trust = [
        repository,
        ("GITHUB_OIDC_REPOSITORY_ID", "42"),
        ("GITHUB_OIDC_WORKFLOW_REF", "o/r/.github/workflows/github-scan.yml@refs/heads/main"),
        ("GITHUB_OIDC_REF", "refs/heads/main"),
    ];
    let trusted = github(&trust).unwrap().trusted_workflow.unwrap();
    assert_eq!(trusted.issuer, "https://token.actions.githubusercontent.com");
    for issuer in ["http://keys.example", "keys.example", "https://", "http://127.0.0.1.example"] {
        let wrong = github(&[&trust[..], &[("GITHUB_OIDC_ISSUER", issuer)]].concat());
        assert_eq!(wrong.unwrap_err(), ["GITHUB_OIDC_ISSUER"], "{issuer}");
    }
}

#[test]
fn flags_are_true_or_false_and_off_where_they_are_not_set() {
    let costs = |value: &str| {
        let usual = [("PLATFORM_URL", "https://s.example"), ("DISPATCH", "pull")];
        read(&[&usual[..], &[("LOG_STORAGE_METRICS", value)]].concat())
            .map(|config| config.log_storage_metrics)
    };
    assert_eq!((costs(""), costs("false"), costs("true")), (Ok(false), Ok(false), Ok(true)));
    assert_eq!(costs("yes"), Err(vec!["LOG_STORAGE_METRICS"]));
}

#[test]
fn secrets_are_not_shown_and_empty_ones_are_none() {
    let config = read(&[
        ("PLATFORM_URL", "https://s.example/"),
        ("DISPATCH", "pull"),
        ("ADMIN_TOKEN", "hunter2-hunter2-hunter2"),
        ("WEBHOOK_SECRET", " "),
    ])
    .unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(config.webhook_secret.is_none());
    assert_eq!(config.callback_url(), "https://s.example/api/v1/webhooks/scan-results");
}

#[test]
fn an_old_name_is_read_where_it_alone_is_set_and_each_is_told_in_the_log() {
    let github = |more: &[(&str, &str)]| {
        let usual = [
            ("PLATFORM_URL", "https://s.example"),
            ("DISPATCH", "github"),
            ("GITHUB_REPOSITORY", "o/r"),
        ];
        read(&[&usual[..], more].concat())
    };
    let config = github(&[("LOG_STORAGE_METRICS", "true")]).unwrap();
    assert_eq!(config.deprecations, Vec::<String>::new());
    let old = [("ACCEPT_UNPROVEN", "true"), ("GITHUB_DISPATCH", "workflow")];
    let config = github(&old).unwrap();
    assert!(config.allow_pass_without_coverage && !config.log_storage_metrics);
    let start = Start::Workflow { reference: "main".to_owned() };
    let by = Github { repository: "o/r".to_owned(), start };
    assert_eq!(config.dispatch, DispatchMode::Github(by));
    let line = |old: &str, new: &str| {
        format!("setting {old} is now {new}; the old name is accepted for one release")
    };
    assert_eq!(
        config.deprecations,
        [
            line("GITHUB_DISPATCH", "GITHUB_DISPATCH_EVENT"),
            line("ACCEPT_UNPROVEN", "ALLOW_PASS_WITHOUT_COVERAGE"),
        ]
    );
    let both = [("LOG_COSTS", "true"), ("LOG_STORAGE_METRICS", "true")];
    assert!(github(&both).unwrap().log_storage_metrics);
    // Of two the new one counts, whatever the old one says: no value of a name that is on its way out may
    // stop the worker.
    for ignored in ["false", "true", "not a flag"] {
        let config = github(&[("LOG_COSTS", ignored), ("LOG_STORAGE_METRICS", "false")]).unwrap();
        assert!(!config.log_storage_metrics);
        let told = "setting LOG_COSTS is ignored, because LOG_STORAGE_METRICS, its new name, is set: remove LOG_COSTS";
        assert_eq!(config.deprecations, [told]);
    }
    let both = [("GITHUB_DISPATCH", "workflow"), ("GITHUB_DISPATCH_EVENT", "repository_dispatch")];
    let config = github(&both).unwrap();
    let by = Github { repository: "o/r".to_owned(), start: Start::Repository };
    assert_eq!((config.dispatch, config.deprecations.len()), (DispatchMode::Github(by), 1));
}

#[test]
fn a_wrong_value_is_reported_under_the_name_that_it_was_written_under() {
    for (name, value, fault) in [
        ("LOG_COSTS", "yes", "LOG_COSTS must be true or false"),
        ("ACCEPT_UNPROVEN", "1", "ACCEPT_UNPROVEN must be true or false"),
        ("GITHUB_DISPATCH", "both", "GITHUB_DISPATCH must be repository or workflow"),
        (
            "GITHUB_DISPATCH_EVENT",
            "workflow",
            "GITHUB_DISPATCH_EVENT must be repository_dispatch or workflow_dispatch",
        ),
    ] {
        let settings = [
            ("PLATFORM_URL", "https://s.example"),
            ("DISPATCH", "github"),
            ("GITHUB_REPOSITORY", "o/r"),
            (name, value),
        ];
        let lookup =
            |name: &str| settings.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        let errors = Config::read(lookup).unwrap_err();
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors, [fault]);
    }
}
