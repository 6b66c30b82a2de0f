//! Whether GitHub has signed a token for this very body.
//!
//! The issuer's public keys are kept in KV for an hour. A key that is not among them is looked for
//! once more, since keys change; how often the issuer is asked has a limit that is held in D1, so
//! that tokens which nobody has signed make no traffic.

use crate::{
    domain::token::{self, KeySet, TokenError},
    error::AppError,
    model::TrustedWorkflow,
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

/// Why a token is not believed; `None` where it is.
///
/// # Errors
/// 503, where that cannot be told at present.
pub(super) async fn fault(
    trusted: &TrustedWorkflow,
    platform_url: &str,
    ports: &impl Ports,
    header: &str,
    body: &[u8],
) -> Result<Option<TokenError>, AppError> {
    let audience = oidc::audience(platform_url, body);
    let shown = oidc::token(header).unwrap_or_default();
    let unproven = match token::read(shown, trusted, &audience, ports.now()) {
        Ok(unproven) => unproven,
        Err(fault) => return Ok(Some(fault)),
    };
    let Some(key) = key(trusted, ports, &unproven.key_id).await? else {
        return Ok(Some(TokenError::Signature));
    };
    let holds = ports.verify_rs256(&key, unproven.signed, &unproven.signature).await;
    let holds = holds.map_err(|error| AppError::Keys(error.0))?;
    Ok((!holds).then_some(TokenError::Signature))
}

/// The issuer's key of a name.
async fn key(
    trusted: &TrustedWorkflow,
    ports: &impl Ports,
    id: &str,
) -> Result<Option<RsaKey>, AppError> {
    let (cache, now) = (ports.cache(), ports.now());
    let place = format!("oidc-keys:{}", trusted.issuer);
    // Where KV fails, they are fetched.
    let kept = cache.get(&place).await.ok().flatten();
    if let Some(set) = kept.and_then(|kept| KeySet::read_kept(&kept)) {
        let age = now.since(set.fetched_at);
        let key = set.key(id).filter(|_| (0..1_000 * KEPT_SECONDS.cast_signed()).contains(&age));
        if key.is_some() || (0..FRESH_MS).contains(&age) {
            return Ok(key);
        }
    }
    if !Store(ports.database()).take_jwks_fetch(now).await? {
        return Err(AppError::Keys("asked for often enough this minute".to_owned()));
    }
    let url = format!("{}{}", trusted.issuer, oidc::KEYS_PATH);
    let call = Call { url: &url, bearer: None, headers: &[], json: None };
    let (answer, why) = match ports.outbound().call(call).await {
        Ok(reply) if reply.status == 200 && reply.body.len() <= MAX_KEYS_BYTES => {
            (reply.body, "answered no keys".to_owned())
        }
        Ok(reply) => (String::new(), format!("answered {}", reply.status)),
        Err(why) => (String::new(), why),
    };
    let Some(set) = KeySet::read(&answer, now) else {
        return Err(AppError::Keys(format!("{url}: {}", text::line(&why, 200))));
    };
    // Not kept, they are fetched again.
    let _ = cache.put(&place, KeySet::to_keep(&answer, now), Some(KEPT_SECONDS)).await;
    Ok(set.key(id))
}
