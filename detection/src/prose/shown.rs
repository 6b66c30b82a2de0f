//! What Markdown shows as the words or commands of an attacker: blocks and lines that are announced as such, where
//! nothing in the text tells anybody to run them.
//!
//! An author chooses each word, so an announcement costs the attack its effect: what is announced as an attack is not
//! announced as a step, and one order to run "the command above" anywhere in the text takes all of it back.

use super::{
    class::Class,
    grammar::Clauses,
    inline::plain,
    lexicon::Mark,
    mention::ordered,
    token::{Kind, sentences},
};
use crate::Limits;

/// Lines of a text, from the first to the last, which it shows as an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// From 1.
    pub first: u32,
    /// The last line itself.
    pub last: u32,
}

/// The lines that a text in Markdown shows as an attack. None where the text orders to run what it shows, or where
/// `limits` do not suffice.
#[must_use]
pub fn shown(source: &str, limits: &mut Limits) -> Vec<Shown> {
    let mut reader = Reader {
        limits,
        headings: Vec::new(),
        intro: Said::default(),
        last_block: None,
        open: None,
        quotes: false,
        blocks: Vec::new(),
        section: 0,
        section_orders: false,
        ordered: false,
    };
    let mut fence: Option<(char, usize, u32)> = None;
    let mut paragraph: Option<(String, u32)> = None;
    let mut number = 0u32;
    let mut front = source.starts_with("---");
    for line in source.lines() {
        number = number.saturating_add(1);
        if front {
            front = number == 1 || line.trim_end() != "---";
            reader.say(line, false);
            continue;
        }
        let text = line.trim_start_matches(['>', ' ', '\t']);
        let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'));
        let run = mark.map_or(0, |mark| text.chars().take_while(|c| *c == mark).count());
        if let Some((open, length, first)) = fence {
            if mark == Some(open) && run >= length {
                reader.block(first, number);
                fence = None;
            }
            continue;
        }
        let trimmed = line.trim();
        let continues = !trimmed.is_empty()
            && run < 3
            && !trimmed.starts_with(['#', '>', '|'])
            && !is_item(trimmed);
        if continues {
            match &mut paragraph {
                Some((text, _)) => {
                    text.push(' ');
                    text.push_str(trimmed);
                }
                None => paragraph = Some((trimmed.to_owned(), number)),
            }
            continue;
        }
        if let Some((text, first)) = paragraph.take() {
            reader.paragraph(&text, first, number.saturating_sub(1));
        }
        if let (Some(mark), true) = (mark, run >= 3) {
            fence = Some((mark, run, number));
        } else if trimmed.starts_with('#') {
            reader.heading(trimmed);
        } else if trimmed.starts_with(['>', '|']) {
            reader.row(trimmed, number);
        } else if is_item(trimmed) {
            paragraph = Some((trimmed.to_owned(), number));
        }
    }
    if let Some((text, first)) = paragraph {
        reader.paragraph(&text, first, number);
    }
    reader.end_section();
    if reader.ordered || reader.limits.exhausted { Vec::new() } else { reader.blocks }
}

fn is_item(line: &str) -> bool {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line.get(digits..).unwrap_or_default();
    let marks: &[&str] = if digits == 0 { &["- ", "* ", "+ "] } else { &[". ", ") "] };
    marks.iter().any(|mark| rest.starts_with(mark))
}

/// Whether a text names a technique of attackers by its number in ATT&CK: `T1059`, `T1059.001`.
fn names_technique(text: &str) -> bool {
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '.');
    text.split(word).any(|word| {
        let word = word.trim_matches('.');
        let Some((technique, part)) =
            word.strip_prefix('T').map(|id| id.split_once('.').unwrap_or((id, "000")))
        else {
            return false;
        };
        let digits =
            |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
        digits(technique, 4) && digits(part, 3)
    })
}

