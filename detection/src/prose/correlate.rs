//! Joins the facts of sentences that adjoin into chains.

use super::{
    Passage, Place,
    class::Class,
    concealment::Concealment,
    covert::covert,
    grammar::Clauses,
    lexicon::Mark,
    marks::{Facts, Target, Thing, Worth},
    object::{Sent, sent, takes_in},
    standing::{standing_order, written_order},
    token::{Sentence, sentences},
};
use crate::{Chain, Fact, Limits, Rule, Step, judge};

/// Chains of one text that are kept: more say the same.
const MAX_CHAINS: usize = 30;

/// The chains of all passages, as far as the work suffices.
pub(super) fn chains(passages: &[Passage], limits: &mut Limits) -> Vec<Chain> {
    let mut found = Vec::new();
    let mut read = Vec::new();
    for (at, passage) in passages.iter().enumerate() {
        if passage.place == Place::Code {
            read.push((at, facts_of(passage, limits)));
            continue;
        }
        if passage.shown || passage.place == Place::Memory {
            continue;
        }
        let facts = facts_of(passage, limits);
        if passage.place == Place::Row {
            read.push((at, facts));
            continue;
        }
        let mut reader = Reader { place: passage.place, facts: &facts, chains: Vec::new() };
        reader.read();
        found.append(&mut reader.chains);
        let behind = passages.get(at + 1..).unwrap_or_default();
        found.extend(standing_order(passage, &facts, behind, limits));
        read.push((at, facts));
        if found.len() >= MAX_CHAINS || limits.exhausted {
            break;
        }
    }
    found.extend(written_order(passages, limits));
    // What is already told is not told again.
    let told: Vec<_> =
        found.iter().filter(|chain| chain.rule.blocks()).map(Chain::first_line).collect();
    let near = |line: u32| told.iter().any(|told| told.abs_diff(line) <= 3);
    found.extend(covert(passages, &read).into_iter().filter(|chain| !near(chain.first_line())));
    found.truncate(MAX_CHAINS);
    found.sort_by_key(Chain::first_line);
    found
}

/// The facts of a passage's sentences, up to the one for which the work does not suffice.
pub(super) fn facts_of(passage: &Passage, limits: &mut Limits) -> Vec<Facts> {
    let sentences = sentences(&passage.chars).into_iter();
    sentences.map_while(|tokens| read(tokens, limits)).collect()
}

/// The facts of a sentence, for which the work is taken from the limits.
pub(super) fn read(tokens: Sentence, limits: &mut Limits) -> Option<Facts> {
    let clauses = Clauses::of(tokens);
    (limits.pay(clauses.work()) && !limits.exhausted).then(|| Facts::of(clauses))
}

pub(super) fn hide_step(facts: &Facts) -> Step {
    let what = "orders to keep it from the user".to_owned();
    Step { fact: Fact::Hide, line: facts.line, what }
}

pub(super) fn send_step(sent: &Sent) -> Step {
    let target =
        sent.target.as_ref().map_or("a parameter of a tool", |target| target.name.as_str());
    Step { fact: Fact::Send, line: sent.line, what: format!("orders to send it to {target}") }
}

struct Reader<'a> {
    place: Place,
    facts: &'a [Facts],
    chains: Vec<Chain>,
}

