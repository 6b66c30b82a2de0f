//! Functions of the program: their calls, callbacks and promises.

use super::{
    arguments::Arguments,
    data::{Datum, Kind, Shared, either},
    flow::Flow,
    syntax::{Function, Target},
};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    rc::Rc,
};

/// Functions that are being followed one in the other.
const MAX_CALLS: usize = 24;

impl Flow {
    /// Follows each function that nothing has called.
    pub(super) fn follow_pending(&mut self) {
        let mut at = 0;
        while let Some((function, scope)) = self.pending.get(at).cloned() {
            at += 1;
            if !self.followed.contains(&Rc::as_ptr(&function)) {
                self.call_function(&function, scope, &Arguments::default());
            }
        }
    }

    pub(super) fn call_function(
        &mut self,
        function: &Rc<Function>,
        scope: usize,
        arguments: &Arguments,
    ) -> Shared {
        let pointer = Rc::as_ptr(function);
        if self.active.contains(&pointer) || self.active.len() >= MAX_CALLS || !self.charge(0) {
            return Datum::unknown();
        }
        let key = (pointer, fingerprint(scope, arguments));
        if let Some(result) = self.results.get(&key) {
            return result.clone();
        }
        if !self.enter() {
            return Datum::unknown();
        }
        let first = self.followed.insert(pointer);
        self.active.push(pointer);
        // What stands in the text is bounded by the text.
        self.expanding += u32::from(!first);
        let outer = (self.scope, std::mem::take(&mut self.returned));
        self.scope = self.new_scope(scope);
        self.bind_parameters(function, arguments);
        self.statements(&function.body);
        let returned = std::mem::replace(&mut self.returned, outer.1);
        self.scope = outer.0;
        self.expanding -= u32::from(!first);
        self.active.pop();
        self.leave();
        let result = either(&returned);
        self.results.insert(key, result.clone());
        result
    }

    fn bind_parameters(&mut self, function: &Function, arguments: &Arguments) {
        let is_this = |target: &&Target| matches!(target, Target::Name(name) if matches!(&**name, "self" | "cls" | "this"));
        let parameters = function.parameters.iter().filter(|target| !is_this(target));
        let mut items = arguments.items.iter();
        for target in parameters {
            let named = match target {
                Target::Name(name) => arguments.named.iter().find(|(known, _)| known == name),
                _ => None,
            };
            let value = match named {
                Some((_, value)) => value.clone(),
                None => items.next().cloned().unwrap_or_else(Datum::unknown),
            };
            self.declare(target, &value);
        }
    }

    /// Calls a function with one value for each of its parameters; what is no function gives nothing.
    pub(super) fn call_back(&mut self, callback: &Shared, value: &Shared, line: u32) -> Shared {
        match &callback.kind {
            Kind::Function { function, scope } => {
                let items = vec![value.clone(); function.parameters.len()];
                let arguments = Arguments { items, named: Vec::new(), line };
                self.call_function(function, *scope, &arguments)
            }
            Kind::Resolver(_) | Kind::Path(_) | Kind::Method { .. } | Kind::Class(_) => {
                let arguments = Arguments { items: vec![value.clone()], named: Vec::new(), line };
                self.call(callback, &arguments)
            }
            _ => Datum::unknown(),
        }
    }

    /// Calls the functions among some arguments with a value.
    pub(super) fn call_all_back(
        &mut self,
        arguments: &Arguments,
        value: &Shared,
    ) -> Option<Shared> {
        let mut results = Vec::new();
        for callback in arguments.callbacks() {
            results.push(self.call_back(&callback, value, arguments.line));
        }
        (!results.is_empty()).then(|| either(&results))
    }

    /// `new Promise(executor)`: what its first parameter is called with.
    pub(super) fn promise(&mut self, arguments: &Arguments) -> Shared {
        let slot = self.promises.len();
        self.promises.push(Datum::unknown());
        let resolver = Datum::of(Kind::Resolver(slot), crate::value::Value::unknown());
        if let Kind::Function { function, scope } = &arguments.item(0).kind {
            let items = vec![resolver];
            let call = Arguments { items, named: Vec::new(), line: arguments.line };
            self.call_function(function, *scope, &call);
        }
        self.promises.get(slot).cloned().unwrap_or_else(Datum::unknown)
    }

    pub(super) fn resolve(&mut self, slot: usize, value: &Shared) {
        if let Some(held) = self.promises.get_mut(slot) {
            *held = either(&[held.clone(), value.clone()]);
        }
    }
}

/// What tells one call of a function from another.
fn fingerprint(scope: usize, arguments: &Arguments) -> u64 {
    let mut hasher = DefaultHasher::new();
    scope.hash(&mut hasher);
    for value in arguments.all() {
        value.value.text.hash(&mut hasher);
        value.value.partial.hash(&mut hasher);
        for origin in &value.value.origins {
            (origin.step.line, origin.step.fact).hash(&mut hasher);
        }
        std::mem::discriminant(&value.kind).hash(&mut hasher);
        match &value.kind {
            Kind::Number(number) => number.hash(&mut hasher),
            Kind::Path(path) => path.hash(&mut hasher),
            Kind::Class(scope) => scope.hash(&mut hasher),
            Kind::Resolver(slot) => slot.hash(&mut hasher),
            Kind::Function { function, scope } => {
                (Rc::as_ptr(function).addr(), *scope).hash(&mut hasher);
            }
            Kind::List(items) => {
                for item in items {
                    item.value.text.hash(&mut hasher);
                }
            }
            Kind::Map(fields) => {
                for (name, field) in fields {
                    (name, &field.value.text).hash(&mut hasher);
                }
            }
            _ => {}
        }
    }
    arguments.named.len().hash(&mut hasher);
    hasher.finish()
}
