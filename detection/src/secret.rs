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
const TOKENS: [&str; 34] = [
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".docker/config.json",
    ".codex/auth.json",
    ".claude/.credentials.json",
    ".claude.json",
    ".cursor/mcp.json",
    "claude_desktop_config.json",
    ".gemini/oauth_creds.json",
    ".config/github-copilot",
    ".config/gh/hosts.yml",
    ".config/hub",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".gem/credentials",
    ".m2/settings.xml",
    ".composer/auth.json",
    ".config/composer/auth.json",
    ".terraform.d/credentials.tfrc.json",
    ".config/doctl/config.yaml",
    ".config/stripe/config.toml",
    ".config/configstore/firebase-tools.json",
    ".config/rclone/rclone.conf",
    ".huggingface/token",
    ".cache/huggingface/token",
    ".netlify/config.json",
    ".fly/config.yml",
    ".vault-token",
    ".s3cfg",
    ".boto",
    ".pgpass",
    ".my.cnf",
];
/// Files and folders of keys below a home folder.
const KEYS: [&str; 34] = [
    "Library/Keychains",
    ".local/share/keyrings",
    ".gnome2/keyrings",
    ".password-store",
    ".putty/sessions",
    ".config/gcloud",
    ".azure/accessTokens.json",
    ".azure/msal_token_cache.json",
    ".oci/config",
    ".aliyun/config.json",
    ".electrum/wallets",
    ".bitcoin/wallets",
    ".config/Exodus",
    "exodus.wallet",
    ".monero",
    "Ethereum/keystore",
    "Local Extension Settings",
    "discord/Local Storage/leveldb",
    "Telegram Desktop/tdata",
    ".local/share/fish/fish_history",
    ".python_history",
    ".mysql_history",
    ".psql_history",
    ".aws/credentials",
    ".kube/config",
    ".gnupg",
    ".config/solana",
    ".ethereum/keystore",
    ".bash_history",
    ".zsh_history",
    ".openclaw/openclaw.json",
    ".clawdbot/.env",
    "Application Support/Exodus",
    "PSReadLine/ConsoleHost_history.txt",
];
/// Names of files, wherever they lie.
const NAMES: [&str; 13] = [
    "cookies.sqlite",
    "key3.db",
    "Login Data For Account",
    "Cookies.binarycookies",
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
/// Files of a browser's profile that hold sessions and passwords, and folders that are such profiles.
const PROFILE: [&str; 4] = ["Cookies", "Web Data", "Local State", "leveldb"];
const BROWSERS: [&str; 12] = [
    "google-chrome",
    "Google/Chrome",
    "chromium",
    "Chromium",
    "BraveSoftware",
    "Microsoft/Edge",
    "Microsoft Edge",
    "microsoft-edge",
    "Opera Software",
    "Vivaldi",
    "vivaldi",
    "User Data",
];
const EXAMPLES: [&str; 4] = ["example", "sample", "template", "dist"];

/// What a path, as far as it is known, names: a file of secrets, or a folder of them.
pub(crate) fn kind(path: &str) -> Option<Kind> {
    if path.contains('\\') {
        return kind(&path.replace('\\', "/"));
    }
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
        known.len() <= path.len()
            && path.rsplit_once(*known).is_some_and(|(before, behind)| {
                (before.is_empty() || before.ends_with('/'))
                    && (behind.is_empty() || behind.starts_with('/'))
            })
    };
    let keys = in_ssh
        || KEYS.iter().any(below)
        || NAMES.contains(&name)
        || PROFILE.contains(&name) && BROWSERS.iter().any(|browser| path.contains(browser))
        || matches!(path, "/etc/shadow" | "/etc/gshadow")
        || name.ends_with(".kdbx")
        || path.ends_with("/.aws");
    if keys { Some(Kind::Keys) } else { TOKENS.iter().any(below).then_some(Kind::Tokens) }
}

/// A file in which a project keeps the passwords of its services, for its own programs.
pub(crate) fn of_project(path: &str) -> Option<Kind> {
    const FILES: [&str; 6] = [
        ".env",
        ".env.local",
        ".env.production",
        "wp-config.php",
        "config/database.php",
        "config/database.yml",
    ];
    let is = |file: &&str| {
        path.strip_suffix(*file).is_some_and(|before| before.is_empty() || before.ends_with('/'))
    };
    FILES.iter().any(is).then_some(Kind::Tokens)
}

/// What a command prints that asks a store for secrets.
pub(crate) fn printed_by(command: &str) -> Option<Kind> {
    const STORES: [&str; 2] = ["security dump-keychain", "security export"];
    const TOKENS: [&str; 11] = [
        "security find-generic-password",
        "security find-internet-password",
        "secret-tool lookup",
        "secret-tool search",
        "git credential fill",
        "git credential-osxkeychain get",
        "gh auth token",
        "gcloud auth print-access-token",
        "gcloud auth application-default print-access-token",
        "aws configure export-credentials",
        "az account get-access-token",
    ];
    let words: Vec<_> = command.split_whitespace().take(12).collect();
    let command = words.join(" ");
    let asks = |known: &&str| command.contains(*known);
    // The key that opens the passwords of a browser is for no service.
    if STORES.iter().any(asks)
        || command.contains("security find") && command.contains("Safe Storage")
    {
        return Some(Kind::Keys);
    }
    TOKENS.iter().any(asks).then_some(Kind::Tokens)
}

