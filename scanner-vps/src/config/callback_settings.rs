//! The settings of the commands that send a callback of a job of GitHub Actions by themselves.

use super::{EnvReader, SettingError};
use crate::{
    callback_target::AllowedCallbacks,
    credentials::{CallbackCredentials, TokenEndpoint},
};
use skillgate_contract::{HostPolicy, signature::SigningKey};
use std::ffi::OsString;

/// The settings of `github report` and `github scan --callback`.
#[derive(Debug, Clone)]
pub struct CallbackSettings {
    /// `SCANNER_ALLOWED_CALLBACK_HOSTS`, else `PLATFORM_URL`: the origins that callbacks may be sent to.
    pub callbacks: AllowedCallbacks,
    /// `WEBHOOK_SECRET`, else what the runner sets for a job with `id-token: write`.
    pub credentials: CallbackCredentials,
}

impl CallbackSettings {
    /// Reads the settings; `get` returns a variable of the environment.
    ///
    /// # Errors
    /// Every wrong setting, in the order in which they are read.
    pub fn read(get: impl Fn(&str) -> Option<OsString>) -> Result<Self, Vec<SettingError>> {
        let mut env = EnvReader::new(get);
        let callbacks = if env.is_set("SCANNER_ALLOWED_CALLBACK_HOSTS") {
            env.callbacks("SCANNER_ALLOWED_CALLBACK_HOSTS")
        } else {
            env.origin("PLATFORM_URL").map(AllowedCallbacks::only)
        };
        let credentials = credentials(&mut env);
        let settings = (|| Some(Self { callbacks: callbacks?, credentials: credentials? }))();
        env.finish(settings)
    }
}

/// The credentials: the shared secret where it is set, also where the runner offers a token.
fn credentials<F: Fn(&str) -> Option<OsString>>(
    env: &mut EnvReader<F>,
) -> Option<CallbackCredentials> {
    if env.is_set("WEBHOOK_SECRET") {
        let secret = env.secret("WEBHOOK_SECRET")?;
        return SigningKey::new(secret.expose()).ok().map(CallbackCredentials::SigningKey);
    }
    if !env.is_set("ACTIONS_ID_TOKEN_REQUEST_URL") {
        let fault = "must be set, in a job without the permission id-token: write";
        env.fault("WEBHOOK_SECRET", fault);
        return None;
    }
    let url = env.text("ACTIONS_ID_TOKEN_REQUEST_URL");
    let token = env.secret("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
    match TokenEndpoint::new(&url?, &token?) {
        Ok(token) => Some(CallbackCredentials::ActionsToken(token)),
        Err(e) => {
            env.fault("ACTIONS_ID_TOKEN_REQUEST_URL", format!("cannot be used: {e}"));
            None
        }
    }
}

/// The hosts that repositories may come from: `SCANNER_ALLOWED_REPO_HOSTS`, else `ALLOWED_REPO_HOSTS`.
///
/// # Errors
/// The one that is wrong.
pub fn repo_hosts(get: impl Fn(&str) -> Option<OsString>) -> Result<HostPolicy, Vec<SettingError>> {
    let mut env = EnvReader::new(get);
    let hosts = env.repo_hosts();
    env.finish(hosts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "canary-0123456789abcdef";

    fn read(pairs: &[(&str, &str)]) -> Result<CallbackSettings, Vec<SettingError>> {
        CallbackSettings::read(|name| {
            pairs.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn a_secret_or_the_runners_token_makes_reports_believed() {
        let platform = ("PLATFORM_URL", "https://skills.example");
        let url = ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://run.example/x?v=2");
        let token = ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", SECRET);
        let by_key = read(&[platform, ("WEBHOOK_SECRET", SECRET), url, token]).unwrap();
        assert!(matches!(by_key.credentials, CallbackCredentials::SigningKey(_)));
        // As Actions sets a secret that the repository does not have.
        let by_token = read(&[platform, ("WEBHOOK_SECRET", ""), url, token]).unwrap();
        assert!(matches!(by_token.credentials, CallbackCredentials::ActionsToken(_)));
        for settings in [by_key, by_token] {
            assert!(!format!("{settings:?}").contains("canary"));
        }
    }

    #[test]
    fn what_is_missing_is_named_and_no_value_is_repeated() {
        let wrong = read(&[("ACTIONS_ID_TOKEN_REQUEST_URL", "canary")]).unwrap_err();
        let names: Vec<_> = wrong.iter().map(|w| w.name).collect();
        assert_eq!(names, ["PLATFORM_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"]);
        let wrong = read(&[]).unwrap_err();
        assert_eq!(wrong.last().unwrap().name, "WEBHOOK_SECRET");
        let odd = [
            ("PLATFORM_URL", "https://skills.example"),
            ("ACTIONS_ID_TOKEN_REQUEST_URL", "canary"),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", SECRET),
        ];
        assert!(!format!("{:?}", read(&odd).unwrap_err()).contains("canary"));
    }
}
