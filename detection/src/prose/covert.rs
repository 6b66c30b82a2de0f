//! Joins the facts of a few sentences around one that keeps a deed from the user, across the passages of a text.
//!
//! One who hides a deed from the person whom the agent works for has said that the deed is none that this person wants.
//! So what is hidden need not be tied to the hiding by the grammar: a secret and a way out of the machine, a guard that is
//! switched off, a right that is given or a decision that is taken away, a few sentences before or behind, are enough.

use super::{
    Passage, Place,
    class::Class,
    concealment::Concealment,
    correlate::hide_step,
    harm::Harm,
    lexicon::{Language, Mark},
    marks::{Facts, Target, Thing, Worth},
    object::takes_in,
    token::Kind,
};
use crate::{Chain, Fact, Rule, Step};

/// Sentences on each side of the one that hides.
const AROUND: usize = 4;
/// Passages on each side of it, in the open text.
const PASSAGES: usize = 2;
/// A verb of taking in stands this near to what it takes.
const NEAR: usize = 10;
/// Programs that carry data to a host.
const CARRIERS: [&str; 11] =
    ["curl", "wget", "nc", "scp", "rsync", "push", "sendbeacon", "fetch", "post", "put", "invoke"];

/// A sentence, and where it stands.
struct Sentence<'a> {
    facts: &'a Facts,
    /// Its number among all sentences.
    index: usize,
    passage: usize,
    place: Place,
}

/// The chains around each sentence that hides a deed. `all` are the facts of the passages that are read.
pub(super) fn covert(passages: &[Passage], all: &[(usize, Vec<Facts>)]) -> Vec<Chain> {
    let sentences: Vec<Sentence<'_>> = all
        .iter()
        .filter_map(|(at, facts)| Some((*at, passages.get(*at)?.place, facts)))
        .flat_map(|(passage, place, facts)| facts.iter().map(move |facts| (facts, passage, place)))
        .enumerate()
        .map(|(index, (facts, passage, place))| Sentence { facts, index, passage, place })
        .collect();
    let mut chains = Vec::new();
    let mut last = None;
    for (at, sentence) in sentences.iter().enumerate() {
        let starts = sentence.facts.hides_surely()
            || sentence.facts.lies
            || sentence.facts.diverts(sentence.place)
            || sentence.place == Place::Description && sentence.facts.mutes;
        if !starts || sentence.place == Place::Code {
            continue;
        }
        let near = sentences.iter().take(at + AROUND + 1).skip(at.saturating_sub(AROUND));
        let near: Vec<&Sentence<'_>> = near.filter(|other| adjoins(sentence, other)).collect();
        let window = Window { at: sentence, near };
        if let Some(chain) = window.chain().filter(|_| last.is_none_or(|last| at - last > AROUND)) {
            last = Some(at);
            chains.push(chain);
        }
    }
    chains
}

/// Whether two sentences are a part of one order. A field or a comment stands for itself.
fn adjoins(one: &Sentence<'_>, other: &Sentence<'_>) -> bool {
    let open = |place| matches!(place, Place::Open | Place::Code | Place::Row);
    // The rows of a table are short.
    let most = if other.place == Place::Row { PASSAGES * 2 } else { PASSAGES };
    one.passage == other.passage
        || one.place == Place::Open
            && open(other.place)
            && one.passage.abs_diff(other.passage) <= most
}

/// How the user is kept from knowing.
struct Silence<'a> {
    hides: Option<&'a Facts>,
    lies: Option<&'a Facts>,
    /// There is a lie, and a question that it answers.
    asked: bool,
}

struct Window<'a> {
    at: &'a Sentence<'a>,
    near: Vec<&'a Sentence<'a>>,
}

