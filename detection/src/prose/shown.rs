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
        blocks: Vec::new(),
        ordered: false,
    };
    let mut fence: Option<(char, usize, u32)> = None;
    let mut paragraph: Option<(String, u32)> = None;
    let mut number = 0u32;
    for line in source.lines() {
        number = number.saturating_add(1);
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
            reader.block(number, number);
        } else if is_item(trimmed) {
            paragraph = Some((trimmed.to_owned(), number));
        }
    }
    if let Some((text, first)) = paragraph {
        reader.paragraph(&text, first, number);
    }
    if reader.ordered || reader.limits.exhausted { Vec::new() } else { reader.blocks }
}

fn is_item(line: &str) -> bool {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line.get(digits..).unwrap_or_default();
    let marks: &[&str] = if digits == 0 { &["- ", "* ", "+ "] } else { &[". ", ") "] };
    marks.iter().any(|mark| rest.starts_with(mark))
}

/// What a line says of that which follows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Said {
    /// Its last sentence speaks of attacks.
    foe: bool,
    /// It speaks of steps, of setting up or of installing.
    steps: bool,
    /// It orders to run or to follow something.
    order: bool,
    /// It begins with the mark of a list.
    item: bool,
}

struct Reader<'a> {
    limits: &'a mut Limits,
    /// The levels of the headings above, and what each says.
    headings: Vec<(usize, Said)>,
    /// The paragraph before.
    intro: Said,
    blocks: Vec<Shown>,
    /// The text orders to run what it shows.
    ordered: bool,
}

impl Reader<'_> {
    fn heading(&mut self, line: &str) {
        let level = line.chars().take_while(|c| *c == '#').count();
        let said = self.say(line);
        self.headings.retain(|(above, _)| *above < level);
        self.headings.push((level, said));
        self.intro = Said::default();
    }

    /// A heading of attacks is above, and none of steps.
    fn below_foe(&self) -> bool {
        self.headings.iter().any(|(level, said)| *level > 1 && said.foe) && !self.below_steps()
    }

    /// What stands below a heading of steps is to be done, whatever stands before it.
    fn below_steps(&self) -> bool {
        self.headings.iter().any(|(_, said)| said.order || said.steps && !said.foe)
    }

    /// A block of code, a quotation, or the row of a table.
    fn block(&mut self, first: u32, last: u32) {
        let announced = self.intro.foe && !self.below_steps() || self.below_foe();
        if announced && !self.intro.order {
            self.blocks.push(Shown { first, last });
        }
    }

    fn paragraph(&mut self, text: &str, first: u32, last: u32) {
        let said = Said { item: is_item(text), ..self.say(text) };
        let announced = self.intro.foe && !self.intro.order && said.item;
        if !said.order && ((said.foe || announced) && !self.below_steps() || self.below_foe()) {
            self.blocks.push(Shown { first, last });
        }
        // The items of a list have the paragraph before the list as theirs.
        if !said.item || said.order {
            self.intro = said;
        }
    }

    fn say(&mut self, text: &str) -> Said {
        let chars: Vec<(char, u32)> = text.chars().map(|c| (c, 1)).collect();
        let mut said = Said::default();
        for tokens in sentences(&plain(&chars, &mut Vec::new())) {
            let clauses = Clauses::of(tokens);
            if !self.limits.pay(clauses.work()) {
                return said;
            }
            let own = |class| clauses.all(class).any(|mark| clauses.is_said(mark.at));
            said.foe = own(Class::Foe) || own(Class::Say);
            said.steps |= own(Class::Steps);
            let order = orders(&clauses);
            said.order |= order.is_some();
            self.ordered |= order.is_some_and(|at| refers_back(&clauses, at));
        }
        said
    }
}

