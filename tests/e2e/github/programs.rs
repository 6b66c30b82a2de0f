//! Where the programs of a run come from: a release that verifies, what an earlier run kept (`kept`), or a build. `gh`, `cargo`
//! and `go` are stand-ins; the scripts are the workflow's own.

use super::workflow::{REPOSITORY, repository};
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};
use tempfile::TempDir;

/// What GitHub's own program does, as far as the script asks it.
const GH: &str = r#"#!/bin/sh
echo "$*" >> "$DIR/gh-calls"
case "$1 $2" in
  "release view") [ -f "$DIR/release/SHA256SUMS" ] ;;
  "release download") while [ "$1" != --dir ]; do shift; done; cp "$DIR"/release/* "$2" ;;
  "attestation verify") case " $* " in *" --source-digest $(cat "$DIR/built-of") "*) [ -z "$NOT_OURS" ] ;; *) false ;; esac ;;
  "api --method") cat "$DIR/artifacts.json" ;;
  "api repos/registry/skillgate/actions/artifacts/"*) id="${2%/zip}"; cat "$DIR/artifacts/${id##*/}" ;;
  *) exit 9 ;;
esac
"#;
const CARGO: &str =
    "#!/bin/sh\nmkdir -p target/release\necho built > target/release/skillgate-scanner\n";
const GO: &str = "#!/bin/sh\nwhile [ \"$1\" != -o ]; do shift; done\necho built > \"$2\"\n";

pub(super) struct Checkout {
    pub(super) dir: TempDir,
    pub(super) root: PathBuf,
}

impl Checkout {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = repository(dir.path());
        fs::create_dir(dir.path().join("bin")).unwrap();
        for (name, script) in [("gh", GH), ("cargo", CARGO), ("go", GO)] {
            let path = dir.path().join("bin").join(name);
            fs::write(&path, script).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { dir, root }
    }

    pub(super) fn command(&self, program: impl AsRef<Path>, args: &[&str]) -> Output {
        let own = self.dir.path().join("bin");
        let path = std::env::var("PATH").unwrap();
        Command::new(program.as_ref())
            .args(args)
            .env("PATH", format!("{}:{path}", own.display()))
            .env("DIR", self.dir.path())
            .env("GITHUB_REPOSITORY", REPOSITORY)
            .env("GITHUB_OUTPUT", self.dir.path().join("output"))
            .env("SEAL_KEY", self.text("key"))
            .env("OLD_SEAL_KEY", self.text("old-key"))
            .env("NOT_OURS", self.text("not-ours"))
            .env_remove("SKILLGATE_SCANNER_BIN")
            .env_remove("TRUFFLEHOG_BIN")
            .current_dir(&self.root)
            .output()
            .unwrap()
    }

    fn git(&self, args: &[&str]) {
        let name = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"];
        assert!(self.command("git", &[&name, args].concat()).status.success(), "{args:?}");
    }

    /// A release of what is checked out, which its attestation names.
    fn release(&self) {
        self.git(&["tag", "v0.1.0"]);
        self.put("built-of", &self.head());
        let folder = self.dir.path().join("release");
        fs::create_dir(&folder).unwrap();
        let script = format!(
            "echo released > skillgate-scanner && tar -czf {0} ./skillgate-scanner && rm skillgate-scanner && sha256sum {0} > SHA256SUMS",
            "skillgate-scanner-$(uname -m)-unknown-linux-musl.tar.gz"
        );
        let made = Command::new("sh").args(["-c", &script]).current_dir(&folder).status();
        assert!(made.unwrap().success());
    }

    fn head(&self) -> String {
        let head = self.command("git", &["rev-parse", "HEAD"]);
        String::from_utf8(head.stdout).unwrap().trim().to_owned()
    }

    /// Commits a file with this text.
    fn commit(&self, path: &str, text: &str) {
        let file = self.root.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
        self.git(&["add", path]);
        self.git(&["commit", "-qm", path]);
    }

    /// The scanner that a run would use, and whether something was built; or why there is none.
    pub(super) fn programs(&self) -> Result<(String, bool), String> {
        let output = self.command(self.root.join("tools/actions/programs.sh"), &[]);
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let said = self.text("output");
        let scanner = fs::read_to_string(self.root.join("programs/skillgate-scanner")).unwrap();
        assert_eq!(fs::read_to_string(self.root.join("programs/trufflehog")).unwrap(), "built\n");
        for file in ["semgrep.requirements.txt", "njsscan.requirements.txt", "install-tool.sh"] {
            assert!(self.root.join("programs").join(file).is_file());
        }
        Ok((scanner.trim_end().to_owned(), said.ends_with("built=true\n")))
    }

