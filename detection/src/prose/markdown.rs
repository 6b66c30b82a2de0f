//! Passages of Markdown and of plain text (after CommonMark 0.31, as far as it says what is one paragraph).

use super::{Passage, Place, grammar, hidden, inline::plain, yaml};

/// A character and its line.
pub(super) type Char = (char, u32);

/// Paragraphs, lists and quotations with front matter, comments and what a style hides.
pub(super) fn passages(source: &str) -> Vec<Passage> {
    let (front, behind, first) = front_matter(source);
    let mut passages = yaml::passages(front, yaml::Keys::All, 1);
    let mut visible = Vec::new();
    hidden::part(behind, first, &mut visible, &mut passages);
    let mut blocks = Blocks::default();
    for line in visible.split(|(c, _)| *c == '\n') {
        blocks.line(line);
    }
    blocks.end();
    passages.append(&mut blocks.passages);
    passages
}

/// The paragraphs of a plain text.
pub(super) fn paragraphs(source: &str) -> Vec<Passage> {
    let mut blocks = Blocks::default();
    let mut number = 0u32;
    for line in source.lines() {
        number = number.saturating_add(1);
        let chars: Vec<Char> = line.chars().map(|c| (c, number)).collect();
        blocks.line(&chars);
    }
    blocks.end();
    blocks.passages
}

/// The front matter, what stands behind it, and the line on which that begins.
fn front_matter(source: &str) -> (&str, &str, u32) {
    let none = ("", source, 1);
    let Some(rest) = source.trim_start_matches('\u{feff}').strip_prefix("---") else { return none };
    let Some(rest) = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')) else {
        return none;
    };
    let mut length = 0;
    for (at, line) in rest.split_inclusive('\n').enumerate() {
        if matches!(line.trim_end(), "---" | "...") {
            let (front, behind) = rest.split_at(length);
            let behind = behind.get(line.len()..).unwrap_or_default();
            return (front, behind, u32::try_from(at).unwrap_or(u32::MAX).saturating_add(3));
        }
        length += line.len();
    }
    none
}

/// A paragraph that is indented this far is code, as it is to be copied.
const CODE_INDENT: usize = 4;

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Block {
    #[default]
    Paragraph,
    List,
    Quotation,
    Fence,
}

#[derive(Default)]
struct Blocks {
    passages: Vec<Passage>,
    chars: Vec<Char>,
    block: Block,
    /// The mark and its count that close the block of code.
    fence: Option<(char, usize)>,
    /// A blank line was read, which ends all blocks but a list.
    blank: bool,
    /// The heading says that what is below it is shown.
    shown_below: bool,
    /// The paragraph before announces something that is shown.
    shown_next: bool,
    /// The block is indented as code is.
    indented: bool,
    /// The rows of the table that is read, and whether its first one says that it shows what others say.
    table: Option<bool>,
}

