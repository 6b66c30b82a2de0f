//! Reads single settings by their names.

use super::SettingError;
use skillgate_contract::{
    renamed_setting::RenamedSetting,
    signature::{MIN_SECRET_CHARS, SigningKey},
};
use std::str::FromStr;

/// The reader of the settings, which collects every fault.
pub(super) struct Settings<F> {
    lookup: F,
    /// The secrets so far, by name.
    secrets: Vec<(&'static str, String)>,
    /// The faults so far.
    pub(super) errors: Vec<SettingError>,
    /// A log line for each setting whose old name is set.
    pub(super) deprecations: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Settings<F> {
    /// A reader of settings; `lookup` gives the value of a name.
    pub(super) const fn new(lookup: F) -> Self {
        Self { lookup, secrets: Vec::new(), errors: Vec::new(), deprecations: Vec::new() }
    }

    pub(super) fn get(&self, name: &str) -> Option<String> {
        (self.lookup)(name)
    }

    pub(super) fn wrong(&mut self, name: &'static str, fault: impl Into<String>) {
        self.errors.push(SettingError { name, fault: fault.into() });
    }

    /// A secret, no shorter than scanners accept it ([`MIN_SECRET_CHARS`]), and no other secret's value:
    /// who holds one must not hold another.
    pub(super) fn secret(&mut self, name: &'static str) -> Option<String> {
        let secret = self.get(name)?;
        if secret.chars().count() < MIN_SECRET_CHARS {
            self.wrong(name, format!("must have at least {MIN_SECRET_CHARS} characters"));
        }
        if let Some((other, _)) = self.secrets.iter().find(|(_, known)| *known == secret) {
            self.wrong(name, format!("must differ from {other}"));
        }
        self.secrets.push((name, secret.clone()));
        Some(secret)
    }

    pub(super) fn key(&mut self, name: &'static str) -> Option<SigningKey> {
        self.secret(name).and_then(|secret| SigningKey::new(secret).ok())
    }

    pub(super) fn number(&mut self, name: &'static str, default: u32) -> u32 {
        u32::try_from(self.bytes(name, default.into(), u32::MAX.into())).unwrap_or(default)
    }

    /// A number up to `most`, which may be larger than others are.
    pub(super) fn bytes(&mut self, name: &'static str, default: i64, most: i64) -> i64 {
        match self.get(name).map(|text| i64::from_str(&text)) {
            None => default,
            Some(Ok(number)) if (1..=most).contains(&number) => number,
            Some(_) => {
                self.wrong(name, "must be a whole number above 0");
                default
            }
        }
    }

    /// The name to read a renamed setting under, and to report it under where it is wrong.
    pub(super) fn renamed(&mut self, setting: RenamedSetting) -> &'static str {
        let current = setting.current_name(|name| self.get(name).is_some());
        self.deprecations.extend(current.deprecation.map(|told| told.to_string()));
        current.name
    }

    pub(super) fn flag(&mut self, setting: RenamedSetting) -> bool {
        let name = self.renamed(setting);
        match self.get(name).as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                self.wrong(name, "must be true or false");
                false
            }
        }
    }
}
