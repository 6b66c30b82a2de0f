//! A reader of environment variables that collects every fault.

use super::SettingError;
use crate::{callback_target::AllowedCallbacks, origin::Origin, renamed_setting};
use skillgate_contract::{
    HostPolicy, Secret, api::Claimant, renamed_setting::RenamedSetting, signature::MIN_SECRET_CHARS,
};
use std::{ffi::OsString, ops::RangeInclusive, path::PathBuf, str::FromStr};

/// Characters of a scanner's name. The claimant's name adds a suffix that tells processes apart.
const MAX_NAME_CHARS: usize = 80;

/// Reads variables and collects the faults of those that are wrong.
pub(super) struct EnvReader<F> {
    get: F,
    wrong: Vec<SettingError>,
}

impl<F: Fn(&str) -> Option<OsString>> EnvReader<F> {
    pub(super) const fn new(get: F) -> Self {
        Self { get, wrong: Vec::new() }
    }

    /// Returns the settings.
    ///
    /// # Errors
    /// Every fault, if there is any.
    pub(super) fn finish<T>(self, settings: Option<T>) -> Result<T, Vec<SettingError>> {
        settings.filter(|_| self.wrong.is_empty()).ok_or(self.wrong)
    }

    /// Whether a variable is set to a value that is not blank, valid or not.
    pub(super) fn is_set(&self, name: &str) -> bool {
        (self.get)(name).is_some_and(|value| !value.to_string_lossy().trim().is_empty())
    }

    pub(super) fn fault(&mut self, name: &'static str, fault: impl Into<String>) {
        self.wrong.push(SettingError { name, fault: fault.into() });
    }

    /// The name to read a renamed setting under, and to report it under where it is wrong.
    pub(super) fn renamed(&self, setting: RenamedSetting) -> &'static str {
        renamed_setting::current_name(setting, &self.get)
    }

    /// The value of a variable. One that is empty or blank counts as not set.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        match (self.get)(name)?.into_string() {
            Ok(text) => Some(text).filter(|text| !text.trim().is_empty()),
            Err(_) => {
                self.fault(name, "must be UTF-8");
                None
            }
        }
    }

    pub(super) fn parsed<T: FromStr>(&mut self, name: &'static str, must: &str) -> Option<T> {
        let value = self.text(name)?.trim().parse().ok();
        if value.is_none() {
            self.fault(name, must);
        }
        value
    }

    pub(super) fn number(
        &mut self,
        name: &'static str,
        range: RangeInclusive<usize>,
    ) -> Option<usize> {
        let must = format!("must be a number from {} to {}", range.start(), range.end());
        let value = self.parsed(name, &must)?;
        if range.contains(&value) {
            Some(value)
        } else {
            self.fault(name, must);
            None
        }
    }

    pub(super) fn secret(&mut self, name: &'static str) -> Option<Secret> {
        match self.text(name) {
            Some(text) if text.chars().count() >= MIN_SECRET_CHARS => Some(Secret::new(text)),
            _ => {
                self.fault(name, format!("must be set, to at least {MIN_SECRET_CHARS} characters"));
                None
            }
        }
    }

    /// A secret that a header can hold: visible ASCII.
    pub(super) fn header_secret(&mut self, name: &'static str) -> Option<Secret> {
        let secret = self.secret(name)?;
        if secret.expose().chars().all(|c| c.is_ascii_graphic()) {
            Some(secret)
        } else {
            self.fault(name, "must be ASCII without spaces");
            None
        }
    }

    pub(super) fn origin(&mut self, name: &'static str) -> Option<Origin> {
        let text = self.text(name).unwrap_or_default();
        match text.trim().parse() {
            Ok(origin) => Some(origin),
            Err(e) => {
                self.fault(name, format!("must be set; it {e}"));
                None
            }
        }
    }

    pub(super) fn name(&mut self, name: &'static str) -> Option<String> {
        let given = self.text(name)?.trim().to_owned();
        let fits = given.chars().count() <= MAX_NAME_CHARS;
        if fits && given.parse::<Claimant>().is_ok() {
            Some(given)
        } else {
            self.fault(name, format!("must be 1 to {MAX_NAME_CHARS} visible characters"));
            None
        }
    }

    pub(super) fn repo_hosts(&mut self) -> Option<HostPolicy> {
        let own = "SCANNER_ALLOWED_REPO_HOSTS";
        let (name, list) = match self.text(own) {
            Some(list) => (own, list),
            None => ("ALLOWED_REPO_HOSTS", self.text("ALLOWED_REPO_HOSTS").unwrap_or_default()),
        };
        let policy = HostPolicy::parse(&list).ok();
        if policy.is_none() {
            self.fault(name, "must be domain names, or 127.0.0.1:PORT for development, and commas");
        }
        policy
    }

    pub(super) fn callbacks(&mut self, name: &'static str) -> Option<AllowedCallbacks> {
        match AllowedCallbacks::parse(&self.text(name).unwrap_or_default()) {
            Ok(allowed) => Some(allowed),
            Err(e) => {
                self.fault(name, format!("must be set; each entry {e}"));
                None
            }
        }
    }

    /// A folder as set, else this scanner's own in the base folder of the XDG specification. Never one in
    /// a temporary folder that other users can write to.
    pub(super) fn folder(
        &mut self,
        name: &'static str,
        base: &'static str,
        under_home: &str,
        leaf: &str,
    ) -> Option<PathBuf> {
        if (self.get)(name).is_some_and(|value| !value.is_empty()) {
            return self.path(name);
        }
        let absolute =
            |value: OsString| Some(PathBuf::from(value)).filter(|path| path.is_absolute());
        let base = (self.get)(base)
            .and_then(absolute)
            .or_else(|| (self.get)("HOME").and_then(absolute).map(|home| home.join(under_home)));
        if base.is_none() {
            self.fault(name, "must be an absolute path, where HOME is not set");
        }
        Some(base?.join("skillgate-scanner").join(leaf))
    }

    fn path(&mut self, name: &'static str) -> Option<PathBuf> {
        let path = PathBuf::from((self.get)(name).filter(|value| !value.is_empty())?);
        if path.is_absolute() {
            Some(path)
        } else {
            self.fault(name, "must be an absolute path");
            None
        }
    }
}
