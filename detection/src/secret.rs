//! Paths of files that hold keys, passwords or sessions, and that no skill needs off the machine.

/// What a file of secrets holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Keys, wallets, sessions, histories: for no other host.
    Keys,
    /// Tokens that a program sends to the service that gave them.
    Tokens,
}

/// Files of tokens below a home folder.
const TOKENS: [&str; 7] = [
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".docker/config.json",
    ".codex/auth.json",
    ".claude/.credentials.json",
];
/// Files and folders of keys below a home folder.
const KEYS: [&str; 9] = [
    ".aws/credentials",
    ".kube/config",
    ".gnupg",
    ".config/solana/id.json",
    ".ethereum/keystore",
    ".bash_history",
    ".zsh_history",
    ".openclaw/openclaw.json",
    ".clawdbot/.env",
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

/// What a path, as far as it is known, names: a file of secrets, or a folder of them.
pub(crate) fn kind(path: &str) -> Option<Kind> {
    let path = path.trim_end_matches('/');
    let name = path.rsplit('/').next().unwrap_or(path);
    if EXAMPLES.iter().any(|end| name.ends_with(end)) || name.ends_with(".pub") {
        return None;
    }
    let in_ssh = path.rsplit_once(".ssh").is_some_and(|(before, behind)| {
        let below = behind.strip_prefix('/');
        (before.is_empty() || before.ends_with('/'))
            && (behind.is_empty() || below.is_some_and(|name| !is_public_ssh(name)))
    });
    let below = |known: &&str| {
        path.rsplit_once(*known).is_some_and(|(before, behind)| {
            (before.is_empty() || before.ends_with('/'))
                && (behind.is_empty() || behind.starts_with('/'))
        })
    };
    let keys = in_ssh
        || KEYS.iter().any(below)
        || NAMES.contains(&name)
        || path == "/etc/shadow"
        || path.ends_with("/.aws");
    if keys { Some(Kind::Keys) } else { TOKENS.iter().any(below).then_some(Kind::Tokens) }
}

fn is_public_ssh(name: &str) -> bool {
    matches!(name, "config" | "known_hosts" | "authorized_keys" | "config.d")
        || name.ends_with(".pub")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_secret_and_what_lies_beside_them_is_not() {
        for secret in [
            "~/.ssh/id_rsa",
            "\u{fffc}/.ssh/id_ed25519",
            "/root/.ssh",
            "$HOME/.ssh/",
            "~/.ssh/*",
            "~/.aws/credentials",
            ".netrc",
            "/home/a/.aws",
            "/etc/shadow",
            "x/wallet.dat",
            "Chrome/Default/Login Data",
            "~/.gnupg/secring.gpg",
        ] {
            assert!(kind(secret).is_some(), "{secret}");
        }
        for open in [
            "~/.ssh/id_rsa.pub",
            "~/.ssh/config",
            "~/.ssh/known_hosts",
            ".npmrc.example",
            "docs/.sshd",
            "a.ssh/x",
            "README.md",
            "",
        ] {
            assert_eq!(kind(open), None, "{open}");
        }
    }
}