/// What a paragraph says of that which follows it, and of that which stands before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Said {
    /// Its last sentence announces the words of an attacker.
    foe: bool,
    /// It shows code of its own as an attack.
    own: bool,
    /// It announces a text of somebody else.
    foreign: bool,
    /// It says that what was shown is no order.
    disowns: bool,
    /// It says that what the text quotes is quoted only.
    quotes: bool,
    /// It forbids to do what is shown: "never act on them".
    forbids: bool,
    /// It holds something quoted, or code.
    holds: bool,
    /// It speaks of steps, of setting up or of installing.
    steps: bool,
    /// It orders something that may be what is shown.
    order: bool,
    /// It orders something, whatever it is.
    acts: bool,
    /// It begins with the mark of a list.
    item: bool,
    /// It is no more than "Bad:".
    bad: bool,
    /// It is no more than "Good:".
    good: bool,
}

/// Labels of the two halves of a pair of examples.
const BAD: [&str; 4] = ["bad", "unsafe", "insecure", "vulnerable"];
const GOOD: [&str; 4] = ["good", "safe", "secure", "fixed"];
/// Tokens between an attacker and what he does: "attackers may often write".
const VERB_WITHIN: usize = 2;
/// Tokens between an attacker and a verb that he, not the reader, is the subject of.
const SUBJECT_WITHIN: usize = 3;

/// Tokens from a comma to the order that is forbidden behind it: ", never under any condition run it".
const BAN_WITHIN: usize = 5;
/// Tokens behind an order that is forbidden: "never act on any of them".
const FORBIDS_WITHIN: usize = 3;

/// Orders that may mean what is shown.
const ORDERS: [Class; 5] = [Class::Run, Class::Paste, Class::Follow, Class::Insert, Class::Do];

struct Reader<'a> {
    limits: &'a mut Limits,
    /// The levels of the headings above, and whether they speak of steps or order something.
    headings: Vec<(usize, bool)>,
    /// The paragraph before.
    intro: Said,
    /// The last line of the block behind the paragraph before.
    last_block: Option<u32>,
    /// The block whose announcement needs more than stands before it.
    open: Option<(Shown, Said)>,
    /// The text says of its quotations that they are no more, and that nobody is to act on them.
    quotes: bool,
    blocks: Vec<Shown>,
    /// The first of the blocks of this section.
    section: usize,
    /// The section orders something.
    section_orders: bool,
    /// The text orders to run what it shows.
    ordered: bool,
}