/// Whether a text may name files of keys: a quick look before [`services`].
pub(crate) fn may_name(text: &str) -> bool {
    let names = |known: &&str| {
        let last = known.rsplit(['/', '\\']).next().unwrap_or(known);
        text.contains(last)
    };
    text.contains(".ssh")
        || text.contains("dump-keychain")
        || text.contains("cmdkey")
        || TOKENS.iter().any(names)
        || KEYS.iter().any(names)
        || NAMES.iter().any(names)
        || BROWSERS.iter().any(names)
}

/// The services whose keys a line of a program names, however it joins the parts of a path.
pub(crate) fn services(line: &str) -> Vec<&'static str> {
    let mut path = String::from("/");
    for c in line.chars() {
        let parts = c.is_whitespace()
            || matches!(c, '/' | '\\' | '"' | '\'' | '`' | ',' | '+' | '(' | ')' | '[' | ']');
        match (parts, path.ends_with('/')) {
            (true, true) => {}
            (true, false) => path.push('/'),
            _ => path.push(c),
        }
    }
    path.push('/');
    let has = |known: &str| {
        path.match_indices(known).any(|(at, _)| {
            let before = path.get(..at).is_some_and(|text| text.ends_with('/'));
            let behind = path.get(at + known.len()..).and_then(|text| text.chars().next());
            before && behind.is_none_or(|c| !c.is_alphanumeric() && c != '_')
        })
    };
    let mut found: Vec<&'static str> = Vec::new();
    let public = ["known_hosts", "authorized_keys", ".ssh/config"];
    if has(".ssh") && !public.iter().any(|name| path.contains(name))
        || ["id_rsa", "id_ed25519"].iter().any(|name| has(name))
    {
        found.push(".ssh");
    }
    if [".aws/credentials", ".aws"].iter().any(|name| has(name)) && !path.contains(".aws/config") {
        found.push(".aws");
    }
    found.extend(
        TOKENS.iter().chain(&KEYS).filter(|known| has(known)).map(|known| service_of(known)),
    );
    const STORES: [(&str, &str); 6] = [
        ("dump-keychain", "keychain"),
        ("cmdkey/list", "credential manager"),
        ("cmdkey//list", "credential manager"),
        ("key=clear", "wireless networks"),
        ("ConsoleHost_history", "history"),
        ("Exodus", "exodus"),
    ];
    found.extend(STORES.iter().filter(|(part, _)| path.contains(part)).map(|(_, name)| *name));
    let in_profile = BROWSERS.iter().any(|name| path.contains(&name.replace(' ', "/")));
    let of_browser = ["Login/Data", "key4.db", "logins.json", "cookies.sqlite", "Cookies"];
    if of_browser.iter().any(|name| has(name) && (in_profile || *name != "Cookies")) {
        found.push("browser");
    }
    found
}

/// The service that an entry of the tables is of.
fn service_of(known: &'static str) -> &'static str {
    if known.contains("history") {
        return "history";
    }
    if known == "Library/Keychains" {
        return "keychain";
    }
    let rest =
        known.strip_prefix(".config/").or_else(|| known.strip_prefix(".cache/")).unwrap_or(known);
    let rest = rest.strip_prefix(".local/share/").unwrap_or(rest);
    let first = rest.split('/').next().unwrap_or(rest);
    first.strip_suffix(".json").unwrap_or(first)
}

fn is_public_ssh(name: &str) -> bool {
    matches!(name, "config" | "known_hosts" | "authorized_keys" | "config.d")
        || name.ends_with(".pub")
}

/// Whether a text of a condition or a filter is one by which secrets are found.
pub(crate) fn looks_for_secrets(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["key", "token", "secret", "passw", "cred"].iter().any(|word| text.contains(word))
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
            "\u{fffc}/.config/BraveSoftware/*/Default/Cookies",
            "~/.local/share/keyrings/*.keyring",
            "~/Library/Application Support/Google/Chrome/Default/Local Extension Settings/a",
            "~/.mozilla/firefox/a.default/cookies.sqlite",
            "C:/Users/a/AppData/Local/Google/Chrome/User Data/Default/Login Data",
            "~/.config/gcloud/application_default_credentials.json",
            "~/.config/gh/hosts.yml",
            "vault.kdbx",
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
            "src/config/gcloud.ts",
            "docs/firefox/profiles.md",
            "~/.config/google-chrome-extensions.md",
            "",
        ] {
            assert_eq!(kind(open), None, "{open}");
        }
    }
}