impl Window<'_> {
    /// The facts of what is said, not of code that is shown.
    fn said(&self) -> impl Iterator<Item = &Facts> {
        self.near.iter().filter(|near| near.place != Place::Code).map(|sentence| sentence.facts)
    }

    fn chain(&self) -> Option<Chain> {
        let hides = self.said().find(|facts| facts.hides_surely());
        let lies = self.said().find(|facts| facts.lies);
        // Who asks is the user, or is not named.
        let asks = |facts: &Facts| facts.clauses.any(Class::Asked) && !facts.is_of_client();
        let asked = lies.is_some() && self.said().any(asks);
        let spoken = self.at.place != Place::CodeComment
            || self.said().any(|facts| facts.clauses.any(Class::Agent));
        if !spoken {
            return None;
        }
        let (rule, first) = self.deed(&Silence { hides, lies, asked })?;
        let mut steps = vec![first];
        steps.extend(hides.map(hide_step));
        steps.extend(lies.map(|facts| Step {
            fact: Fact::Hide,
            line: facts.line,
            what: "orders to tell the user something else".to_owned(),
        }));
        Some(Chain { rule, steps })
    }

    fn deed(&self, silence: &Silence<'_>) -> Option<(Rule, Step)> {
        let hidden = silence.hides.is_some();
        let thing = self.thing();
        let described = self.at.place == Place::Description;
        if let Some((facts, target)) = self.way_out() {
            let name = thing.map_or("data", |thing| thing.name.as_str());
            if self.is_theft(silence, thing, facts, target) {
                let what = format!("sends {name} to {}", target.name);
                return Some((Rule::ConcealedDeed, step(Fact::Send, facts, what)));
            }
        }
        if let Some(facts) = self.said().find(|facts| facts.diverts(self.at.place)) {
            let what = "exchanges a recipient and confirms it in the user's place".to_owned();
            return Some((Rule::ConcealedDeed, step(Fact::Send, facts, what)));
        }
        if let Some(facts) = self.harm(silence) {
            let what = "orders what takes away the user's protection or decision".to_owned();
            return Some((Rule::ConcealedDeed, step(Fact::Run, facts, what)));
        }
        let mutes = self.said().any(|facts| facts.mutes);
        if described
            && let Some(thing) = thing
            && (hidden || silence.asked || mutes)
            && let Some(facts) = self.said().find(|facts| ships(facts))
        {
            let read = self.is_taken(thing);
            let counts = match thing.worth {
                Worth::Keys | Worth::File => hidden || silence.asked || read,
                Worth::Named => hidden || silence.asked,
                Worth::Value | Worth::Data => false,
            };
            if counts {
                let what = format!("makes {} a parameter of a tool", thing.name);
                return Some((Rule::ToolDescription, step(Fact::ReadSecret, facts, what)));
            }
        }
        // A program's own settings are copied for many reasons, keys and tokens for none that is hidden.
        if hidden
            && let Some(thing) = thing
            && thing.worth <= Worth::File
            && !thing.name.contains(".env")
            && self.is_taken(thing)
            && let Some(facts) = self.said().find(|facts| !facts.writes.is_empty() || ships(facts))
        {
            let what = format!("takes {} and puts it elsewhere", thing.name);
            return Some((Rule::ConcealedDeed, step(Fact::ReadSecret, facts, what)));
        }
        if hidden && let Some(facts) = self.said().find(|facts| facts.runs_decoded()) {
            let what = "orders to decode something and to run it".to_owned();
            return Some((Rule::ConcealedDeed, step(Fact::Run, facts, what)));
        }
        // One who has an excuse ready knows that the deed is none to be told of.
        let acts =
            |facts: &&Facts| !facts.writes.is_empty() || !facts.runs.is_empty() || ships(facts);
        if hidden
            && silence.lies.is_some()
            && self.is_against_user(thing)
            && let Some(facts) = self.said().find(acts)
        {
            let what = "orders a deed and an excuse for it".to_owned();
            return Some((Rule::ConcealedDeed, step(Fact::Run, facts, what)));
        }
        None
    }

    /// The sentence that orders what is against the user and is hidden. What honest work does too must itself be hidden: in
    /// its own sentence or in the next one.
    fn harm(&self, silence: &Silence<'_>) -> Option<&Facts> {
        let consent = self.said().any(|facts| facts.consent);
        let said = self.near.iter().filter(|near| near.place != Place::Code);
        said.filter(|near| near.facts.harms.is_some())
            .find(|near| match near.facts.harms {
                Some(Harm::Strong) => {
                    (silence.hides.is_some() || silence.asked) && !near.facts.consent
                }
                _ => {
                    !consent
                        && self.near.iter().any(|other| {
                            other.facts.hides_surely()
                                && other.index.abs_diff(near.index) <= 1
                                && (other.facts.names_user()
                                    || other.facts.clauses.any(Class::Venue))
                        })
                }
            })
            .map(|near| near.facts)
    }

    /// Whether what goes to a host is taken from the user.
    fn is_theft(
        &self,
        silence: &Silence<'_>,
        thing: Option<&Thing>,
        facts: &Facts,
        target: &Target,
    ) -> bool {
        let hidden = silence.hides.is_some();
        let excused = hidden || silence.asked;
        let consent = self.said().any(|facts| facts.consent);
        let near = self.at.facts.line.abs_diff(facts.line) <= 3;
        let spares = target.mail && silence.hides.is_some_and(Facts::spares_client);
        match thing.map(|thing| thing.worth) {
            // No player and no customer is a reason to send a private key away; a program's settings may be read for them.
            Some(Worth::Keys) => {
                excused || self.said().any(|facts| facts.conceals == Some(Concealment::Deed))
            }
            Some(Worth::File) => excused,
            Some(Worth::Named) => hidden && !(consent || self.is_own_token(target)),
            Some(Worth::Value | Worth::Data) => {
                let named = silence
                    .hides
                    .is_some_and(|facts| facts.names_user() || facts.clauses.any(Class::Venue));
                named
                    && !consent
                    && !self.is_own_token(target)
                    && (silence.asked || near && !spares)
                    || self.at.place == Place::Description && silence.lies.is_some()
            }
            None => hidden && silence.lies.is_some() && !consent,
        }
    }

    /// The most valuable thing that is named, unless it is forbidden or only reported.
    fn thing(&self) -> Option<&Thing> {
        let all = self
            .near
            .iter()
            .flat_map(|near| near.facts.things.iter().filter(|thing| is_taken_along(near, thing)));
        all.min_by_key(|thing| thing.worth)
    }

    /// Whether there is more to excuse than a file that is written: something leaves the machine, a secret is taken, a right is
    /// given, the agent's memory is written, the order itself stands where people do not see it, or a question for
    /// permission is answered with the excuse.
    fn is_against_user(&self, thing: Option<&Thing>) -> bool {
        self.at.place.is_hidden()
            || self.said().any(|facts| {
                !facts.targets.is_empty()
                    || facts.harms.is_some()
                    || facts.memory.is_some()
                    || facts.clauses.any(Class::Memory)
                    || facts.lies && facts.clauses.any(Class::Guard)
            })
            || thing.is_some_and(|thing| thing.worth <= Worth::Named && self.is_taken(thing))
    }

    /// Whether a token is sent to the service whose name it bears: `ACME_TOKEN` to `api.acme.com`.
    fn is_own_token(&self, target: &Target) -> bool {
        let host = target.name.to_lowercase();
        self.said().any(|facts| {
            let words = facts.clauses.tokens.iter().flat_map(|token| {
                token.text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
            });
            // As variables of the environment are written.
            let words: Vec<&str> =
                words.filter(|word| !word.chars().any(char::is_lowercase)).collect();
            words.windows(2).any(|pair| match pair {
                [name, "TOKEN" | "KEY" | "SECRET" | "API"] => {
                    name.len() > 3 && host.contains(&name.to_lowercase())
                }
                _ => false,
            })
        })
    }

    /// Whether an order takes the thing in.
    fn is_taken(&self, thing: &Thing) -> bool {
        self.said()
            .any(|facts| facts.things.iter().any(|own| own == thing && takes_in(facts, own, NEAR)))
    }

    /// A sentence that carries something to a fixed host.
    fn way_out(&self) -> Option<(&Facts, &Target)> {
        self.near.iter().find_map(|near| {
            let facts = near.facts;
            let target = facts.targets.iter().find(|target| is_meant(near, target.at))?;
            let filled = facts.clauses.tokens.get(target.at).is_some_and(|t| t.text.contains('?'));
            (filled || ships(facts)).then_some((facts, target))
        })
    }
}

