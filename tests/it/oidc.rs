//! Callbacks with a token of GitHub's in place of a signature.

use crate::{
    harness::{
        COUNT, Harness, OTHER_COMMIT, SECRET, callback_request, key, read, request, result,
        started, with,
    },
    tokens::{self, KID, base64url, claims, header, jwk, pair, sign, token},
};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value as Json, json};
use skillgate_worker::http::Response;

pub(crate) const KEYS: &str = "https://token.actions.githubusercontent.com/.well-known/jwks";
const TRUST: [(&str, &str); 3] = [
    ("GITHUB_OIDC_REPOSITORY_ID", tokens::REPOSITORY_ID),
    ("GITHUB_OIDC_WORKFLOW_REF", tokens::WORKFLOW_REF),
    ("GITHUB_OIDC_REF", tokens::REF),
];

/// A worker that trusts a workflow, whose issuer shows its key; the ids of three scans.
pub(crate) fn trusting() -> (Harness, [String; COUNT]) {
    let h = Harness::with(&TRUST);
    let ids = h.publish_tool();
    shows(&h, &[jwk(0, KID)]);
    (h, ids)
}

pub(crate) fn shows(h: &Harness, keys: &[Json]) {
    h.scanners().serves(KEYS, Ok((200, &json!({ "keys": keys }).to_string())));
}

pub(crate) fn fetches(h: &Harness) -> usize {
    h.sent().iter().filter(|sent| sent.url == KEYS).count()
}

/// Refused as every callback that is not believed, and nothing is written.
fn refused(h: &Harness, response: &Response, before: &str, why: &str) {
    assert_eq!(response.status, 401, "{why}: {}", response.body);
    assert_eq!(response.body, Harness::new().post_callback(b"{}".to_vec(), "").body, "{why}");
    assert_eq!(h.db().dump(), before, "{why}");
}

#[test]
fn a_token_of_the_trusted_workflow_stands_for_a_signature() {
    let (h, ids) = trusting();
    for (scan, provider) in ids.iter().zip(crate::harness::PROVIDERS) {
        for report in [started(scan, provider), result(scan, provider, [0; 4])] {
            let body = h.stamped(&report);
            let response = h.post_with_token(body.clone(), &token(h.now(), &body));
            assert_eq!(response.status, 200, "{}", response.body);
        }
    }
    assert_eq!(h.security()["overallVerdict"], "PASS");
    assert_eq!(fetches(&h), 1, "the keys are kept");
    let asked = h.sent().into_iter().find(|sent| sent.url == KEYS).unwrap();
    assert_eq!((&*asked.bearer, &*asked.text), ("", ""), "nothing of ours is shown to the issuer");
}

#[test]
fn without_any_secret_of_ours_a_run_is_started_and_heard() {
    let github = [
        ("DISPATCH", "github"),
        ("GITHUB_REPOSITORY", "owner/scans"),
        ("GITHUB_TOKEN", crate::github::TOKEN),
        ("WEBHOOK_SECRET", ""),
    ];
    let h = Harness::with(&[&github[..], &TRUST].concat());
    h.scanners().serves("https://api.github.com/repos/owner/scans/dispatches", Ok((204, "")));
    let ids = h.publish_tool();
    shows(&h, &[jwk(0, KID)]);
    let body = h.stamped(&result(&ids[0], "semgrep", [0; 4]));
    assert_eq!(h.post_with_token(body.clone(), &token(h.now(), &body)).status, 200);
    // No signature holds where there is no secret.
    assert_eq!(h.post_callback(body.clone(), &key(SECRET).sign(&body)).status, 401);
}

#[test]
fn a_token_is_believed_for_its_own_body_only_and_its_repeat_changes_nothing() {
    let (h, ids) = trusting();
    let body = h.stamped(&result(&ids[0], "semgrep", [0; 4]));
    let shown = token(h.now(), &body);
    let before = h.db().dump();
    for other in [
        h.stamped(&result(&ids[0], "semgrep", [1, 0, 0, 0])),
        h.stamped(&result(&ids[1], "njsscan", [0; 4])),
        h.stamped(&with(result(&ids[0], "semgrep", [0; 4]), &json!({"commitSha": OTHER_COMMIT}))),
        [&body[..], b" "].concat(),
        Vec::new(),
    ] {
        refused(&h, &h.post_with_token(other, &shown), &before, "another body");
    }
    let (status, answer) = read(&h.post_with_token(body.clone(), &shown));
    assert_eq!((status, &answer["applied"]), (200, &json!(true)));
    let (status, answer) = read(&h.post_with_token(body, &shown));
    assert_eq!((status, &answer["applied"]), (200, &json!(false)));
}