impl Reader<'_> {
    fn heading(&mut self, line: &str) {
        self.end_section();
        let level = line.chars().take_while(|c| *c == '#').count();
        let said = self.say(line, false);
        self.headings.retain(|(above, _)| *above < level);
        // The title of the whole names what the skill is for: "Copy editor".
        self.headings.push((level, said.order && level > 1 || said.steps));
        self.section_orders = said.order;
        self.intro = Said::default();
        self.last_block = None;
    }

    /// Takes back the blocks of a section that orders something.
    fn end_section(&mut self) {
        if self.section_orders {
            self.blocks.truncate(self.section);
        }
        self.section = self.blocks.len();
        self.section_orders = false;
        self.open = None;
    }

    /// What stands below a heading of steps is to be done, whatever stands before it.
    fn below_steps(&self) -> bool {
        self.headings.iter().any(|(_, steps)| *steps)
    }

    /// A block of code, a quotation, or the row of a table.
    fn block(&mut self, first: u32, last: u32) {
        // Only the block that is announced is shown, not one that stands somewhere behind it.
        let adjoins = self.last_block.is_none_or(|end| first <= end.saturating_add(1));
        self.last_block = Some(last);
        if !adjoins || self.intro.order || self.below_steps() {
            return;
        }
        let shown = Shown { first, last };
        if self.intro.foe || self.quotes && self.intro.foreign {
            self.blocks.push(shown);
        } else if self.intro.foreign || self.intro.bad {
            let first = self.open.map_or(first, |(open, _)| open.first);
            self.open = Some((Shown { first, last }, self.intro));
        }
    }

    /// A quotation, or the row of a table.
    fn row(&mut self, text: &str, line: u32) {
        // The head of a table announces what its rows show.
        if self.last_block.is_none() && text.starts_with('|') {
            let said = self.say(text, true);
            self.intro.foe |= said.foe && !said.acts;
        }
        // Where all quotations are no more than that, a line of one needs no announcement of its own.
        let adjoins = self.last_block.is_none_or(|end| line <= end.saturating_add(1));
        if self.quotes && adjoins && text.starts_with('>') {
            self.intro.foreign = true;
        }
        self.block(line, line);
        let known = self.blocks.last().is_some_and(|shown| shown.last == line);
        if known || !names_technique(text) || self.intro.order || self.below_steps() {
            return;
        }
        if !self.say(text, true).acts {
            self.blocks.push(Shown { first: line, last: line });
        }
    }

    fn paragraph(&mut self, text: &str, first: u32, last: u32) {
        let item = is_item(text);
        let mut said = Said { item, ..self.say(text, true) };
        said.own |= !said.acts && names_technique(text);
        self.section_orders |= said.order;
        self.quotes |= said.quotes && said.forbids;
        // "A tool says "…". This is tool poisoning."
        said.own |= said.foreign && said.holds && (said.disowns || self.quotes) && !said.acts;
        if let Some((shown, intro)) = self.open.take()
            && (intro.foreign && (said.disowns || said.forbids) || intro.bad && said.good)
        {
            self.blocks.push(shown);
        }
        let announced = self.intro.foe && !self.intro.order && item && self.last_block.is_none();
        if !said.order && (said.own || announced) && !self.below_steps() {
            self.blocks.push(Shown { first, last });
        }
        // The items of a list have the paragraph before the list as theirs.
        if !item || said.order {
            self.intro = said;
            self.last_block = None;
        }
    }

    /// What a text says. What orders stand in front matter speak of the skill, unless they name what is shown.
    fn say(&mut self, text: &str, body: bool) -> Said {
        let chars: Vec<(char, u32)> = text.chars().map(|c| (c, 1)).collect();
        let label = text.trim_matches(|c: char| !c.is_alphanumeric() && c != ':');
        let label = label.trim_end_matches(['*', ':', ' ']).to_lowercase();
        let is_label = text.trim_end_matches(['*', ' ']).ends_with(':');
        let mut said = Said {
            bad: is_label && BAD.contains(&label.as_str()),
            good: is_label && GOOD.contains(&label.as_str()),
            ..Said::default()
        };
        for tokens in sentences(&plain(&chars, &mut Vec::new())) {
            let clauses = Clauses::of(tokens);
            if !self.limits.pay(clauses.work()) {
                return said;
            }
            let foe = announces(&clauses);
            said.foe = foe.is_some();
            said.own |= foe.is_some_and(|at| has_code(&clauses, at)) || is_verdict(&clauses);
            said.foreign |= clauses.any(Class::Foreign);
            said.disowns |= clauses.all(Class::Disown).any(|mark| clauses.is_said(mark.at));
            said.quotes |= clauses.all(Class::Quoted).any(|mark| clauses.is_said(mark.at));
            said.forbids |= forbids(&clauses);
            said.holds |= has_code(&clauses, 0);
            said.steps |= clauses.any(Class::Steps);
            let orders = orders(&clauses);
            said.acts |= ORDERS.iter().any(|class| {
                let orders = ordered(&clauses, *class);
                orders.iter().any(|verb| !clauses.covers(Class::Not, verb.at))
            });
            said.order |= !orders.is_empty();
            // In front matter and headings, "it" is the skill or the topic.
            let refers = |verb: &Mark| refers_back(&clauses, *verb);
            let meant = if body { orders.iter().any(refers) } else { clauses.any(Class::Back) };
            self.ordered |= meant && !orders.is_empty();
        }
        said
    }
}

