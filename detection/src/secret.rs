//! Paths of files that hold keys, passwords or sessions, and that no skill needs off the machine.

/// Files and folders below a home folder.
const HOME: [&str; 16] = [
    ".aws/credentials",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".docker/config.json",
    ".kube/config",
    ".gnupg",
    ".config/solana/id.json",
    ".ethereum/keystore",
    ".bash_history",
    ".zsh_history",
    ".openclaw/openclaw.json",
    ".clawdbot/.env",
    ".claude/.credentials.json",
    ".codex/auth.json",
];
/// Names of files, wherever they lie.
const NAMES: [&str; 9] = [
    "wallet.dat",
    "Login Data",
    "key4.db",
    "logins.json",
    "login.keychain",
    "login.keychain-db",
    "id_rsa",
    "id_ed25519",
    "id_ecdsa",
];
const EXAMPLES: [&str; 4] = ["example", "sample", "template", "dist"];

/// Whether a path, as far as it is known, names such a file or a folder of them.
pub(crate) fn is_secret_path(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let name = path.rsplit('/').next().unwrap_or(path);
    if EXAMPLES.iter().any(|end| name.ends_with(end)) || name.ends_with(".pub") {
        return false;
    }
    let in_ssh = path.rsplit_once(".ssh").is_some_and(|(before, behind)| {
        let below = behind.strip_prefix('/');
        (before.is_empty() || before.ends_with('/'))
            && (behind.is_empty() || below.is_some_and(|name| !is_public_ssh(name)))
    });
    let in_home = HOME.iter().any(|known| {
        path.rsplit_once(known).is_some_and(|(before, behind)| {
            (before.is_empty() || before.ends_with('/'))
                && (behind.is_empty() || behind.starts_with('/'))
        })
    });
    in_ssh || in_home || NAMES.contains(&name) || path == "/etc/shadow" || path.ends_with("/.aws")
}

fn is_public_ssh(name: &str) -> bool {
    matches!(name, "config" | "known_hosts" | "authorized_keys" | "config.d") || name.ends_with(".pub")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_secret_and_what_lies_beside_them_is_not() {
        for secret in [
            "~/.ssh/id_rsa", "\u{fffc}/.ssh/id_ed25519", "/root/.ssh", "$HOME/.ssh/", "~/.ssh/*", "~/.aws/credentials", ".netrc",
            "/home/a/.aws", "/etc/shadow", "x/wallet.dat", "Chrome/Default/Login Data", "~/.gnupg/secring.gpg",
        ] {
            assert!(is_secret_path(secret), "{secret}");
        }
        for open in [
            "~/.ssh/id_rsa.pub", "~/.ssh/config", "~/.ssh/known_hosts", ".npmrc.example", "docs/.sshd", "a.ssh/x", "README.md", "",
        ] {
            assert!(!is_secret_path(open), "{open}");
        }
    }
}
