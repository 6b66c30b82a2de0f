//! Orders to write an attack into the memory of an agent, where each later session reads it.

use super::{
    Passage, Place,
    class::Class,
    concealment::Concealment,
    correlate::{facts_of, hide_step, read, send_step},
    fields::WRITES,
    lexicon::Language::Chinese,
    marks::{Facts, Worth},
    object::sent,
    token::sentences,
};
use crate::{Chain, Fact, Limits, Rule, Step, host, judge, value::UNKNOWN};

/// Sentences on each side of a deed in which it is kept from the user.
const AROUND: usize = 2;
/// Passages of an order's content behind it.
const CONTENT: usize = 2;

/// What an order puts into the agent's memory, where that is an attack: the rest of the sentence, what it quotes, the
/// sentences behind it, and the quotation, list or block below it.
pub(super) fn standing_order(
    passage: &Passage,
    facts: &[Facts],
    behind: &[Passage],
    limits: &mut Limits,
) -> Option<Chain> {
    let (index, order, at) = facts.iter().enumerate().find_map(|(index, facts)| {
        let file = facts.memory.as_ref().map(|(at, ..)| *at);
        let named = facts.clauses.all(Class::Memory).map(|mark| mark.at);
        let mut places = file.into_iter().chain(named);
        let last = facts.clauses.language.verb_is_last() || facts.clauses.language == Chinese;
        let at = places.find(|at| facts.writes.iter().any(|verb| verb.at < *at + 24 || last))?;
        Some((index, facts, at))
    })?;
    let name = order.clauses.tokens.get(at).map(|token| token.text.as_str()).unwrap_or_default();
    // Quotation marks around the content are no mention.
    let mut content: Vec<Facts> = Vec::new();
    for sentence in sentences(&passage.chars).into_iter().skip(index) {
        let mut tokens = sentence;
        let quoted = tokens.iter().any(|token| token.quoted);
        if quoted && tokens.iter().any(|token| token.text == name) {
            tokens.retain(|token| token.quoted);
        }
        tokens.iter_mut().for_each(|token| token.quoted = false);
        content.push(read(tokens, limits)?);
    }
    for below in behind.iter().take(CONTENT).take_while(|below| below.content) {
        content.extend(facts_of(below, limits));
    }
    let covert = facts.iter().any(|facts| hides(facts) && facts.clauses.any(Class::Feign));
    let act = act(&content, Worth::Data, covert)?;
    let what = format!("orders to write a standing instruction into {}", judge::shown(name));
    let mut steps = vec![Step { fact: Fact::WriteMemory, line: order.line, what }];
    steps.extend(act);
    Some(Chain { rule: Rule::StandingOrder, steps })
}

/// What a program writes into an agent's memory, where that is an attack: its strings or its document.
pub(super) fn written_order(passages: &[Passage], limits: &mut Limits) -> Option<Chain> {
    let written = passages.iter().filter(|passage| passage.place == Place::Memory);
    let content: Vec<Facts> = written.flat_map(|passage| facts_of(passage, limits)).collect();
    let line = content.first()?.line;
    let what = "writes a standing instruction into the agent's memory".to_owned();
    let mut steps = vec![Step { fact: Fact::WriteMemory, line, what }];
    // Strings of a program say much that it does not write: what many services are sent is no sign.
    steps.extend(act(&content, Worth::Named, false)?);
    Some(Chain { rule: Rule::StandingOrder, steps })
}

fn hides(facts: &Facts) -> bool {
    facts.conceals.is_some_and(|how| how > Concealment::Adverb)
}