impl Blocks {
    fn line(&mut self, line: &[Char]) {
        let text: String = line.iter().map(|(c, _)| *c).collect();
        let trimmed = text.trim();
        let indent = leading(line, char::is_whitespace);
        let marks = trimmed.trim_start_matches(['>', ' ']);
        let mark = marks.chars().next().filter(|c| matches!(c, '`' | '~'));
        let run = mark.map_or(0, |mark| marks.chars().take_while(|c| *c == mark).count());
        if let Some((open, length)) = self.fence {
            if mark == Some(open) && run >= length && marks.chars().all(|c| c == open) {
                self.end();
                self.fence = None;
            } else {
                self.take(line, '\n');
            }
            return;
        }
        if let Some(mark) = mark
            && run >= 3
            && !marks.trim_start_matches(mark).contains('`')
        {
            self.end();
            self.fence = Some((mark, run));
            self.block = Block::Fence;
            return;
        }
        if trimmed.is_empty() {
            self.blank = true;
            return;
        }
        if trimmed.starts_with('#') && indent < CODE_INDENT {
            self.end();
            self.shown_below = grammar::names_attacker(trimmed);
            self.shown_next = false;
            let marks = leading(line, |c| c == '#' || c.is_whitespace());
            let chars = plain(line.get(marks..).unwrap_or_default(), &mut self.passages);
            // A heading between an order and its content does not part them.
            let (shown, content) = (self.shown_below, true);
            self.passages.push(Passage { chars, place: Place::Open, shown, content });
            return;
        }
        if trimmed.starts_with('|') {
            self.end_block();
            self.row(line, trimmed);
            return;
        }
        self.table = None;
        let is_item = item(trimmed) > 0;
        let block = if trimmed.starts_with('>') {
            Block::Quotation
        } else if is_item
            || self.block == Block::List && (indent > 0 || !self.blank) && !self.chars.is_empty()
        {
            Block::List
        } else {
            Block::Paragraph
        };
        if block != self.block || self.blank && block != Block::List {
            self.end();
        }
        self.blank = false;
        self.block = block;
        if self.chars.is_empty() {
            self.indented = indent >= CODE_INDENT;
        }
        let skipped = match block {
            Block::Quotation => leading(line, |c| c == '>' || c.is_whitespace()),
            _ if is_item => indent + item(trimmed),
            _ => indent,
        };
        self.take(line.get(skipped..).unwrap_or_default(), if is_item { '\n' } else { ' ' });
    }

    fn take(&mut self, line: &[Char], between: char) {
        let number = line.first().map_or(0, |(_, line)| *line);
        if !self.chars.is_empty() {
            self.chars.push((between, number));
        }
        self.chars.extend_from_slice(line);
    }

    /// A row of a table: its cells are clauses. It lists things, so only what hides itself in it is read.
    fn row(&mut self, line: &[Char], text: &str) {
        let shows = *self
            .table
            .get_or_insert_with(|| self.shown_below || self.shown_next || grammar::reports(text));
        if shows {
            return;
        }
        let cells: Vec<Char> =
            line.iter().map(|(c, line)| (if *c == '|' { ';' } else { *c }, *line)).collect();
        let chars = plain(&cells, &mut self.passages);
        self.passages.push(Passage { chars, place: Place::Row, shown: false, content: false });
    }

    fn end(&mut self) {
        self.table = None;
        self.end_block();
    }

    /// Ends the block.
    fn end_block(&mut self) {
        let chars = std::mem::take(&mut self.chars);
        let block = std::mem::take(&mut self.block);
        self.blank = false;
        if chars.is_empty() {
            return;
        }
        let announced = std::mem::take(&mut self.shown_next);
        let shown = match block {
            Block::Fence => true,
            Block::Paragraph => false,
            Block::List | Block::Quotation => self.shown_below || announced,
        };
        let chars = if block == Block::Fence { chars } else { plain(&chars, &mut self.passages) };
        if block == Block::Paragraph {
            let text: String = chars.iter().map(|(c, _)| *c).collect();
            let last = text.trim_end();
            self.shown_next = last.ends_with([':', '：']) && grammar::reports(last);
        } else if announced && block != Block::Fence {
            self.shown_next = true;
        }
        let content = block != Block::Paragraph || self.indented;
        let place = if block == Block::Fence && !announced && !self.shown_below {
            Place::Code
        } else {
            Place::Open
        };
        self.passages.push(Passage { chars, place, shown, content });
    }
}

/// How many characters at the beginning of a line are of a kind.
fn leading(line: &[Char], is_of: impl Fn(char) -> bool) -> usize {
    line.iter().take_while(|(c, _)| is_of(*c)).count()
}

/// Characters of a list item's mark; 0 where the line begins no item.
fn item(line: &str) -> usize {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line.get(digits..).unwrap_or_default();
    let is_blank = |at| rest.chars().nth(at).is_some_and(char::is_whitespace);
    let marked = match digits {
        0 => rest.starts_with(['-', '*', '+', '•']) && is_blank(1),
        1..=9 => rest.starts_with(['.', ')']) && is_blank(1),
        _ => false,
    };
    if marked { digits + 2 } else { 0 }
}