#[test]
fn whatever_is_not_as_configured_is_refused() {
    let (h, ids) = trusting();
    let body = h.stamped(&result(&ids[0], "semgrep", [0; 4]));
    // The keys are there already: what is refused is refused for the claim.
    let other = h.stamped(&started(&ids[1], "njsscan"));
    assert_eq!(h.post_with_token(other.clone(), &token(h.now(), &other)).status, 200);
    let before = h.db().dump();
    let now = h.now() / 1_000;
    let lies = [
        json!({"repository_id": "4712"}),
        json!({"repository_id": 4711}),
        json!({"repository_id": null}),
        json!({"job_workflow_ref": "owner/scans/.github/workflows/github-scan.yml@refs/heads/other"}),
        json!({"job_workflow_ref": "owner/scans/.github/workflows/other.yml@refs/heads/main"}),
        json!({"job_workflow_ref": "stranger/scans/.github/workflows/github-scan.yml@refs/heads/main"}),
        json!({"ref": "refs/heads/other"}),
        json!({"ref": "refs/heads/main2"}),
        json!({"ref": "refs/heads/MAIN"}),
        json!({"iss": "https://token.actions.githubusercontent.com/"}),
        json!({"iss": "https://token.actions.githubusercontent.com.evil.example"}),
        json!({"aud": "https://skills.example"}),
        json!({"aud": ""}),
        json!({"aud": [skillgate_contract::oidc::audience("https://skills.example", &body)]}),
        json!({"aud": skillgate_contract::oidc::audience("https://other.example", &body)}),
        json!({"exp": now - 60}),
        json!({"exp": now - 3_600, "sub": "expired"}),
        json!({"exp": null}),
        json!({"exp": "9999999999"}),
        json!({"exp": i64::MIN}),
        json!({"exp": 1e300}),
        json!({"nbf": now + 61}),
        json!({"nbf": i64::MAX}),
        json!({"nbf": null}),
        json!({"iat": now + 61}),
        json!({"iat": null}),
    ];
    for lie in lies {
        let lying = sign(0, &header(), &with(claims(h.now(), &body), &lie));
        refused(&h, &h.post_with_token(body.clone(), &lying), &before, &lie.to_string());
    }
    for claim in ["iss", "aud", "repository_id", "job_workflow_ref", "ref", "exp", "nbf", "iat"] {
        let mut without = claims(h.now(), &body);
        without.as_object_mut().unwrap().remove(claim);
        let lying = sign(0, &header(), &without);
        refused(&h, &h.post_with_token(body.clone(), &lying), &before, claim);
        assert!(h.log().contains(&format!("wrong {claim} in the token")), "{}", h.log());
    }
    assert_eq!(fetches(&h), 1, "no lie makes traffic");
    // What is not looked at may be anything, and clocks may differ by a minute.
    for truth in [
        json!({"sub": "anything", "repository": "renamed/since"}),
        json!({"exp": now - 59}),
        json!({"nbf": now + 60, "iat": now + 60}),
        json!({"exp": i64::MAX}),
    ] {
        let honest = sign(0, &header(), &with(claims(h.now(), &body), &truth));
        assert_eq!(h.post_with_token(body.clone(), &honest).status, 200, "{truth}");
    }
}

#[test]
fn forged_tokens_are_refused() {
    let (h, ids) = trusting();
    let body = h.stamped(&result(&ids[0], "semgrep", [0; 4]));
    let honest = token(h.now(), &body);
    let (signed, signature) = honest.rsplit_once('.').unwrap();
    let claims = claims(h.now(), &body);
    let part = |json: &Json| base64url(json.to_string().as_bytes());
    let under =
        |alg: &str| format!("{}.{}", part(&with(header(), &json!({ "alg": alg }))), part(&claims));
    // The old trick: the public key as a secret of HMAC.
    let modulus = base64url(&rsa::traits::PublicKeyParts::n_bytes(pair(0)));
    let hs256 = under("HS256");
    let mac = key(&modulus).sign(hs256.as_bytes());
    let mac = hex::decode(mac.strip_prefix("sha256=").unwrap()).unwrap();
    let other = with(claims.clone(), &json!({"jti": "other"}));
    let mut flipped = signature.to_owned();
    flipped.replace_range(9..10, if &signature[9..10] == "A" { "B" } else { "A" });
    let forged = [
        ("a stranger's key", sign(1, &header(), &claims)),
        ("other claims", format!("{}.{}.{signature}", part(&header()), part(&other))),
        (
            "another header",
            format!(
                "{}.{}.{signature}",
                part(&with(header(), &json!({"typ": "at+jwt"}))),
                part(&claims)
            ),
        ),
        ("a flipped bit", format!("{signed}.{flipped}")),
        ("half a signature", format!("{signed}.{}", &signature[..signature.len() / 2 / 4 * 4])),
        ("no signature", format!("{signed}.")),
        ("two parts", signed.to_owned()),
        ("four parts", format!("{honest}.{signature}")),
        ("padding", format!("{honest}=")),
        ("alg none", format!("{}.", under("none"))),
        ("alg none, signed", format!("{}.{signature}", under("none"))),
        ("alg HS256", format!("{hs256}.{}", base64url(&mac))),
        ("alg RS512", sign(0, &with(header(), &json!({"alg": "RS512"})), &claims)),
        ("alg rs256", sign(0, &with(header(), &json!({"alg": "rs256"})), &claims)),
        ("no alg", sign(0, &json!({"kid": KID}), &claims)),
        ("no kid", sign(0, &json!({"alg": "RS256"}), &claims)),
        ("crit", sign(0, &with(header(), &json!({"crit": ["exp"]})), &claims)),
        (
            "a key of its own",
            sign(
                1,
                &with(header(), &json!({"jwk": jwk(1, KID), "jku": "https://evil.example"})),
                &claims,
            ),
        ),
        ("claims that are no object", sign(0, &header(), &json!([claims.clone()]))),
        ("empty", String::new()),
        ("dots", "..".to_owned()),
        ("two tokens", format!("{honest}, Bearer {honest}")),
        ("too long", format!("{honest}{}", "A".repeat(8 * 1024))),
    ];
    // The first of them fetches the keys; that alone is written down.
    assert_eq!(h.post_with_token(body.clone(), &forged[0].1).status, 401);
    let before = h.db().dump();
    for (why, forged) in forged {
        refused(&h, &h.post_with_token(body.clone(), &forged), &before, why);
    }
    let basic = [("content-type", "application/json"), ("authorization", "Basic dTpw")];
    let sent = request("POST", "/api/v1/webhooks/scan-results", &basic, body.clone());
    refused(&h, &h.send_request(&sent), &before, "another scheme");
    assert!(h.sent().iter().all(|sent| !sent.url.contains("evil")));
    assert_eq!(fetches(&h), 1);
    assert_eq!(h.post_with_token(body, &honest).status, 200);
}