impl Reader<'_> {
    fn read(&mut self) {
        for at in 0..self.facts.len() {
            if let Some((rule, mut steps)) = self.chain(at) {
                let near = self.near(at).any(|facts| facts.disguised);
                if let Some(line) = self.facts.get(at).map(|facts| facts.line) {
                    if self.place.is_hidden() {
                        let what = "stands where people do not see it".to_owned();
                        steps.insert(0, Step { fact: Fact::HiddenPlace, line, what });
                    }
                    if near {
                        let what =
                            "is written in letters that look like others, or with invisible ones"
                                .to_owned();
                        steps.insert(0, Step { fact: Fact::Disguise, line, what });
                    }
                }
                self.chains.push(Chain { rule, steps });
            }
        }
    }

    /// A sentence and those that adjoin it.
    fn near(&self, at: usize) -> impl Iterator<Item = &Facts> {
        self.facts.iter().take(at + 2).skip(at.saturating_sub(1))
    }

    /// The nearest sentence that keeps the deed of sentence `at` from the user. A pronoun may mean a value that is named
    /// nearby.
    fn hides(&self, at: usize) -> Option<(&Facts, Concealment)> {
        let value =
            self.near(at).any(|facts| facts.things.iter().any(|thing| thing.worth == Worth::Value));
        self.near(at)
            .filter_map(|facts| facts.conceals.map(|how| (facts, how)))
            .filter(|(_, how)| *how != Concealment::Pronoun || !value)
            .max_by_key(|(_, how)| *how)
    }

    fn chain(&self, at: usize) -> Option<(Rule, Vec<Step>)> {
        let facts = self.facts.get(at)?;
        let hides = self.hides(at);
        let surely = hides.filter(|(_, how)| *how > Concealment::Adverb);
        let ignores = self.near(at).find(|facts| facts.ignores_rules());
        let texts = self.near(at).find(|facts| facts.ignores.is_some());
        let consent = self.near(at).any(|facts| facts.consent);
        let hidden = self.place.is_hidden();
        let told = self.place != Place::CodeComment
            || self.near(at).any(|facts| facts.clauses.any(Class::Agent));
        let context = Context {
            surely: surely.map(|(facts, _)| facts),
            hides: hides.map(|(facts, _)| facts),
            ignores,
            texts,
            consent,
            hidden,
        };
        if !told && surely.is_none() && ignores.is_none() {
            return None;
        }
        if let Some(sent) = sent(self.facts, at) {
            let described = self.place == Place::Description;
            if let Some(rule) = self.judge_sending(&sent, &context, described, at) {
                let read = Step {
                    fact: Fact::ReadSecret,
                    line: sent.thing.line,
                    what: format!("names {}", sent.thing.name),
                };
                let mut steps = vec![read, send_step(&sent)];
                steps.extend(context.steps());
                return Some((rule, steps));
            }
        }
        self.judge_parameter(at, &context).or_else(|| self.judge_others(facts, at, &context))
    }

    /// A parameter is said to be a secret, and that is required before anything else or kept from the user.
    fn judge_parameter(&self, at: usize, context: &Context<'_>) -> Option<(Rule, Vec<Step>)> {
        let facts = self.facts.get(at)?;
        let described = self.place == Place::Description;
        if context.consent || !described && !facts.clauses.any(Class::Parameter) {
            return None;
        }
        let forced = self.near(at).any(|facts| facts.clauses.any(Class::Forced));
        let most = if context.surely.is_some() { Worth::Value } else { Worth::File };
        let takes =
            facts.clauses.any(Class::Parameter) || !facts.clauses.orders(Class::Read).is_empty();
        let thing = facts.things.iter().filter(|thing| thing.worth <= most).find(|thing| {
            let mark = Mark { class: Class::Keys, at: thing.at, length: 1 };
            !facts.clauses.is_negated(mark) && !facts.clauses.is_reported(thing.at)
        })?;
        if !takes || context.surely.is_none() && !(forced && facts.clauses.any(Class::Parameter)) {
            return None;
        }
        let line = facts.line;
        let what = format!("makes {} a parameter of a tool", thing.name);
        let mut steps = vec![Step { fact: Fact::ReadSecret, line, what }];
        steps.extend(context.steps());
        Some((Rule::ToolDescription, steps))
    }

    /// Something is sent: is there an honest reading?
    fn judge_sending(
        &self,
        sent: &Sent,
        context: &Context<'_>,
        described: bool,
        at: usize,
    ) -> Option<Rule> {
        let worth = sent.thing.worth;
        let covert = context.surely.is_some() || context.ignores.is_some();
        let Some(target) = &sent.target else {
            // Into a parameter of a tool.
            let forced = self.near(at).any(|facts| facts.clauses.any(Class::Forced));
            let reason = covert || forced && worth != Worth::Named;
            return match worth {
                Worth::Keys | Worth::File if reason => Some(Rule::ToolDescription),
                Worth::Named if covert || described && forced => Some(Rule::ToolDescription),
                Worth::Value if covert && described => Some(Rule::ToolDescription),
                Worth::Keys => Some(Rule::ToldInDoubt),
                _ => None,
            };
        };
        match worth {
            Worth::Keys if context.consent && !covert => Some(Rule::ToldInDoubt),
            Worth::Keys => Some(Rule::ToldToSend),
            Worth::File | Worth::Named if context.consent && !covert => None,
            Worth::File | Worth::Named if target.nameless || covert || context.hidden => {
                Some(Rule::ToldToSend)
            }
            Worth::File | Worth::Named if context.hides.is_some() => Some(Rule::ToldToSend),
            Worth::File => Some(Rule::ToldInDoubt),
            Worth::Named => None,
            Worth::Value | Worth::Data if context.surely.is_some() && !context.consent => {
                let spares = context.surely.is_some_and(Facts::spares_client);
                Some(if spares { Rule::ToldInDoubt } else { Rule::ConcealedDeed })
            }
            Worth::Value | Worth::Data if context.ignores.is_some() => Some(Rule::OverrideAndAct),
            Worth::Value | Worth::Data => context.texts.map(|_| Rule::ToldInDoubt),
        }
    }

    /// Nothing is sent, or nothing of worth.
    fn judge_others(
        &self,
        facts: &Facts,
        at: usize,
        context: &Context<'_>,
    ) -> Option<(Rule, Vec<Step>)> {
        let line = facts.line;
        let step = |fact, what: &str| Step { fact, line, what: what.to_owned() };
        let target = facts.targets.first();
        let runs_remote = (!facts.runs.is_empty()
            || !facts.clauses.orders(Class::Paste).is_empty())
            && target.is_some();
        let reads = read_secret(facts);
        let covert = context.surely.is_some();
        let acts = |first: Step| {
            let mut steps = vec![first];
            steps.extend(context.steps());
            steps
        };
        if let Some(thing) = reads.filter(|thing| thing.worth == Worth::Keys) {
            let first = step(Fact::ReadSecret, &format!("orders to read {}", thing.name));
            if covert {
                return Some((Rule::ConcealedDeed, acts(first)));
            }
            if context.ignores.is_some() {
                return Some((Rule::OverrideAndAct, acts(first)));
            }
            if context.texts.is_some() {
                return Some((Rule::ToldInDoubt, acts(first)));
            }
            if self.place == Place::Invisible || self.place == Place::Encoded {
                return Some((Rule::HiddenOrder, acts(first)));
            }
        }
        if runs_remote && !context.consent {
            let name = target.map_or("", |target| target.name.as_str());
            let first = step(Fact::Run, &format!("orders to run what {name} serves"));
            if let Some(rule) = self.judge_running(facts, target, context) {
                return Some((rule, acts(first)));
            }
        }
        if facts.obeys_remote() && !context.consent {
            let name = target.map_or("", |target| target.name.as_str());
            let nameless = target.is_some_and(|target| target.nameless);
            let feigned = self.near(at).any(|facts| facts.clauses.any(Class::Feign));
            if covert || nameless || feigned || self.place.is_hidden() || context.ignores.is_some()
            {
                let first = step(Fact::Run, &format!("orders to do what {name} says"));
                return Some((Rule::RemoteOrders, acts(first)));
            }
        }
        if facts.redirects() && covert && !context.consent {
            let name = target.map_or("", |target| target.name.as_str());
            let first = step(Fact::Send, &format!("exchanges the recipient for {name}"));
            return Some((Rule::ConcealedDeed, acts(first)));
        }
        let settings =
            facts.memory.as_ref().filter(|(.., settings)| *settings && !facts.writes.is_empty());
        if let Some((_, name, _)) = settings.filter(|_| covert && !context.consent) {
            let first =
                step(Fact::WriteMemory, &format!("orders to write into {}", judge::shown(name)));
            return Some((Rule::ConcealedDeed, acts(first)));
        }
        if facts.ignores_rules() && covert {
            return Some((Rule::OverrideAndAct, context.steps()));
        }
        None
    }

    /// What a host serves is to be run.
    fn judge_running(
        &self,
        facts: &Facts,
        target: Option<&Target>,
        context: &Context<'_>,
    ) -> Option<Rule> {
        let nameless = target.is_some_and(|target| target.nameless);
        let pastes =
            !facts.clauses.orders(Class::Paste).is_empty() && facts.clauses.any(Class::Command);
        if context.surely.is_some() && self.place.is_hidden() {
            Some(Rule::HiddenOrder)
        } else if context.surely.is_some() {
            Some(Rule::ConcealedDeed)
        } else if context.ignores.is_some() {
            Some(Rule::OverrideAndAct)
        } else if self.place.is_hidden() && nameless {
            Some(Rule::HiddenOrder)
        } else {
            (pastes && nameless).then_some(Rule::ToldToPaste)
        }
    }
}

/// What stands around a deed.
struct Context<'a> {
    surely: Option<&'a Facts>,
    hides: Option<&'a Facts>,
    ignores: Option<&'a Facts>,
    /// Where at least texts are to be disregarded.
    texts: Option<&'a Facts>,
    consent: bool,
    hidden: bool,
}

impl Context<'_> {
    fn steps(&self) -> Vec<Step> {
        let ignore = self.ignores.or(self.texts).map(|facts| Step {
            fact: Fact::Ignore,
            line: facts.line,
            what: "orders to disregard earlier or safety instructions".to_owned(),
        });
        ignore.into_iter().chain(self.hides.map(hide_step)).collect()
    }
}

/// The secret that the sentence orders to read.
fn read_secret(facts: &Facts) -> Option<&Thing> {
    const NEAR: usize = 12;
    let read = facts.things.iter().filter(|thing| takes_in(facts, thing, NEAR));
    read.min_by_key(|thing| thing.worth)
}
