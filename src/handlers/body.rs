//! What every write asks of its body before looking into it.

use crate::{
    error::AppError,
    http::{Body, Request},
};
use skillgate_contract::signature::MAX_BODY_BYTES;

/// The raw body of a request that claims to be JSON.
///
/// # Errors
/// 413, then 415.
pub(crate) fn json_bytes(request: &Request) -> Result<&[u8], AppError> {
    let Body::Bytes(bytes) = &request.body else {
        return Err(AppError::TooLarge(MAX_BODY_BYTES));
    };
    let media_type = request.header("content-type").and_then(|value| value.split(';').next());
    if media_type.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
        Ok(bytes)
    } else {
        Err(AppError::MediaType)
    }
}
