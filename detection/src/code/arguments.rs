//! Arguments of a call.

use super::data::{Datum, Kind, Shared};
use std::rc::Rc;

#[derive(Debug, Default)]
pub(super) struct Arguments {
    pub(super) items: Vec<Shared>,
    pub(super) named: Vec<(Rc<str>, Shared)>,
    pub(super) line: u32,
}

impl Arguments {
    pub(super) fn item(&self, at: usize) -> Shared {
        self.items.get(at).cloned().unwrap_or_else(Datum::unknown)
    }

    /// The argument of this name, in the call or in an object of options; or at this place.
    pub(super) fn get(&self, name: &str, at: usize) -> Shared {
        self.option(name).or_else(|| self.items.get(at).cloned()).unwrap_or_else(Datum::unknown)
    }

    /// The argument of this name, in the call or in an object of options.
    pub(super) fn option(&self, name: &str) -> Option<Shared> {
        let named = self.named.iter().find(|(known, _)| &**known == name).map(|(_, value)| value);
        named.or_else(|| self.items.iter().find_map(|item| item.field(name))).cloned()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Shared> {
        self.items.iter().chain(self.named.iter().map(|(_, value)| value))
    }

    /// The functions among them.
    pub(super) fn callbacks(&self) -> Vec<Shared> {
        self.all().filter(|item| matches!(item.kind, Kind::Function { .. })).cloned().collect()
    }
}
