//! Functions of the program: their calls, callbacks and promises.

use super::{
    arguments::Arguments,
    data::{Datum, Kind, Shared, either},
    flow::{Flow, NAME_WORK, Scope, names_of},
    syntax::{Function, Target},
};
use crate::value::{Origin, Source};
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
        // Without commands nothing of a call is followed but what was followed before.
        let is_idle = self.limits.commands == 0 && self.followed.contains(&pointer);
        if is_idle || self.active.contains(&pointer) || !self.charge(0) {
            return Datum::unknown();
        }
        if self.active.len() >= MAX_CALLS {
            // The function is followed later, but without this data.
            self.limits.too_deep |=
                arguments.all().any(|argument| !argument.value.origins.is_empty());
            return Datum::unknown();
        }
        let Some(fingerprint) = self.fingerprint(scope, arguments) else {
            return Datum::unknown();
        };
        let key = (pointer, fingerprint);
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
        let program = self.scopes.get(scope).map_or(0, |scope| scope.program);
        let caller = self.enter_program(program);
        self.scope = self.new_scope(scope);
        let (own, functions) = (self.scope, self.pending.len());
        if self.pay(NAME_WORK) {
            self.bind_parameters(function, arguments);
            self.statements(&function.body);
        }
        // Only a function can read these names later.
        if self.pending.len() == functions
            && let Some(scope) = self.scopes.get_mut(own)
        {
            *scope = Scope::default();
        }
        let returned = std::mem::replace(&mut self.returned, outer.1);
        self.enter_program(caller);
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
            if !self.pay(NAME_WORK) {
                return;
            }
            self.declare(target, &value);
        }
    }

    /// Calls a function with one value for each of its parameters; what is no function gives nothing.
    pub(super) fn call_back(&mut self, callback: &Shared, value: &Shared, line: u32) -> Shared {
        match &callback.kind {
            Kind::Function { function, scope } => {
                let items = vec![value.clone(); function.parameters.len()];
                let arguments = Arguments { items, named: Vec::new(), line };
                let loops = self.environment_loops.len();
                let is_environment = |origin: &Origin| origin.source == Source::Environment;
                if value.value.origins.iter().any(is_environment) {
                    let names = function.parameters.iter().flat_map(names_of).collect();
                    self.environment_loops.push(names);
                }
                let result = self.call_function(function, *scope, &arguments);
                self.environment_loops.truncate(loops);
                result
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

    /// What tells one call of a function from another; none where there is no work left to read the arguments.
    fn fingerprint(&mut self, scope: usize, arguments: &Arguments) -> Option<u64> {
        let mut hasher = DefaultHasher::new();
        (scope, self.swallowed > 0, self.repeated > 0).hash(&mut hasher);
        for value in arguments.all() {
            if !self.pay(bytes_of(value)) {
                return None;
            }
            hash(value, &mut hasher);
        }
        arguments.named.len().hash(&mut hasher);
        Some(hasher.finish())
    }
}

/// The bytes that [`hash`] reads of a value, to the eighth: a byte is hashed faster than it is copied.
fn bytes_of(value: &Shared) -> usize {
    let inner: usize = match &value.kind {
        Kind::List(items) => items.iter().map(|item| item.value.text.len() + 8).sum(),
        Kind::Map(fields) => {
            fields.iter().map(|(name, field)| name.len() + field.value.text.len() + 8).sum()
        }
        _ => 0,
    };
    (value.value.text.len() + inner) / 8
}

fn hash(value: &Shared, hasher: &mut DefaultHasher) {
    value.value.text.hash(hasher);
    value.value.partial.hash(hasher);
    for origin in &value.value.origins {
        (origin.step.line, origin.step.fact).hash(hasher);
    }
    std::mem::discriminant(&value.kind).hash(hasher);
    match &value.kind {
        Kind::Number(number) => number.hash(hasher),
        Kind::Path(path) => path.hash(hasher),
        Kind::Class(scope) => scope.hash(hasher),
        Kind::Resolver(slot) => slot.hash(hasher),
        Kind::Function { function, scope } => {
            (Rc::as_ptr(function).addr(), *scope).hash(hasher);
        }
        Kind::List(items) => items.iter().for_each(|item| item.value.text.hash(hasher)),
        Kind::Map(fields) => {
            fields.iter().for_each(|(name, field)| (name, &field.value.text).hash(hasher));
        }
        _ => {}
    }
}
