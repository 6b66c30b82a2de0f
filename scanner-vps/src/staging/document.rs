//! The text of office documents: of the XML parts of a zip (OOXML, OpenDocument). Pure.
//!
//! Each paragraph, cell or note is a line. Alternative texts, links that lead out and formulas are text too: an agent
//! that opens the document gets them. Laid-out text is not rebuilt, and macros are not read.

use super::{
    archive::Member,
    encoding::{Decoded, decode},
};

/// Bytes of text that are taken from one document.
const MAX_TEXT: usize = 4_000_000;
/// Elements behind which a line ends, by their local names.
const LINES: [&str; 10] = ["p", "h", "si", "c", "br", "f", "is", "tab", "row", "comment"];
/// In a sheet, only these hold text; a value may, and the rest are numbers.
const OF_A_SHEET: [&str; 2] = ["t", "f"];
const VALUE: &str = "v";
/// Attributes that hold text or a place to go to, by their local names.
const SPOKEN: [&str; 6] = ["descr", "title", "Target", "href", "instr", "alt"];

/// The kind of a member of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// XML of the format itself: its text counts.
    Xml,
    /// Macros, or an object of another program.
    Macros,
    /// Anything else: a file like any other.
    Other,
}

/// Whether members are those of an office document.
pub(super) fn is_document(members: &[Member]) -> bool {
    let has = |wanted: &[u8]| members.iter().any(|member| member.name == wanted);
    let below = |folder: &[u8]| members.iter().any(|member| member.name.starts_with(folder));
    let open_xml = has(b"[Content_Types].xml")
        && [b"word/".as_slice(), b"xl/", b"ppt/"].iter().any(|folder| below(folder));
    open_xml || has(b"content.xml") && has(b"mimetype") && has(b"META-INF/manifest.xml")
}

/// What a member of a document is, by its name.
pub(super) fn part(name: &[u8]) -> Part {
    let lower = name.to_ascii_lowercase();
    let folders: [&[u8]; 7] =
        [b"word/", b"xl/", b"ppt/", b"docprops/", b"customxml/", b"_rels/", b"meta-inf/"];
    let known = !lower.contains(&b'/') || folders.iter().any(|folder| lower.starts_with(folder));
    let is_xml =
        [b".xml".as_slice(), b".rels", b".vml", b".rdf"].iter().any(|end| lower.ends_with(end));
    let file = lower.rsplit(|b| *b == b'/').next().unwrap_or_default();
    if known && (is_xml || file == b"mimetype") {
        Part::Xml
    } else if file.starts_with(b"vbaproject") || lower.starts_with(b"basic/") {
        Part::Macros
    } else {
        Part::Other
    }
}

/// The text of a document.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) text: String,
    /// There was more than the limit.
    pub(super) more: bool,
    /// Names of XML members in no known encoding.
    pub(super) unread: Vec<Vec<u8>>,
}