#[test]
fn the_signed_time_of_the_body_holds_here_too() {
    let (h, ids) = trusting();
    let late = with(started(&ids[0], "semgrep"), &json!({"timestamp": h.now() - 301_000}));
    let body = h.stamped(&late);
    let response = h.post_with_token(body.clone(), &token(h.now(), &body));
    assert_eq!(response.status, 401);
    assert_eq!(h.phases(), ["PENDING"; COUNT]);
    let bad = b"{\"timestamp\":".to_vec();
    assert_eq!(
        h.post_with_token(bad.clone(), &token(h.now(), &bad)).status,
        400,
        "believed, and no JSON"
    );
}

#[test]
fn where_a_signature_is_there_it_decides() {
    let (h, ids) = trusting();
    let body = h.stamped(&started(&ids[0], "semgrep"));
    let post = |signature: &str, token: &str| {
        let mut both = callback_request(body.clone(), signature);
        both.headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        h.send_request(&both).status
    };
    assert_eq!(post("sha256=00", &token(h.now(), &body)), 401, "no token mends it");
    assert_eq!(post(&key(SECRET).sign(&body), "forged"), 200, "no token harms it");
    assert_eq!(fetches(&h), 0);
}

#[test]
fn without_trust_no_token_is_looked_at() {
    let (h, ids) = Harness::published();
    let body = h.stamped(&started(&ids[0], "semgrep"));
    assert_eq!(h.post_with_token(body.clone(), &token(h.now(), &body)).status, 401);
    assert_eq!(fetches(&h), 0);
    let mut h = h;
    h.configure(&[("WEBHOOK_SECRET", "")]);
    assert_eq!(h.post_with_token(body.clone(), &token(h.now(), &body)).status, 503);
}

#[test]
fn g03_no_token_breaks_anything() {
    let (h, ids) = trusting();
    let body = h.stamped(&started(&ids[0], "semgrep"));
    let honest = token(h.now(), &body);
    // The keys are there, and of this minute.
    assert_eq!(
        h.post_with_token(body.clone(), &sign(1, &header(), &claims(h.now(), &body))).status,
        401
    );
    let before = h.db().dump();
    let part = proptest::collection::vec(any::<u8>(), 0..60).prop_map(|bytes| base64url(&bytes));
    let json = any::<(String, i64, String)>().prop_map(|(a, b, c)| {
        base64url(json!({"alg": "RS256", "kid": a, "exp": b, "iss": c}).to_string().as_bytes())
    });
    let part = prop_oneof![
        part,
        json,
        any::<String>(),
        Just(honest.split('.').next().unwrap().to_owned())
    ];
    let strategy =
        (proptest::collection::vec(part, 0..5), any::<prop::sample::Index>(), any::<char>());
    let config =
        ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(&strategy, |(parts, at, c)| {
            let mut bent: Vec<char> = honest.chars().collect();
            let at = at.index(bent.len());
            prop_assume!(bent[at] != c);
            bent[at] = c;
            for token in [parts.join("."), bent.into_iter().collect()] {
                let status = h.post_with_token(body.clone(), &token).status;
                prop_assert_eq!(status, 401, "{}", token);
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(h.db().dump(), before);
}
