//! Callers who have shown what they must: a handler that names one of these types cannot be
//! reached without it.

mod oidc;

use crate::{
    app::App,
    config::Config,
    error::{AppError, Credential},
    http::Request,
    log::LogEvent,
    ports::Ports,
};
use skillgate_contract::{
    ScanId,
    callback::{Callback, KNOWN_FIELDS},
    json,
    object::JsonObject,
    oidc::TOKEN_HEADER,
    signature::{self, SIGNATURE_HEADER, SigningKey},
};

/// A caller with the admin token.
#[derive(Debug)]
pub struct AdminCaller(());

impl AdminCaller {
    /// Checks `Authorization: Bearer ADMIN_TOKEN` in constant time.
    ///
    /// # Errors
    /// 503 where no token is configured, 401 where it is missing or wrong.
    pub fn check(config: &Config, request: &Request) -> Result<Self, AppError> {
        let token = config.admin_token.as_ref().ok_or(AppError::Closed("ADMIN_TOKEN"))?;
        let shown = request
            .header("authorization")
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, shown)| shown.trim());
        match shown {
            Some(shown) if signature::secrets_match(token.expose(), shown) => Ok(Self(())),
            _ => Err(AppError::Unauthorized(Credential::AdminToken)),
        }
    }
}

/// A scanner with the internal key.
#[derive(Debug)]
pub struct InternalCaller(());

impl InternalCaller {
    /// Checks `X-Internal-Key: INTERNAL_KEY` in constant time.
    ///
    /// # Errors
    /// 503 where no key is configured, 401 where it is missing or wrong.
    pub fn check(config: &Config, request: &Request) -> Result<Self, AppError> {
        let key = config.internal_key.as_ref().ok_or(AppError::Closed("INTERNAL_KEY"))?;
        match request.header("x-internal-key") {
            Some(shown) if signature::secrets_match(key.expose(), shown) => Ok(Self(())),
            _ => Err(AppError::Unauthorized(Credential::InternalKey)),
        }
    }
}

/// A callback whose signature, or whose job's token, holds for the raw bytes, and whose signed time
/// is now.
#[derive(Debug)]
pub struct VerifiedCallback {
    /// What it says.
    pub callback: Callback,
    /// The key of its scan that signed it is no attempt's own: earlier releases gave out such keys,
    /// and only what they sent may be reported with one.
    pub by_old_key: bool,
}

impl VerifiedCallback {
    /// Believes a callback, or not. Where a signature is there, it decides, whatever else is shown;
    /// else the token of a job on GitHub Actions, if one is trusted. Before either holds, all that is
    /// read of the body are scan id and attempt, and all that they do is to pick which derived keys
    /// are tried.
    ///
    /// # Errors
    /// 503 where neither secret nor trust is configured, or the token's keys cannot be had; 401 for
    /// signature, token and time alike; then 400 and 422.
    pub async fn check(
        app: &App<impl Ports>,
        request: &Request,
        body: &[u8],
    ) -> Result<Self, AppError> {
        let (config, ports) = (&app.config, &app.ports);
        if !config.accepts_callbacks() {
            return Err(AppError::Closed("WEBHOOK_SECRET"));
        }
        let refuse = |why: &dyn std::fmt::Display| {
            app.log(LogEvent::CallbackRefused, &[], why);
            AppError::Signature
        };
        let signature = request.header(SIGNATURE_HEADER);
        let shown = request.header(TOKEN_HEADER).filter(|_| signature.is_none());
        let by_token = shown.zip(config.trusted_workflow.as_ref());
        if let Some((shown, trusted)) = by_token {
            let url = &config.platform_url;
            if let Some(why) = oidc::fault(trusted, url, ports, shown, body).await? {
                return Err(refuse(&why));
            }
        }
        let object = JsonObject::parse(body, KNOWN_FIELDS);
        let mut by_old_key = false;
        if by_token.is_none() {
            let (keys, old_keys) = keys(config, object.as_ref().ok());
            if let Err(why) = signature::verify(&keys, signature, body) {
                signature::verify(&old_keys, signature, body).map_err(|_| refuse(&why))?;
                by_old_key = true;
            }
        }
        let object = object?;
        let time = object.raw("timestamp");
        signature::check_timestamp(time, ports.now()).map_err(|why| refuse(&why))?;
        let callback = Callback::read(object).map_err(AppError::Fields)?;
        Ok(Self { callback, by_old_key })
    }
}

/// What may have signed a callback, and what may have signed it before keys were of one attempt.
fn keys(config: &Config, object: Option<&JsonObject<'_>>) -> (Vec<SigningKey>, Vec<SigningKey>) {
    let field = |name| object.and_then(|object| object.raw(name));
    let scan = field("scanId").and_then(json::parse::<String>).and_then(|id| id.parse().ok());
    let scan: Option<&ScanId> = scan.as_ref();
    let attempt: Option<u32> = field("attempt").and_then(|raw| raw.parse().ok());
    let (mut keys, mut old_keys) = (Vec::new(), Vec::new());
    for secret in config.webhook_secrets() {
        keys.push(secret.clone());
        keys.extend(scan.zip(attempt).map(|(id, attempt)| secret.scan_key(id, attempt)));
        old_keys.extend(scan.map(|id| secret.old_scan_key(id)));
    }
    (keys, old_keys)
}
