//! What an earlier run kept: artifacts, which any job of the repository can store, downloaded as bytes and unpacked behind a seal.

use super::programs::Checkout;
use serde_json::json;
use std::{fs, path::PathBuf};

const KEY: &str = "canary-of-the-key";

/// Writes an artifact to a path: a tar with the members that an expression adds, sealed for a name under the key of the environment.
const FORGE: &str = r#"
import io, os, sys, tarfile, zipfile
sys.path.insert(0, "tools/actions")
import seal
to, name, members = sys.argv[1], sys.argv[2], sys.argv[3]
packed = io.BytesIO()
with tarfile.open(fileobj=packed, mode="w") as tar:
    def add(path, **more):
        member = tarfile.TarInfo(path)
        member.size = 2
        for key, value in more.items():
            setattr(member, key, value)
        tar.addfile(member, io.BytesIO(b"x\n") if member.isreg() else None)
    eval(members)
tar = packed.getvalue()
right = seal.seal(os.environ["SEAL_KEY"].encode(), name, tar)
with zipfile.ZipFile(to, "w") as artifact:
    artifact.writestr("kept.sealed", (right if right else b"0" * 64) + tar)
"#;

impl Checkout {
    fn built(&self) -> PathBuf {
        self.root.join("built")
    }

    /// Runs a script of the workflow, which must not fail.
    fn python(&self, args: &[&str]) -> String {
        let output = self.command("python3", args);
        let [said, failed] = [output.stdout, output.stderr].map(|b| String::from_utf8(b).unwrap());
        assert!(output.status.success(), "{said}{failed}");
        said
    }

    /// Builds the programs and stores them as artifact `id`, sealed for `name`.
    fn keep(&self, id: u64, name: &str) {
        let _ = fs::remove_dir_all(self.built());
        assert_eq!(self.programs(), Ok(("built".to_owned(), true)));
        fs::write(self.built().join("skillgate-scanner"), "kept\n").unwrap();
        self.python(&["tools/actions/seal.py", "make", "built", name]);
        let to = self.artifact(id);
        self.python(&["-m", "zipfile", "-c", to.to_str().unwrap(), "kept.sealed"]);
    }

    fn artifact(&self, id: u64) -> PathBuf {
        let folder = self.dir.path().join("artifacts");
        fs::create_dir_all(&folder).unwrap();
        folder.join(id.to_string())
    }

    /// GitHub's list of these artifacts: id, name, and whether a run of a fork stored it.
    fn list(&self, artifacts: &[(u64, &str, bool)]) {
        let listed = artifacts.iter().map(|(id, name, fork)| {
            json!({"id": id, "name": name, "size_in_bytes": 1, "expired": false,
                "workflow_run": {"repository_id": 1, "head_repository_id": if *fork { 2 } else { 1 }}})
        });
        let listed = json!({"artifacts": listed.collect::<Vec<_>>()});
        self.put("artifacts.json", &listed.to_string());
    }

    /// The two steps of the workflow; whether there are programs now, and what they said.
    fn take(&self, name: &str) -> (bool, String) {
        let _ = fs::remove_dir_all(self.root.join("kept"));
        let said = self.python(&["tools/actions/kept.py", name, "kept"])
            + &self.python(&["tools/actions/seal.py", "open", "built", name, "kept"]);
        assert!(!said.contains("canary"), "{said}");
        (self.built().exists(), said)
    }
}

#[test]
fn what_was_built_before_is_used_only_under_its_seal() {
    let checkout = Checkout::new();
    checkout.put("key", KEY);
    checkout.keep(1, "k1");
    checkout.list(&[(1, "k1", false)]);
    assert!(checkout.take("k1").0);
    assert_eq!(checkout.programs(), Ok(("kept".to_owned(), false)));

    // Every byte of what is kept is under the seal.
    let whole = fs::read(checkout.root.join("kept.sealed")).unwrap();
    for at in [0, 63, 64, whole.len() / 2, whole.len() - 1] {
        let mut spoiled = whole.clone();
        spoiled[at] ^= 1;
        fs::write(checkout.root.join("kept.sealed"), spoiled).unwrap();
        let to = checkout.artifact(1);
        checkout.python(&["-m", "zipfile", "-c", to.to_str().unwrap(), "kept.sealed"]);
        assert!(!checkout.take("k1").0, "{at}");
    }
    for no_artifact in [&b""[..], b"no zip", &whole] {
        fs::write(checkout.artifact(1), no_artifact).unwrap();
        assert!(!checkout.take("k1").0);
    }
    for key in ["another-key", ""] {
        checkout.keep(1, "k1");
        checkout.put("key", key);
        assert!(!checkout.take("k1").0, "{key}");
        checkout.put("key", KEY);
    }
    // A folder that no check has made is not there after the check, whatever there is to take.
    for listed in ["{}", "", "[]"] {
        checkout.keep(1, "k1");
        checkout.put("artifacts.json", listed);
        let (there, said) = checkout.take("k1");
        assert!(!there && said.contains("is not told"), "{said}");
    }
}