    /// One of this test's own files; empty where it is not there.
    pub(super) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.dir.path().join(name)).unwrap_or_default()
    }

    pub(super) fn put(&self, name: &str, text: &str) {
        fs::write(self.dir.path().join(name), text).unwrap();
    }
}

#[test]
fn the_release_of_these_very_sources_is_taken_when_it_verifies() {
    let checkout = Checkout::new();
    checkout.release();
    assert_eq!(checkout.programs(), Ok(("released".to_owned(), true)));
    let calls = checkout.text("gh-calls");
    let verified = calls.lines().last().unwrap();
    assert!(verified.starts_with("attestation verify "), "{calls}");
    for part in [
        "--repo registry/skillgate ",
        "--source-ref refs/tags/v0.1.0 ",
        "--signer-workflow registry/skillgate/.github/workflows/release.yml",
    ] {
        assert!(verified.contains(part), "{calls}");
    }

    // Later sources are not the release's.
    checkout.commit("contract/x.rs", "// x\n");
    assert_eq!(checkout.programs(), Ok(("built".to_owned(), true)));
}

#[test]
fn g57_a_release_is_taken_only_of_an_ancestor_with_the_same_tree() {
    let released = Ok(("released".to_owned(), true));
    let built = Ok(("built".to_owned(), true));
    // Documents may differ, wherever they are, and nothing else.
    let checkout = Checkout::new();
    checkout.release();
    checkout.commit("docs/x.json", "{}\n");
    checkout.commit("contract/README.md", "x\n");
    assert_eq!(checkout.programs(), released);
    checkout.commit("unheard-of/x", "x\n");
    assert_eq!(checkout.programs(), built);

    // The same tree under a tag that somebody pushed beside the branch.
    let checkout = Checkout::new();
    checkout.git(&["checkout", "-q", "--orphan", "beside"]);
    checkout.git(&["commit", "-qm", "another history"]);
    checkout.release();
    checkout.git(&["checkout", "-q", "main"]);
    assert_eq!(checkout.programs(), built);
    assert_eq!(checkout.text("gh-calls"), "");

    // A good tag, and an archive that was built of another commit.
    let checkout = Checkout::new();
    checkout.release();
    checkout.put("built-of", &"0".repeat(40));
    assert!(checkout.programs().is_err());
    assert!(!checkout.root.join("programs/skillgate-scanner").exists());
}

#[test]
fn a_release_that_does_not_verify_ends_the_run() {
    let checkout = Checkout::new();
    checkout.release();
    checkout.put("not-ours", "yes");
    assert!(checkout.programs().is_err());
    assert!(!checkout.root.join("programs/skillgate-scanner").exists());

    let checkout = Checkout::new();
    checkout.release();
    let sums = checkout.text("release/SHA256SUMS");
    checkout.put("release/SHA256SUMS", &sums.replace(|c: char| c.is_ascii_digit(), "0"));
    let why = checkout.programs().unwrap_err();
    assert!(why.contains("did NOT match") || why.contains("checksum"), "{why}");
    assert!(!checkout.root.join("programs/skillgate-scanner").exists());
    assert!(!checkout.text("gh-calls").contains("attestation"));
}

#[test]
fn a_tool_beside_the_script_is_told_to_the_scanner_and_one_that_is_not_there_ends_the_step() {
    let checkout = Checkout::new();
    let script = checkout.root.join("tools/actions/install-tool.sh");
    let install = |tool: &str| {
        let env = format!("GITHUB_ENV={}", checkout.dir.path().join("github-env").display());
        let script = script.to_str().unwrap();
        checkout.command("env", &["-u", "NEWTOOL_BIN", &env, script, tool]).status.code()
    };
    let program = script.with_file_name("newtool");
    assert_eq!(install("newtool"), Some(2));
    fs::write(&program, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(install("newtool"), Some(0));
    assert_eq!(checkout.text("github-env"), format!("NEWTOOL_BIN={}\n", program.display()));
    for wrong in ["", "../newtool", "a b", "A"] {
        assert_eq!(install(wrong), Some(2), "{wrong}");
    }
}
