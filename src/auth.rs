//! Callers who have shown what they must: a handler that names one of these types cannot be
//! reached without it.

mod oidc;

use crate::{
    config::Config,
    error::{AppError, Credential},
    http::Request,
    ports::Ports,
};
use skillgate_contract::{
    ScanId,
    callback::{Callback, KNOWN_FIELDS},
    json,
    object::Object,
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
pub struct VerifiedCallback(Callback);

impl VerifiedCallback {
    /// What it says.
    #[must_use]
    pub fn into_inner(self) -> Callback {
        self.0
    }

    /// Believes a callback, or not. Where a signature is there, it decides, whatever else is shown;
    /// else the token of a job on GitHub Actions, if one is trusted. Before either holds, the one
    /// thing read of the body is the scan id, and all that it does is to pick which derived key is
    /// tried.
    ///
    /// # Errors
    /// 503 where neither secret nor trust is configured, or the token's keys cannot be had; 401 for
    /// signature, token and time alike; then 400 and 422.
    pub async fn check(
        config: &Config,
        ports: &impl Ports,
        request: &Request,
        body: &[u8],
    ) -> Result<Self, AppError> {
        if !config.hears() {
            return Err(AppError::Closed("WEBHOOK_SECRET"));
        }
        let refuse = |why: &dyn std::fmt::Display| {
            ports.log(&format!("callback refused: {why}"));
            AppError::Signature
        };
        let object = Object::parse(body, KNOWN_FIELDS);
        let signature = request.header(SIGNATURE_HEADER);
        match (signature, request.header(TOKEN_HEADER), &config.trusted_workflow) {
            (None, Some(shown), Some(trusted)) => {
                let held = oidc::check(trusted, &config.platform_url, ports, shown, body).await;
                held.map_err(|refusal| match refusal {
                    oidc::Refusal::Token(why) => refuse(&why),
                    oidc::Refusal::Unknown(error) => error,
                })?;
            }
            _ => {
                let scan = object.as_ref().ok().and_then(scan_id);
                let keys = keys(config, scan.as_ref());
                signature::verify(&keys, signature, body).map_err(|why| refuse(&why))?;
            }
        }
        let object = object?;
        let time = object.raw("timestamp");
        signature::check_timestamp(time, ports.now()).map_err(|why| refuse(&why))?;
        Callback::read(object).map(Self).map_err(AppError::Fields)
    }
}

/// What may have signed a callback for a scan.
fn keys(config: &Config, scan: Option<&ScanId>) -> Vec<SigningKey> {
    let secrets = config.webhook_secrets().into_iter();
    let of_each = |secret: &SigningKey| [Some(secret.clone()), scan.map(|id| secret.scan_key(id))];
    secrets.flat_map(of_each).flatten().collect()
}

fn scan_id(object: &Object<'_>) -> Option<ScanId> {
    json::parse::<String>(object.raw("scanId")?)?.parse().ok()
}