fn step(fact: Fact, facts: &Facts, what: String) -> Step {
    Step { fact, line: facts.line, what }
}

/// Whether a thing is spoken of in an order: neither quoted, forbidden nor reported.
fn is_meant(sentence: &Sentence<'_>, at: usize) -> bool {
    let facts = sentence.facts;
    // What code quotes is what it works on.
    let code = sentence.place == Place::Code;
    let mark = Mark { class: Class::Keys, at, length: 1 };
    facts.clauses.tokens.get(at).is_some_and(|token| code || !token.quoted)
        && !facts.clauses.is_negated(mark)
        && !facts.clauses.is_reported(at)
}

/// Whether a thing is meant and handled: a file of secrets wherever it is named, what has only a name where it is taken in
/// or where a host is named, but not where it is removed.
fn is_taken_along(sentence: &Sentence<'_>, thing: &Thing) -> bool {
    let facts = sentence.facts;
    // Chinese is read letter by letter.
    let before = if facts.clauses.language == Language::Chinese { 12 } else { 4 };
    let removed = facts.clauses.within(Class::Disarm, thing.at.saturating_sub(before), thing.at);
    is_meant(sentence, thing.at)
        && (thing.worth <= Worth::File
            || sentence.place == Place::Description
            || !removed && (!facts.targets.is_empty() || takes_in(facts, thing, NEAR)))
}