/// The text of a document's XML members.
pub(super) fn text(members: &[Member]) -> Text {
    let (mut text, mut unread) = (String::new(), Vec::new());
    for member in members.iter().filter(|member| part(&member.name) == Part::Xml) {
        let Decoded::Text(xml) = decode(&member.content) else {
            unread.push(member.name.clone());
            continue;
        };
        let sheet = member.name.starts_with(b"xl/worksheets/");
        append(&xml, sheet, &mut text);
        if text.len() > MAX_TEXT {
            let end = (0..=MAX_TEXT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.truncate(end);
            return Text { text, more: true, unread };
        }
    }
    Text { text, more: false, unread }
}

fn append(xml: &str, sheet: bool, text: &mut String) {
    let mut rest = xml;
    let mut element = String::new();
    end_line(text);
    while text.len() <= MAX_TEXT {
        let Some((before, behind)) = rest.split_once('<') else {
            return data(rest, sheet, &element, text);
        };
        data(before, sheet, &element, text);
        if let Some(cdata) = behind.strip_prefix("![CDATA[") {
            let (inside, after) = cdata.split_once("]]>").unwrap_or((cdata, ""));
            text.push_str(inside);
            rest = after;
            continue;
        }
        if let Some(comment) = behind.strip_prefix("!--") {
            let (inside, after) = comment.split_once("-->").unwrap_or((comment, ""));
            text.push_str(inside);
            end_line(text);
            rest = after;
            continue;
        }
        let (tag, after) = behind.split_once('>').unwrap_or((behind, ""));
        rest = after;
        let name = local(
            tag.trim_start_matches('/')
                .split([' ', '/', '\t', '\n', '\r'])
                .next()
                .unwrap_or_default(),
        );
        if !tag.starts_with(['/', '?', '!']) {
            attributes(tag, text);
            element.clear();
            element.push_str(name);
        } else {
            element.clear();
        }
        if LINES.contains(&name) && (tag.starts_with('/') || tag.ends_with('/')) {
            end_line(text);
        }
    }
}

fn data(raw: &str, sheet: bool, element: &str, text: &mut String) {
    if raw.trim().is_empty() {
        return;
    }
    if sheet && element == VALUE {
        let mut value = String::new();
        unescape(raw, &mut value);
        if value.contains(char::is_alphabetic) && value.trim().parse::<f64>().is_err() {
            text.push_str(&value);
        }
    } else if !sheet || OF_A_SHEET.contains(&element) {
        unescape(raw, text);
    }
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Texts in attributes, each on a line of its own. A target inside of the document is none.
fn attributes(tag: &str, text: &mut String) {
    let mut rest = tag;
    while let Some((name, behind)) = rest.split_once('=') {
        let name = local(name.rsplit([' ', '\t', '\n', '\r']).next().unwrap_or_default());
        let behind = behind.trim_start();
        let Some(quote) = behind.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            rest = behind;
            continue;
        };
        let inside = behind.strip_prefix(quote).unwrap_or_default();
        let (value, after) = inside.split_once(quote).unwrap_or((inside, ""));
        rest = after;
        let place = matches!(name, "Target" | "href");
        if SPOKEN.contains(&name) && (!place || value.contains(':')) && !is_schema(value) {
            end_line(text);
            unescape(value, text);
            end_line(text);
        }
    }
}

/// The name of a format, which looks like an address.
fn is_schema(value: &str) -> bool {
    value.starts_with("http://schemas.") || value.starts_with("urn:")
}

fn end_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

/// Appends text with its references resolved (XML 1.0, 4.1 and 4.6).
fn unescape(raw: &str, text: &mut String) {
    let mut rest = raw;
    while let Some((before, behind)) = rest.split_once('&') {
        text.push_str(before);
        let reference = behind.get(..behind.len().min(12)).unwrap_or_default();
        let known =
            reference.split_once(';').and_then(|(name, _)| Some((resolved(name)?, name.len())));
        match known {
            Some((c, length)) => {
                text.push(c);
                rest = behind.get(length + 1..).unwrap_or_default();
            }
            None => {
                text.push('&');
                rest = behind;
            }
        }
    }
    text.push_str(rest);
}

fn resolved(name: &str) -> Option<char> {
    let number =
        |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match name.strip_prefix('#')?.strip_prefix(['x', 'X']) {
            Some(hex) => number(hex, 16),
            None => number(name.strip_prefix('#')?, 10),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn member(name: &str, content: &str) -> Member {
        Member { name: name.into(), content: content.into() }
    }

    #[test]
    fn each_paragraph_is_a_line_whatever_runs_it_is_cut_into() {
        let xml = "<?xml version=\"1.0\"?><w:document xmlns:w=\"http://schemas.openxmlformats.org/w\"><w:p><w:r><w:t>Run &lt;cu</w:t></w:r><w:r><w:t xml:space=\"preserve\">rl&gt; now</w:t></w:r></w:p><w:p><w:t>A&#38;B</w:t></w:p><wp:docPr descr=\"a picture\"/></w:document>";
        let members = [member("[Content_Types].xml", "<a/>"), member("word/document.xml", xml)];
        assert!(is_document(&members) && !is_document(&members[1..]));
        let expected = "Run <curl> now\nA&B\na picture\n";
        assert_eq!(text(&members), Text { text: expected.into(), ..Text::default() });
        let wide: Vec<u8> =
            format!("\u{feff}{xml}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let members = [Member { name: b"word/document.xml".to_vec(), content: wide }];
        assert_eq!(text(&members).text, expected);
        let noise = [Member { name: b"word/a.xml".to_vec(), content: b"\0\x01\xff\x02".to_vec() }];
        assert_eq!(text(&noise).unread, [b"word/a.xml".to_vec()]);
    }

    #[test]
    fn a_sheet_gives_its_strings_and_formulas_and_no_numbers() {
        let sheet = "<worksheet><c><v>42</v></c><c t=\"inlineStr\"><is><t>name</t></is></c><c><f>SUM(A1)</f><v>7</v></c><c t=\"str\"><v>run it</v></c><c t=\"str\"><v>&#x72;</v></c><c><v>1.5E-3</v></c></worksheet>";
        let rels = "<Relationship Type=\"http://schemas.x/y\" Target=\"../a.xml\"/><Relationship Target=\"https://vendor.example/a\"/>";
        let members = [member("xl/worksheets/sheet1.xml", sheet), member("xl/_rels/a.rels", rels)];
        assert_eq!(text(&members).text, "name\nSUM(A1)\nrun it\nr\nhttps://vendor.example/a\n");
    }

    #[test]
    fn what_is_no_xml_of_the_format_is_a_file_like_any_other() {
        for (name, kind) in [
            ("word/document.xml", Part::Xml),
            ("[Content_Types].xml", Part::Xml),
            ("word/vbaProject.bin", Part::Macros),
            ("word/media/image1.png", Part::Other),
            ("word/run.sh", Part::Other),
            ("scripts/a.xml", Part::Other),
        ] {
            assert_eq!(part(name.as_bytes()), kind, "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken_apart_within_its_length(xml in "[<>&;#x0-9a-c\"'= /!\\[\\]-]{0,200}") {
            let Text { text, more, .. } = text(&[member("word/a.xml", &xml)]);
            prop_assert!(text.len() <= 2 * xml.len() + 2 && !more);
        }
    }
}
