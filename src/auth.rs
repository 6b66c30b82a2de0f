//! Callers who have shown what they must: a handler that names one of these types cannot be
//! reached without it.

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

/// A callback whose signature holds on the raw bytes and whose signed time is now.
#[derive(Debug)]
pub struct VerifiedCallback(Callback);

impl VerifiedCallback {
    /// What it says.
    #[must_use]
    pub fn into_inner(self) -> Callback {
        self.0
    }

    /// Believes a callback, or not. Before the signature holds, the one thing read of the body is
    /// the scan id, and all that it does is to pick which derived key is tried.
    ///
    /// # Errors
    /// 503 without a secret; 401 for signature and time alike; then 400 and 422.
    pub fn check(
        config: &Config,
        ports: &impl Ports,
        request: &Request,
        body: &[u8],
    ) -> Result<Self, AppError> {
        if config.webhook_secret.is_none() {
            return Err(AppError::Closed("WEBHOOK_SECRET"));
        }
        let secrets = config.webhook_secrets();
        let object = Object::parse(body, KNOWN_FIELDS);
        let scan = object.as_ref().ok().and_then(scan_id);
        let keys: Vec<SigningKey> = secrets
            .into_iter()
            .flat_map(|secret| {
                let derived = scan.as_ref().map(|id| secret.scan_key(id));
                std::iter::once(secret.clone()).chain(derived)
            })
            .collect();
        let refuse = |error: signature::SignatureError| {
            ports.log(&format!("callback refused: {error}"));
            AppError::Signature
        };
        signature::verify(&keys, request.header(SIGNATURE_HEADER), body).map_err(refuse)?;
        let object = object?;
        signature::check_timestamp(object.raw("timestamp"), ports.now()).map_err(refuse)?;
        Callback::read(object).map(Self).map_err(AppError::Fields)
    }
}

fn scan_id(object: &Object<'_>) -> Option<ScanId> {
    json::parse::<String>(object.raw("scanId")?)?.parse().ok()
}