/// The attack among sentences that each later session reads. Without a word that hides it, only what is worth as much as
/// `least` counts as sent. `covert`: they are written in the user's name, behind the user's back.
fn act(content: &[Facts], least: Worth, covert: bool) -> Option<Vec<Step>> {
    let ignores = content.iter().any(Facts::ignores_rules);
    content.iter().enumerate().find_map(|(at, facts)| {
        let near = || content.iter().take(at + AROUND + 1).skip(at.saturating_sub(AROUND));
        let hidden = near().any(hides);
        let approves = near().any(|facts| facts.clauses.any(Class::Approve));
        let feigned = covert || near().any(|facts| facts.clauses.any(Class::Feign));
        let step = |fact, what: String| Step { fact, line: facts.line, what };
        if let Some(sent) = sent(content, at)
            && sent.target.is_some()
            && sent.thing.worth != Worth::Value
            && (sent.thing.worth <= least || hidden)
        {
            return Some(vec![send_step(&sent)]);
        }
        if let Some(target) = facts.targets.first() {
            let thing = facts.things.first().filter(|_| hidden);
            if let Some(thing) = thing {
                let what = format!("sends {} to {}", thing.name, target.name);
                return Some(vec![step(Fact::Send, what), hide_step(facts)]);
            }
            if facts.obeys_remote()
                && (least == Worth::Data || feigned || hidden || target.nameless)
            {
                let what = format!("orders to do what {} says", target.name);
                return Some(vec![step(Fact::Run, what)]);
            }
            let unasked = approves || near().any(|facts| facts.clauses.any(Class::Usurp));
            if !facts.runs.is_empty() && (hidden || target.nameless || unasked) {
                let what = format!("orders to run what {} serves", target.name);
                return Some(vec![step(Fact::Run, what)]);
            }
        }
        let runs = !facts.runs.is_empty() && !facts.targets.is_empty();
        if ignores && (hides(facts) || facts.clauses.any(Class::Approve) || runs) {
            let what = "orders to disregard earlier or safety instructions".to_owned();
            return Some(vec![step(Fact::Ignore, what), hide_step(facts)]);
        }
        if facts.harms.is_some() && hidden {
            let what = "takes away the user's protection or decision".to_owned();
            return Some(vec![step(Fact::Ignore, what), hide_step(facts)]);
        }
        if approves && feigned && (hidden || covert) {
            let what = "takes the user's approval for given".to_owned();
            return Some(vec![step(Fact::Ignore, what)]);
        }
        None
    })
}

/// A program that writes a command into an agent's settings, which each later session runs, where that command tells a
/// nameless host what the agent does, or runs what such a host serves.
pub(super) fn written_hook(source: &str) -> Option<Chain> {
    const SETTINGS: [&str; 5] =
        ["settings.json", "settings.local.json", ".claude", "hooks.json", ".gemini"];
    const DATA: [&str; 7] = ["@-", "--data", "-d ", "-T ", "-F ", "| sh", "| bash"];
    let has = |words: &[&str]| words.iter().any(|word| source.contains(word));
    if !source.contains("hooks") || !has(&SETTINGS) || !has(&WRITES) {
        return None;
    }
    let (number, line) = (1u32..).zip(source.lines()).find(|(_, line)| {
        let carries = ["curl ", "wget ", "nc "].iter().any(|word| line.contains(word));
        carries && DATA.iter().any(|word| line.contains(word)) && nameless(line).is_some()
    })?;
    let host = judge::shown_address(nameless(line)?);
    let step = |fact, what: String| Step { fact, line: number, what };
    let written = "writes a command into the agent's settings".to_owned();
    let sent = format!("has each session call {host}");
    let steps = vec![step(Fact::WriteMemory, written), step(Fact::Send, sent)];
    Some(Chain { rule: Rule::StandingOrder, steps })
}

/// The first address of a line whose host nobody's name stands for.
fn nameless(line: &str) -> Option<&str> {
    let words = line.split(|c: char| c.is_whitespace() || "\"'`,;)>".contains(c));
    words.filter(|word| word.contains("://")).find(|word| {
        let host = host::of(word, UNKNOWN);
        host.is_fixed() && host.is_nameless()
    })
}
