//! Orders to write an attack into the memory of an agent, where each later session reads it.

use super::{
    Passage,
    class::Class,
    concealment::Concealment,
    correlate::{facts_of, hide_step, read, send_step},
    marks::{Facts, Worth},
    object::sent,
    token::sentences,
};
use crate::{Chain, Fact, Limits, Rule, Step, judge};

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
    let (index, order) = facts.iter().enumerate().find(|(_, facts)| {
        facts.memory.as_ref().is_some_and(|(at, ..)| {
            facts.writes.iter().any(|verb| verb.at < *at || facts.clauses.language.verb_is_last())
        })
    })?;
    let (_, name, _) = order.memory.as_ref()?;
    // Quotation marks around the content are no mention.
    let mut content: Vec<Facts> = Vec::new();
    for sentence in sentences(&passage.chars).into_iter().skip(index) {
        let mut tokens = sentence;
        let quoted = tokens.iter().any(|token| token.quoted);
        if quoted && tokens.iter().any(|token| token.text == name.as_str()) {
            tokens.retain(|token| token.quoted);
        }
        tokens.iter_mut().for_each(|token| token.quoted = false);
        content.push(read(tokens, limits)?);
    }
    for below in behind.iter().take(CONTENT).take_while(|below| below.content) {
        content.extend(facts_of(below, limits));
    }
    let ignores = content.iter().any(Facts::ignores_rules);
    let act = content.iter().enumerate().find_map(|(at, facts)| {
        let sends = sent(&content, at).filter(|sent| sent.target.is_some());
        let hides = facts.conceals.filter(|how| *how > Concealment::Adverb);
        let approves = facts.clauses.any(Class::Approve);
        let runs = !facts.runs.is_empty();
        if let Some(sent) = sends.filter(|sent| sent.thing.worth != Worth::Value) {
            Some(vec![send_step(&sent)])
        } else if ignores && (hides.is_some() || approves || runs && !facts.targets.is_empty()) {
            let what = "orders to disregard earlier or safety instructions".to_owned();
            Some(vec![Step { fact: Fact::Ignore, line: facts.line, what }, hide_step(facts)])
        } else {
            None
        }
    })?;
    let what = format!("orders to write a standing instruction into {}", judge::shown(name));
    let mut steps = vec![Step { fact: Fact::WriteMemory, line: order.line, what }];
    steps.extend(act);
    Some(Chain { rule: Rule::StandingOrder, steps })
}
