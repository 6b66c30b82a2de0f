//! How the scanner is installed as a service: its container image and its systemd unit.

#![expect(clippy::unwrap_used, reason = "a test that meets what it does not expect has failed")]

use std::{fs, path::Path, process::Command};

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file)).unwrap()
}

/// The images that a Dockerfile starts from, without those of its own stages.
fn images(dockerfile: &str) -> Vec<&str> {
    let froms = dockerfile.lines().filter_map(|line| line.trim().strip_prefix("FROM "));
    let froms: Vec<Vec<_>> = froms.map(|rest| rest.split_whitespace().collect()).collect();
    let stages: Vec<_> = froms.iter().filter_map(|words| words.get(2)).collect();
    froms
        .iter()
        .filter_map(|words| words.first().copied())
        .filter(|image| !stages.contains(&image))
        .collect()
}

fn is_pinned(image: &str) -> bool {
    image.split_once("@sha256:").is_some_and(|(name, digest)| {
        name.contains(':') && digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

#[test]
fn every_image_is_named_by_its_digest() {
    let dockerfile = read("scanner-vps/Dockerfile");
    let images = images(&dockerfile);
    assert!(images.len() >= 4, "{images:?}");
    for image in images {
        assert!(is_pinned(image), "{image}");
    }
    let digest = "0".repeat(64);
    assert!(is_pinned(&format!("rust:1-slim@sha256:{digest}")));
    for loose in ["rust:1-slim", "${IMAGE}", "rust@sha256:12", &format!("rust:1@sha256:{digest}0")]
    {
        assert!(!is_pinned(loose), "{loose}");
    }
}

#[test]
fn the_unit_fences_the_scanner_in_and_leaves_room_for_a_sandbox() {
    let file = "scanner-vps/systemd/skillgate-scanner.service";
    let unit = read(file);
    let values = |key: &str| -> Vec<_> {
        let lines = unit.lines().filter_map(|line| line.split_once('='));
        lines.filter(|(name, _)| *name == key).map(|(_, value)| value).collect()
    };
    for (key, value) in [
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("LimitCORE", "0"),
        ("OOMPolicy", "continue"),
        ("KillMode", "control-group"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
    ] {
        assert_eq!(values(key), [value], "{key}");
    }
    let filter = values("SystemCallFilter");
    let calls: Vec<_> = filter.iter().flat_map(|calls| calls.split_whitespace()).collect();
    for call in [
        "@system-service",
        "seccomp",
        "landlock_create_ruleset",
        "landlock_add_rule",
        "landlock_restrict_self",
    ] {
        assert!(calls.contains(&call), "{call}");
    }
    assert!(!calls.contains(&"~@resources"), "limits of resources would be a part of a sandbox");

    // Where systemd is here, what it says of the unit: 0 is best, 10 is a service without any of this.
    let mut analyze = Command::new("systemd-analyze");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let analyze =
        analyze.args(["security", "--offline=true", "--no-pager", "--threshold=15", file]);
    if let Ok(done) = analyze.current_dir(root).output() {
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success(), "{said}");
    }
}