#[test]
fn g56_what_was_sealed_under_one_name_is_not_taken_from_another() {
    let checkout = Checkout::new();
    checkout.put("key", KEY);
    // Older programs with a good seal, stored by another job under the name of newer sources.
    checkout.keep(1, "programs-of-older-sources");
    for name in ["programs-of-newer-sources", "programs-of-older-source", ""] {
        checkout.list(&[(1, name, false)]);
        assert!(!checkout.take(name).0, "{name}");
    }
    checkout.list(&[(1, "programs-of-older-sources", false)]);
    assert!(checkout.take("programs-of-older-sources").0);
}

#[test]
fn g56_a_hostile_artifact_writes_nothing_and_keeps_no_good_one_away() {
    let checkout = Checkout::new();
    let outside = checkout.dir.path().join("outside");
    let script = fs::read(checkout.root.join("tools/actions/seal.py")).unwrap();
    let hostile = [
        r#"add("../tools/actions/seal.py")"#.to_owned(),
        format!(r#"add("{}")"#, outside.display()),
        r#"add("sub/skillgate-scanner")"#.to_owned(),
        r#"add("..")"#.to_owned(),
        r#"add("link", type=tarfile.SYMTYPE, linkname="../tools"), add("link/actions/seal.py")"#
            .to_owned(),
        r#"add("hard", type=tarfile.LNKTYPE, linkname="../tools/actions/seal.py")"#.to_owned(),
        r#"add("pipe", type=tarfile.FIFOTYPE)"#.to_owned(),
        r"[add(str(at)) for at in range(17)]".to_owned(),
    ];
    checkout.list(&[(9, "k1", false)]);
    for members in &hostile {
        // Without the key: what anybody can store. With it: no tar of ours looks like this, and none is unpacked.
        for key in ["", KEY] {
            checkout.put("key", key);
            let to = checkout.artifact(9);
            checkout.python(&["-c", FORGE, to.to_str().unwrap(), "k1", members]);
            checkout.put("key", KEY);
            let (there, said) = checkout.take("k1");
            assert!(!there && said.contains("is not ours"), "{members}: {said}");
            assert!(!outside.exists(), "{members}");
            let now = fs::read(checkout.root.join("tools/actions/seal.py")).unwrap();
            assert!(now == script, "{members}");
        }
    }
    // Newer than ours, of the same name; a fork's, however many, are not even asked for.
    checkout.keep(1, "k1");
    let forks = (20..25).map(|id| (id, "k1", true));
    let listed: Vec<_> = forks.chain([(9, "k1", false), (1, "k1", false)]).collect();
    checkout.list(&listed);
    assert!(checkout.take("k1").0);
    assert_eq!(checkout.programs(), Ok(("kept".to_owned(), false)));
    assert!(!checkout.text("gh-calls").contains("artifacts/20"));
}

#[test]
fn two_keys_of_the_seal_keep_nothing_and_warn_but_end_no_run() {
    let checkout = Checkout::new();
    let name = |key: &str, old: &str| {
        checkout.put("key", key);
        checkout.put("old-key", old);
        let output = checkout.command("python3", &["tools/actions/seal.py", "key", "k"]);
        assert!(output.status.success(), "{output:?}");
        let [said, warned] = [output.stdout, output.stderr].map(|b| String::from_utf8(b).unwrap());
        assert!(!said.contains("canary") && !warned.contains("canary"), "{said} {warned}");
        (said, warned)
    };
    let (named, nothing) = name("canary-of-the-key", "");
    assert!(named.len() == "key=k-".len() + 17 && nothing.is_empty(), "{named} {nothing}");
    // The workflow takes the old one where it alone is set.
    let (same, warned) = name("canary-of-the-key", "canary-of-the-key");
    assert_eq!(same, named);
    assert!(warned.contains("::warning::rename the secret CACHE_KEY"), "{warned}");
    let (none, warned) = name("canary-of-the-key", "canary-of-another-key");
    assert_eq!(none, "key=\n");
    assert!(warned.contains("::warning::CACHE_SIGNING_KEY differs from CACHE_KEY"), "{warned}");
}
