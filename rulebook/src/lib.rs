//! The bundled rule pack, and what is said of each of its rules and of each chain.
//!
//! One [`Entry`] holds what the page `/rules/{id}` and `skillgate-scanner rules explain` show: the parts of the rule's
//! message, its tags, an example that it reports and a look-alike that it leaves alone. Nothing is written twice: the
//! words are the `message` and `metadata` of the rule's YAML or, of a chain, the rows of `skillgate-detection` with
//! `detection/data/chains.yaml`; the examples are taken from the annotated targets in `scanner-vps/rules-tests`, which
//! the tests of the pack run.
//!
//! [`lint`] says what is wrong with a pack that somebody else wrote. Plain functions of texts: nothing is read from a
//! disk here. Rule files of others are input: nesting and size are bounded by [`yaml`].

mod entry;
pub mod lint;
mod message;
pub mod pack;
mod sample;
mod tags;
pub mod yaml;

pub use entry::{Book, Entry, Kind, Sample, bundled};
pub use tags::Tag;