/// Whether a sentence carries something away: as an order, in the passive, or by a program.
fn ships(facts: &Facts) -> bool {
    let clauses = &facts.clauses;
    !facts.sends.is_empty()
        || clauses.all(Class::Ship).any(|mark| {
            clauses.is_said(mark.at) && !clauses.is_reported(mark.at) && !clauses.is_negated(mark)
        })
        || clauses.tokens.iter().any(|token| {
            !token.quoted
                && matches!(&token.kind, Kind::Word(word) if CARRIERS.contains(&word.as_str()))
        })
}

impl Facts {
    /// Whether it is sure that a deed is kept from the user.
    fn hides_surely(&self) -> bool {
        self.conceals == Some(Concealment::Deed)
            && !self.is_of_client()
            && (self.names_user() || !self.is_public())
    }

    /// Whether the only persons who are named are those whom the user deals with: a customer, a player.
    fn is_of_client(&self) -> bool {
        self.clauses.any(Class::Client) && !self.names_user()
    }

    /// Whether it speaks of a place that the public reads, from which much is kept that the user knows.
    fn is_public(&self) -> bool {
        self.clauses.tokens.iter().any(|token| token.text.eq_ignore_ascii_case("public"))
    }

    /// Whether a recipient is exchanged and the user's confirmation taken for given.
    fn diverts(&self, place: Place) -> bool {
        let redirects = !self.clauses.orders(Class::Redirect).is_empty()
            || place == Place::Description && !self.writes.is_empty();
        self.clauses.any(Class::Recipient)
            && redirects
            && !self.consent
            && self.clauses.all(Class::Usurp).any(|mark| self.clauses.is_said(mark.at))
    }

    /// Whether something is to be decoded and then run.
    fn runs_decoded(&self) -> bool {
        !self.runs.is_empty() && !self.clauses.orders(Class::Decode).is_empty()
    }
}

#[cfg(test)]
mod tests;
