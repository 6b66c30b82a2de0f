//! Addresses that pages point at. Each begins with a checked host or with a path of our own;
//! foreign text in one is percent-encoded.

use skillgate_contract::{
    CommitSha, MAX_STRING_CHARS, RepoUrl, member, percent::percent_encode_path, text,
};

/// The page of one commit at the repository's host.
pub(super) fn commit(repo: &RepoUrl, sha: &CommitSha) -> String {
    match repo.host() {
        "gitlab.com" => format!("{repo}/-/commit/{sha}"),
        "bitbucket.org" => format!("{repo}/commits/{sha}"),
        _ => repo.commit_url(sha),
    }
}

/// A line of a file at a commit, where the host is one whose addresses are known.
pub(super) fn source(
    repo: &RepoUrl,
    sha: &CommitSha,
    file: &str,
    line: Option<u32>,
) -> Option<String> {
    let (folder, mark) = match repo.host() {
        "github.com" => ("/blob/", "#L"),
        "gitlab.com" => ("/-/blob/", "#L"),
        "codeberg.org" => ("/src/commit/", "#L"),
        "bitbucket.org" => ("/src/", "#lines-"),
        _ => return None,
    };
    // A dot segment would lead a browser out of the commit's tree.
    if file.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return None;
    }
    // A name that was cleaned or cut is of no file that there is.
    if file.chars().any(|c| c == text::REPLACEMENT) || file.chars().count() >= MAX_STRING_CHARS {
        return None;
    }
    // A member of an archive is shown by no host: the link leads to the archive.
    let (file, line) = member::split(file).map_or((file, line), |(archive, _)| (archive, None));
    let mut link = format!("{repo}{folder}{sha}/{}", percent_encode_path(file));
    if let Some(line) = line {
        link.push_str(mark);
        link.push_str(&line.to_string());
    }
    Some(link)
}

/// The host of an `https` address that a report gave, where it is a plain one: what a reader is told before following it.
pub(super) fn host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    let host = rest.split('/').next().filter(|host| !host.is_empty())?;
    host.chars().all(plain).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use skillgate_contract::percent::percent_decode;

    fn at(repo: &str, file: &str, line: Option<u32>) -> Option<String> {
        source(&repo.parse().unwrap(), &"a".repeat(40).parse().unwrap(), file, line)
    }

    #[test]
    fn a_reported_address_is_shown_by_its_true_host_or_not_at_all() {
        assert_eq!(host("https://github.com/o/r/actions/runs/1"), Some("github.com"));
        assert_eq!(host("https://ghe.example:8443/o/r"), Some("ghe.example:8443"));
        for url in [
            "http://github.com/o",
            "https:///o",
            "https://github.com@evil.example/o",
            "https://evil.example\\@github.com/o",
            "https://evil.example?github.com/o",
            "javascript:alert(1)//https://github.com/",
            "https://\u{202e}moc.example/o",
        ] {
            assert_eq!(host(url), None, "{url}");
        }
    }

    #[test]
    fn each_known_host_has_its_own_form() {
        let sha = "a".repeat(40);
        for (repo, expected) in [
            ("https://github.com/o/r", format!("https://github.com/o/r/blob/{sha}/a/b.js#L7")),
            ("https://gitlab.com/o/r", format!("https://gitlab.com/o/r/-/blob/{sha}/a/b.js#L7")),
            (
                "https://codeberg.org/o/r",
                format!("https://codeberg.org/o/r/src/commit/{sha}/a/b.js#L7"),
            ),
            (
                "https://bitbucket.org/o/r",
                format!("https://bitbucket.org/o/r/src/{sha}/a/b.js#lines-7"),
            ),
        ] {
            assert_eq!(at(repo, "a/b.js", Some(7)), Some(expected));
        }
        assert_eq!(at("https://git.example/o/r", "a/b.js", Some(7)), None);
        assert_eq!(
            at("https://github.com/o/r", "a/b.zip!/run.sh", Some(7)),
            Some(format!("https://github.com/o/r/blob/{sha}/a/b.zip"))
        );
        assert_eq!(
            at("https://github.com/o/r", "README!/run.sh", Some(7)),
            Some(format!("https://github.com/o/r/blob/{sha}/README%21/run.sh#L7")),
            "a folder may be called so, beside a harmless file"
        );
    }

    #[test]
    fn a_file_name_cannot_leave_its_place_in_the_link() {
        let sha = "a".repeat(40);
        let start = format!("https://github.com/o/r/blob/{sha}/");
        assert_eq!(
            at("https://github.com/o/r", "a b/ä#?%\"<.md", None),
            Some(format!("{start}a%20b/%C3%A4%23%3F%25%22%3C.md"))
        );
        for bad in ["", "../x", "a/../b", "a/./b", "/a", "a//b"] {
            assert_eq!(at("https://github.com/o/r", bad, None), None, "{bad}");
        }
    }

    #[test]
    fn a_name_that_came_changed_leads_to_no_file() {
        let at = |file: &str| at("https://github.com/o/r", file, Some(1));
        let long = "ä".repeat(MAX_STRING_CHARS - 1);
        assert!(at(&long).is_some());
        assert_eq!(at(&format!("{long}b")), None, "it may have been cut");
        assert_eq!(at("a\u{fffd}.js"), None, "a sign stands for what may not be shown");
    }

    proptest! {
        #[test]
        fn any_file_name_stays_below_the_commit(file in any::<String>(), line in any::<u32>()) {
            let start = format!("https://github.com/o/r/blob/{}/", "a".repeat(40));
            if let Some(link) = at("https://github.com/o/r", &file, Some(line)) {
                let rest = link.strip_prefix(&start).unwrap().strip_suffix(&format!("#L{line}")).unwrap();
                prop_assert!(rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b)));
                prop_assert_eq!(percent_decode(rest), Some(file));
            }
        }
    }
}
