//! What operations share: headers, and the errors that may come of any of them.

use crate::schemas::{self, Schemas};
use serde_json::{Value, json};
use skillgate_contract::api::{ClaimRefusal, Problem};

/// What every answer has.
pub(crate) fn common_headers() -> Value {
    let header = |name: &str| json!({"$ref": format!("#/components/headers/{name}")});
    json!({"X-Request-Id": header("X-Request-Id"), "Cache-Control": header("Cache-Control")})
}

/// The headers that answers share.
pub(crate) fn headers() -> Value {
    let header = |about: &str| json!({"description": about, "schema": {"type": "string"}});
    let required =
        |about: &str| json!({"description": about, "required": true, "schema": {"type": "string"}});
    json!({
        "X-Request-Id": required("Names this request in the service's log."),
        "Cache-Control": required("`no-store` for errors, writes and secrets; `no-cache` for what is pending."),
        "ETag": header("A strong tag of the very bytes."),
        "Link": header("`<…>; rel=\"next\"`, where there is a next page."),
        "Allow": required("The methods that there are."),
        "Retry-After": required("When to try again, in seconds."),
        "WWW-Authenticate": required("What has to be shown."),
    })
}

/// The errors that operations share.
pub(crate) fn problems(schemas: &mut Schemas) -> Value {
    Schemas::answer::<Problem>(schemas);
    Schemas::answer::<ClaimRefusal>(schemas);
    let problem = |about: &str, example: Value, header: Option<&str>| {
        let mut answer = json!({
            "description": about,
            "headers": common_headers(),
            "content": {"application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"}, "example": example,
            }},
        });
        if let Some(name) = header {
            answer["headers"][name] = json!({"$ref": format!("#/components/headers/{name}")});
        }
        answer
    };
    let example = |title: &str, status: u16, detail: &str| json!({"type": "about:blank", "title": title, "status": status, "detail": detail});
    let mut wrong_field = example("Wrong field", 422, "one or more fields are wrong");
    wrong_field["errors"] = json!([{"pointer": "/repoUrl", "detail": "must start with https://"}]);
    let mut claim = example("Conflict", 409, "another scanner has claimed this scan");
    claim["ok"] = false.into();
    claim["reason"] = "already_claimed".into();
    let mut claimed = problem("The scan is not to be had; `reason` says why.", claim, None);
    claimed["content"]["application/problem+json"]["schema"] = schemas::refused_claim();
    json!({
        "BadRequest": problem("The body is no JSON object, or a query parameter cannot be read.",
            example("Bad request", 400, "query parameter limit must be a whole number"), None),
        "Unauthorized": problem("What has to be shown is missing or wrong.",
            example("Not authorised", 401, "a valid admin token is required"), Some("WWW-Authenticate")),
        "TooManyGuesses": problem("What has to be shown was wrong too often, from this address, and is once more.",
            example("Too many requests", 429, "too many failed attempts from this address; wait a minute"), Some("Retry-After")),
        "NotFound": problem("There is no such thing.",
            example("Not found", 404, "no skill of this name is published"), None),
        "Conflict": problem("It cannot be done as things stand.",
            example("Conflict", 409, "several skills end in this name; ask by the full name"), None),
        "RefusedClaim": claimed,
        "TooLarge": problem("The body is larger than 1 MiB.",
            example("Body too large", 413, "the body is larger than 1048576 bytes"), None),
        "MediaType": problem("The body is not sent as `application/json`.",
            example("Unsupported media type", 415, "the body must be sent as application/json"), None),
        "WrongField": problem("One or more fields are wrong; each is named.", wrong_field, None),
        "Unavailable": problem("The database does not answer, or a secret is not configured. Nothing was changed.",
            example("Not available", 503, "the database does not answer; nothing was changed, try again"), Some("Retry-After")),
    })
}
