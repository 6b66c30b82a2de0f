//! The keys of the issuer of tokens: kept, renewed, and not to be had.

use crate::{
    harness::{COUNT, MINUTE, started, with},
    oidc::{KEYS, fetches, shows, trusting},
    tokens::{KID, claims, header, jwk, sign, token},
};
use serde_json::json;

#[test]
fn a_new_key_of_the_issuer_is_found_by_one_more_look_and_a_withdrawn_one_is_forgotten() {
    let (h, ids) = trusting();
    let send = |pair: usize, kid: &str| {
        let body = h.stamped(&started(&ids[0], "semgrep"));
        let header = with(header(), &json!({ "kid": kid }));
        h.post_with_token(body.clone(), &sign(pair, &header, &claims(h.now(), &body))).status
    };
    assert_eq!((send(0, KID), fetches(&h)), (200, 1));
    // Keys of this minute are the present ones: an unknown one makes no traffic.
    assert_eq!((send(1, "key-2"), fetches(&h)), (401, 1));
    shows(&h, &[jwk(0, KID), jwk(1, "key-2")]);
    h.advance(MINUTE);
    assert_eq!((send(1, "key-2"), fetches(&h)), (200, 2));
    assert_eq!((send(0, KID), fetches(&h)), (200, 2), "the old one is still shown");
    assert_eq!((send(0, "key-2"), fetches(&h)), (401, 2), "each key under its own name");
    shows(&h, &[jwk(1, "key-2")]);
    h.advance(59 * MINUTE);
    assert_eq!((send(0, KID), fetches(&h)), (200, 2));
    h.advance(MINUTE);
    assert_eq!((send(0, KID), fetches(&h)), (401, 3), "an hour at most");
}

#[test]
fn junk_cannot_make_the_worker_ask_for_keys_more_than_ten_times_a_minute() {
    let (h, ids) = trusting();
    // The worst case: nothing can be kept, so that every token of an unknown key asks.
    h.kv().set_down(true);
    let body = h.stamped(&started(&ids[0], "semgrep"));
    let junk = |n: usize| {
        let header = with(header(), &json!({"kid": format!("junk-{n}")}));
        sign(1, &header, &claims(h.now(), &body))
    };
    let statuses: Vec<_> =
        (0..25).map(|n| h.post_with_token(body.clone(), &junk(n)).status).collect();
    assert_eq!(statuses, [[401; 10].to_vec(), [503; 15].to_vec()].concat());
    assert_eq!(fetches(&h), 10);
    h.advance(MINUTE);
    assert_eq!(h.post_with_token(body.clone(), &token(h.now(), &body)).status, 200);
    assert_eq!(fetches(&h), 11);
}

#[test]
fn with_kv_down_tokens_are_believed_still() {
    let (h, ids) = trusting();
    h.kv().set_down(true);
    let body = h.stamped(&started(&ids[0], "semgrep"));
    for _ in 0..2 {
        assert_eq!(h.post_with_token(body.clone(), &token(h.now(), &body)).status, 200);
    }
    assert_eq!(fetches(&h), 2);
}

#[test]
fn where_the_keys_cannot_be_had_the_sender_is_told_to_come_again() {
    for keys in [
        Err("no answer within 10 s"),
        Ok((500, "oops")),
        Ok((302, "")),
        Ok((200, "<html>")),
        Ok((200, r#"{"keys":[]}"#)),
        Ok((200, r#"{"keys":[{"kty":"EC","kid":"key-1","n":"AQAB","e":"AQAB"}]}"#)),
        Ok((200, r#"{"keys":[{"kty":"RSA","kid":"key-1","use":"enc","n":"AQAB","e":"AQAB"}]}"#)),
        Ok((200, r#"{"keys":[{"kty":"RSA","kid":"key-1","alg":"RS512","n":"AQAB","e":"AQAB"}]}"#)),
    ] {
        let (h, ids) = trusting();
        h.scanners().serves(KEYS, keys);
        let body = h.stamped(&started(&ids[0], "semgrep"));
        let shown = token(h.now(), &body);
        let response = h.post_with_token(body.clone(), &shown);
        assert_eq!(response.status, 503, "{keys:?}");
        assert!(response.header("retry-after").is_some());
        assert!(h.log().contains(KEYS), "{}", h.log());
        assert_eq!(h.phases(), ["PENDING"; COUNT]);
        shows(&h, &[jwk(0, KID)]);
        assert_eq!(h.post_with_token(body, &shown).status, 200, "what failed is not kept");
    }
}

#[test]
fn keys_that_no_cryptography_takes_are_our_fault_and_not_the_senders() {
    let (h, ids) = trusting();
    shows(&h, &[with(jwk(0, KID), &json!({"n": "?", "e": "?"}))]);
    let body = h.stamped(&started(&ids[0], "semgrep"));
    assert_eq!(h.post_with_token(body.clone(), &token(h.now(), &body)).status, 503);
}

#[test]
fn what_kv_holds_of_another_issuer_or_in_another_form_is_not_believed() {
    let (h, ids) = trusting();
    let forged = |at: i64| format!("{at} {}", json!({"keys": [jwk(1, KID)]}));
    let put = |key: &str, value: &str| {
        h.kv().values.borrow_mut().insert(key.to_owned(), (value.to_owned(), None));
    };
    put("oidc-keys:https://other.example", &forged(h.now()));
    let key = "oidc-keys:https://token.actions.githubusercontent.com";
    let body = h.stamped(&started(&ids[0], "semgrep"));
    for broken in ["", "{}", "null", "1", "x {}", r#"1 {"keys":[{}]}"#] {
        put(key, broken);
        assert_eq!(h.post_with_token(body.clone(), &token(h.now(), &body)).status, 200, "{broken}");
    }
    // Nor what is older than it may be, or from the future.
    for at in [h.now() - 60 * MINUTE, h.now() + MINUTE] {
        put(key, &forged(at));
        assert_eq!(h.post_with_token(body.clone(), &token(h.now(), &body)).status, 200, "{at}");
    }
}