/// The end of a verb by which the sentence orders to run, paste or follow something. What attackers do is no order, if it
/// is said of them in the clause itself.
fn orders(clauses: &Clauses) -> Option<usize> {
    let verbs = [Class::Run, Class::Paste, Class::Follow].map(|class| ordered(clauses, class));
    let verb = verbs.into_iter().flatten().find(|verb| {
        let begin = clauses.clause_begin(verb.at);
        let theirs = [Class::Foe, Class::Say];
        !theirs.into_iter().any(|class| clauses.within(class, begin, verb.at))
            && !clauses.ends(Class::Article, verb.at)
    });
    verb.map(Mark::end)
}

/// Whether an order takes up something that was shown: "the command above", "run it".
fn refers_back(clauses: &Clauses, verb: usize) -> bool {
    let names = clauses.tokens.iter().any(|token| token.kind == Kind::File || token.code);
    let pronoun = [Class::Pronoun, Class::This]
        .into_iter()
        .any(|class| clauses.within(class, verb, verb.saturating_add(2)));
    clauses.any(Class::Back) || pronoun && !names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::LIMITS;

    /// Whether the line that holds the payload is shown as an attack.
    fn is_shown(text: &str) -> bool {
        let mut limits = LIMITS;
        let at = text.lines().position(|line| line.contains("PAYLOAD")).unwrap() + 1;
        let at = u32::try_from(at).unwrap();
        shown(text, &mut limits).iter().any(|shown| (shown.first..=shown.last).contains(&at))
    }

    #[test]
    fn what_is_announced_as_an_attack_is_shown() {
        for text in [
            "Attackers often use this:\n\n```sh\nPAYLOAD\n```\n",
            "## Indicators of compromise\n\n| a | `PAYLOAD` |\n",
            "Look for `PAYLOAD` in the history.\n",
            "Known malicious lines:\n\n- `PAYLOAD`\n",
            "Ejemplos (nadie debe seguirlos):\n\n> \"Pegue este comando: `PAYLOAD`\"\n",
            "Worked example of an attack: \"a hook runs `PAYLOAD`\".\n",
            "Beispiele für Angriffe:\n\n> Fuehre das aus: PAYLOAD\n",
            "Exemples d'attaques :\n\n> PAYLOAD\n",
            "Exemplos de ataques:\n\n> PAYLOAD\n",
            "Примеры атак:\n\n> PAYLOAD\n",
            "攻击示例：\n\n> PAYLOAD\n",
            "攻撃の例です：\n\n> PAYLOAD\n",
            "공격 예시:\n\n> PAYLOAD\n",
            "Saldırı örnekleri:\n\n> PAYLOAD\n",
        ] {
            assert!(is_shown(text), "{text}");
        }
    }

    #[test]
    fn no_announcement_hides_what_the_text_orders_to_run() {
        for text in [
            "```sh\nPAYLOAD\n```\n",
            "Never skip this malicious-looking step, run it:\n\n```sh\nPAYLOAD\n```\n",
            "Attackers use this:\n\n```sh\nPAYLOAD\n```\n\nNow run the command above.\n",
            "Never do this:\n\n```sh\nPAYLOAD\n```\n\nBut first, run it once to be sure.\n",
            "## Setup\n\nYour system may report a threat:\n\n```sh\nPAYLOAD\n```\n",
            "## Installation\n\n### Suspicious files\n\n```sh\nPAYLOAD\n```\n",
            "To stop attackers, run this:\n\n```sh\nPAYLOAD\n```\n",
            "Windows may call the file malicious. Paste this into PowerShell:\n\n```\nPAYLOAD\n```\n",
            "Attacks are common. The helper is small:\n\n```sh\nPAYLOAD\n```\n",
            "Angriffe:\n\n```sh\nPAYLOAD\n```\n\nFühre diesen Befehl aus.\n",
            "Ataques:\n\n```sh\nPAYLOAD\n```\n\nEjecuta el comando anterior.\n",
            "攻击示例：\n\n```sh\nPAYLOAD\n```\n\n现在执行上面的命令。\n",
        ] {
            assert!(!is_shown(text), "{text}");
        }
    }
}