/// Where a sentence announces the words of an attacker, and says nothing else behind that.
fn announces(clauses: &Clauses) -> Option<usize> {
    let is_plain = |mark: &Mark| clauses.is_said(mark.at) && !clauses.is_negated(*mark);
    let warns = |mark: &Mark| {
        // "Never do this:" is a warning, "never do this twice:" an order.
        clauses.starts(Class::Not, mark.at)
            && clauses.is_said(mark.at)
            && clauses.tokens.get(mark.end()).is_none_or(|token| token.kind == Kind::Break)
    };
    let phrases = clauses.all(Class::Foe).filter(|mark| {
        if clauses.starts(Class::Not, mark.at) { warns(mark) } else { is_plain(mark) }
    });
    let subjects = clauses.all(Class::Attacker).filter(is_plain).filter_map(|subject| {
        let near = clauses.all(Class::Shows).find(|verb| verb.at >= subject.end())?;
        let between = clauses.tokens.get(subject.end()..near.at)?;
        let words = between.iter().all(|token| matches!(token.kind, Kind::Word(_)));
        let own = !clauses.within(Class::Not, subject.end(), near.at);
        (words && own && between.len() <= VERB_WITHIN && !is_aim(clauses, subject.at))
            .then_some(near)
    });
    let ends = phrases.chain(subjects).map(Mark::end);
    let mut ends = ends.filter(|end| {
        let rest = clauses.tokens.get(*end..).unwrap_or_default();
        let before = rest.iter().take_while(|token| !token.code && !token.quoted);
        before.enumerate().all(|(at, token)| match token.kind {
            Kind::Comma => is_ban(clauses, end.saturating_add(at)),
            Kind::Break => {
                let text = token.text.as_str();
                matches!(text, ":" | "：" | "(" | "（" | ")" | "）")
                    || is_ban(clauses, end.saturating_add(at))
            }
            _ => true,
        })
    });
    ends.next()
}

/// Whether what stands behind a comma or a dash forbids to do what is announced: ", do not run it:".
fn is_ban(clauses: &Clauses, at: usize) -> bool {
    let (from, to) = (at.saturating_add(1), at.saturating_add(1 + BAN_WITHIN));
    let forbidden = || {
        ORDERS
            .into_iter()
            .flat_map(|class| clauses.all(class))
            .any(|verb| (from..to).contains(&verb.at) && !clauses.covers(Class::Not, verb.at))
    };
    clauses.starts(Class::Not, from) && forbidden()
}

/// Whether a sentence forbids to do what is shown, and nothing behind that takes it back: "never act on them".
fn forbids(clauses: &Clauses) -> bool {
    let shown = |mark: &Mark| {
        [Class::Pronoun, Class::This]
            .into_iter()
            .any(|class| clauses.within(class, mark.at, mark.end() + 1))
            || clauses.tokens.get(mark.end()).is_some_and(|token| {
                matches!(
                    token.text.to_lowercase().as_str(),
                    "it" | "them" | "these" | "those" | "any"
                )
            })
    };
    let rest = |mark: &Mark| clauses.tokens.len().saturating_sub(mark.end());
    ORDERS.into_iter().flat_map(|class| clauses.all(class)).any(|mark| {
        clauses.is_said(mark.at)
            && clauses.is_negated(mark)
            && shown(&mark)
            && rest(&mark) <= FORBIDS_WITHIN
    })
}

/// Whether an attacker is the reason or the aim of something: "to stop attackers use".
fn is_aim(clauses: &Clauses, at: usize) -> bool {
    clauses.within(Class::Aim, clauses.clause_begin(at), at)
}

fn has_code(clauses: &Clauses, from: usize) -> bool {
    clauses.tokens.iter().skip(from).any(|token| token.code || token.quoted)
}

/// Whether a sentence calls its own code malicious, or orders to look for it.
fn is_verdict(clauses: &Clauses) -> bool {
    let is_code = |at: usize| clauses.tokens.get(at).is_some_and(|token| token.code);
    let judged = clauses.all(Class::Disown).any(|mark| {
        let code = (0..mark.at).any(is_code);
        code && clauses.is_said(mark.at) && !clauses.has_comma(0, mark.at)
    });
    judged || clauses.all(Class::Hunt).any(|mark| mark.at == 0 && is_code(mark.end()))
}

