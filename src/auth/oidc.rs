//! Whether GitHub has signed a token for this very body.
//!
//! The issuer's public keys are kept in KV for an hour. A key that is not among them is looked for
//! once more, since keys change; how often the issuer is asked has a limit that is held in D1, so
//! that tokens which nobody has signed make no traffic.

use crate::{
    config::TrustedWorkflow,
    domain::token::{self, KeySet, TokenError, UnprovenToken},
    error::AppError,
    ports::{Cache as _, Call, Outbound as _, Ports, RsaKey},
    store::Store,
};
use skillgate_contract::{Millis, oidc, text};

/// How long the keys are kept, in seconds: a key that was withdrawn is believed no longer.
const KEPT_SECONDS: u64 = 3_600;
/// Keys of this age are the present ones: an issuer shows a key some time before it signs with it.
const FRESH_MS: i64 = Millis::MINUTE;
/// An issuer with more text than this shows something else than keys, in bytes.
const MAX_KEYS_BYTES: usize = 256 * 1024;

/// Why a callback with a token is not taken.
pub(super) enum Refusal {
    /// The token is not believed.
    Token(TokenError),
    /// Whether it may be believed cannot be told at present.
    Unknown(AppError),
}

impl From<TokenError> for Refusal {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        Self::Unknown(error)
    }
}

/// Believes a token for a body, or not.
pub(super) async fn check(
    trusted: &TrustedWorkflow,
    platform_url: &str,
    ports: &impl Ports,
    header: &str,
    body: &[u8],
) -> Result<(), Refusal> {
    let shown = oidc::token(header).ok_or(TokenError::Malformed)?;
    let audience = oidc::audience(platform_url, body);
    let unproven = token::read(shown, trusted, &audience, ports.now())?;
    let key = key_of(trusted, ports, &unproven).await?;
    let holds = ports.verify_rs256(&key, unproven.signed, &unproven.signature).await;
    match holds {
        Ok(true) => Ok(()),
        Ok(false) => Err(TokenError::Signature.into()),
        Err(error) => Err(AppError::Keys(error.to_string()).into()),
    }
}

/// The key that a token says has signed it.
async fn key_of(
    trusted: &TrustedWorkflow,
    ports: &impl Ports,
    unproven: &UnprovenToken<'_>,
) -> Result<RsaKey, Refusal> {
    let kept = kept_keys(trusted, ports).await;
    if let Some(key) = kept.as_ref().and_then(|set| set.key(&unproven.key_id)) {
        return Ok(key.clone());
    }
    let age = kept.map(|set| ports.now().since(set.fetched_at));
    if age.is_some_and(|age| age < FRESH_MS) {
        return Err(TokenError::Signature.into());
    }
    let set = fetch(trusted, ports).await?;
    set.key(&unproven.key_id).cloned().ok_or_else(|| TokenError::Signature.into())
}

fn cache_key(trusted: &TrustedWorkflow) -> String {
    format!("oidc-keys:{}", trusted.issuer)
}

/// What KV holds; nothing where it fails, or has kept them too long.
async fn kept_keys(trusted: &TrustedWorkflow, ports: &impl Ports) -> Option<KeySet> {
    let kept = match ports.cache().get(&cache_key(trusted)).await {
        Ok(kept) => kept?,
        Err(error) => {
            ports.log(&error.to_string());
            return None;
        }
    };
    let age = |set: &KeySet| ports.now().since(set.fetched_at) / 1_000;
    KeySet::read_kept(&kept)
        .filter(|set| u64::try_from(age(set)).is_ok_and(|age| age < KEPT_SECONDS))
}

async fn fetch(trusted: &TrustedWorkflow, ports: &impl Ports) -> Result<KeySet, AppError> {
    let now = ports.now();
    if !Store(ports.database()).take_key_fetch(now).await? {
        return Err(AppError::Keys("the issuer was asked often enough this minute".to_owned()));
    }
    let url = format!("{}{}", trusted.issuer, oidc::KEYS_PATH);
    let headers = [("accept", "application/json")];
    let call = Call { url: &url, bearer: None, headers: &headers, json: None };
    let reply = ports.outbound().call(call).await;
    let set = match reply {
        Ok(reply) if reply.status != 200 => Err(format!("answered {}", reply.status)),
        Ok(reply) if reply.body.len() > MAX_KEYS_BYTES => Err("answered too much".to_owned()),
        Ok(reply) => KeySet::read(&reply.body, now).ok_or("answered no keys".to_owned()),
        Err(why) => Err(text::line(&why, 200)),
    };
    let set = set.map_err(|why| AppError::Keys(format!("{url}: {why}")))?;
    // Not kept, they are fetched again.
    if let Err(error) = ports.cache().put(&cache_key(trusted), set.kept(), Some(KEPT_SECONDS)).await
    {
        ports.log(&error.to_string());
    }
    Ok(set)
}
