//! Tags of the field: CWE, MITRE ATT&CK and ATLAS, and the lists of OWASP for models, agents and skills. The names that
//! are in use stand in `data/tags.tsv`; a tag that is not there is refused, so that a wrong number shows at once.

const NAMES: &str = include_str!("../data/tags.tsv");

/// A tag with its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    /// Such as `CWE-506`, `T1059.004`, `AML.T0051`, `LLM01:2025`, `ASI05:2026` or `AST01`.
    pub id: &'static str,
    /// Its name in its list.
    pub name: &'static str,
}

/// The lists that tags come from, by the metadata field that holds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    Cwe,
    Attack,
    Owasp,
}

impl List {
    pub(crate) const ALL: [Self; 3] = [Self::Cwe, Self::Attack, Self::Owasp];

    /// The field of a rule's metadata.
    pub(crate) const fn field(self) -> &'static str {
        match self {
            Self::Cwe => "cwe",
            Self::Attack => "attack",
            Self::Owasp => "owasp",
        }
    }

    fn has(self, id: &str) -> bool {
        let begins = |begins: &[&str]| begins.iter().any(|begin| id.starts_with(begin));
        match self {
            Self::Cwe => begins(&["CWE-"]),
            Self::Attack => begins(&["T1", "AML.T"]),
            Self::Owasp => begins(&["LLM", "ASI", "AST"]),
        }
    }

    /// The tag of this id, if it belongs to this list and its name is known.
    pub(crate) fn find(self, id: &str) -> Option<Tag> {
        let mut lines = NAMES.lines().filter_map(|line| line.split_once('\t'));
        let (id, name) = lines.find(|(known, _)| *known == id)?;
        self.has(id).then_some(Tag { id, name })
    }
}

impl Tag {
    /// Where the tag is explained by whoever keeps its list.
    #[must_use]
    pub fn url(&self) -> String {
        let id = self.id;
        if let Some(number) = id.strip_prefix("CWE-") {
            return format!("https://cwe.mitre.org/data/definitions/{number}.html");
        }
        if id.starts_with("AML.") {
            return format!("https://atlas.mitre.org/techniques/{id}");
        }
        let page = match id.get(..3) {
            Some("LLM") => "https://genai.owasp.org/llm-top-10/",
            Some("ASI") => {
                "https://genai.owasp.org/resource/owasp-top-10-for-agentic-applications-for-2026/"
            }
            Some("AST") => "https://owasp.org/www-project-agentic-skills-top-10/",
            _ => {
                return format!("https://attack.mitre.org/techniques/{}/", id.replace('.', "/"));
            }
        };
        page.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_of_one_list_and_links_to_it() {
        for line in NAMES.lines() {
            let (id, name) = line.split_once('\t').unwrap();
            let of: Vec<_> = List::ALL.into_iter().filter_map(|list| list.find(id)).collect();
            assert_eq!(of, [Tag { id, name }], "{line}");
        }
        let url = |list: List, id| list.find(id).unwrap().url();
        assert_eq!(url(List::Cwe, "CWE-506"), "https://cwe.mitre.org/data/definitions/506.html");
        assert_eq!(
            url(List::Attack, "T1059.004"),
            "https://attack.mitre.org/techniques/T1059/004/"
        );
        assert_eq!(url(List::Attack, "AML.T0051"), "https://atlas.mitre.org/techniques/AML.T0051");
        assert_eq!(List::Cwe.find("T1105"), None, "a tag in the field of another list");
        assert_eq!(List::Cwe.find("CWE-1"), None);
    }
}
