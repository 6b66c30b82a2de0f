//! What every write asks of its body before looking into it.

use crate::{
    error::AppError,
    http::{Body, Request},
};
use skillgate_contract::{object::NotAnObject, signature::MAX_BODY_BYTES};

/// The raw body of a request.
///
/// # Errors
/// 413 where it is larger than may be, 400 where its end is missing.
pub(super) fn bytes(request: &Request) -> Result<&[u8], AppError> {
    match &request.body {
        Body::Bytes(bytes) => Ok(bytes),
        Body::TooLarge => Err(AppError::TooLarge(MAX_BODY_BYTES)),
        Body::Incomplete => Err(NotAnObject::Syntax.into()),
    }
}

/// The raw body of a request that claims to be JSON.
///
/// # Errors
/// As [`bytes`], then 415.
pub(crate) fn json_bytes(request: &Request) -> Result<&[u8], AppError> {
    let bytes = bytes(request)?;
    let media_type = request.header("content-type").and_then(|value| value.split(';').next());
    if media_type.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
        Ok(bytes)
    } else {
        Err(AppError::MediaType)
    }
}