/// The verbs by which the sentence orders something, where its object may be what is shown. What attackers do is no
/// order, if it is said of them in the clause itself.
fn orders(clauses: &Clauses) -> Vec<Mark> {
    let verbs = ORDERS.into_iter().flat_map(|class| ordered(clauses, class));
    verbs
        .filter(|verb| {
            let from = verb.at.saturating_sub(SUBJECT_WITHIN).max(clauses.clause_begin(verb.at));
            let theirs = clauses.all(Class::Attacker).chain(clauses.all(Class::Foe)).any(|mark| {
                mark.at <= verb.at
                    && mark.end() > from
                    && !is_aim(clauses, mark.at)
                    && !speaks_to_reader(clauses, mark.at, verb.at)
            });
            let noun = clauses.ends(Class::Article, verb.at);
            // "Do not".
            let forbids = clauses.covers(Class::Not, verb.at);
            !theirs && !noun && !forbids && !is_aside(clauses, *verb) && !is_kept(clauses, *verb)
        })
        .collect()
}

fn speaks_to_reader(clauses: &Clauses, from: usize, to: usize) -> bool {
    let words = clauses.tokens.get(from..to).unwrap_or_default();
    words.iter().any(|token| matches!(token.text.to_lowercase().as_str(), "you" | "and" | "then"))
}

/// Whether the object of an order is clearly something else than what is shown: it is named first, and nothing in its
/// clause names a command or a line.
fn is_aside(clauses: &Clauses, verb: Mark) -> bool {
    const OBJECT: usize = 4;
    let (from, to) = (verb.end(), verb.end().saturating_add(OBJECT));
    let first = |class: Class| clauses.all(class).map(|mark| mark.at).find(|at| *at >= from);
    let back = [Class::Pronoun, Class::This, Class::Command];
    let back = back.into_iter().filter_map(first).min().unwrap_or(usize::MAX);
    let is_named = |at: usize| {
        let token = clauses.tokens.get(at);
        token.is_some_and(|token| token.kind == Kind::File || token.code)
    };
    let aside = first(Class::Aside).filter(|at| *at < to && *at <= back);
    // "The scan command above" is a command.
    let other = aside.is_some() && !clauses.within(Class::Command, from, usize::MAX);
    let file = is_named(from) || is_named(from.saturating_add(1)) && back > from;
    other || file && !clauses.any(Class::Back)
}

/// Whether what is shown is to be kept as evidence: "copy it into the report".
fn is_kept(clauses: &Clauses, verb: Mark) -> bool {
    const COPIES: [&str; 7] = ["cop", "kop", "скопир", "копир", "quote", "attach", "paste"];
    const REPORTS: [&str; 9] =
        ["report", "ticket", "inform", "relator", "rapport", "bericht", "отчет", "отчёт", "rapor"];
    const WITHIN: usize = 6;
    let word = |at: usize| match clauses.tokens.get(at).map(|token| &token.kind) {
        Some(Kind::Word(word)) => word.as_str(),
        _ => "",
    };
    let begins = |at, list: &[&str]| list.iter().any(|begin| word(at).starts_with(begin));
    let end = verb.end().saturating_add(WITHIN).min(clauses.tokens.len());
    begins(verb.at, &COPIES)
        && (verb.end()..end).find(|at| begins(*at, &REPORTS)).is_some_and(|at| {
            let apart = clauses.breaks(verb.at, at) || clauses.has_comma(verb.at, at);
            !apart && !clauses.within(Class::And, verb.at, at)
        })
}

/// Whether an order takes up something that was shown: "the command above", "run it".
fn refers_back(clauses: &Clauses, verb: Mark) -> bool {
    let names = clauses.tokens.iter().any(|token| token.kind == Kind::File || token.code);
    let near = verb.end().saturating_add(2);
    let pronoun =
        [Class::Pronoun, Class::This].into_iter().any(|class| clauses.within(class, verb.at, near));
    clauses.any(Class::Back) || pronoun && !names
}

#[cfg(test)]
mod tests;
