//! A job's reports, by key and by token.

use super::*;
use skillgate_contract::{Secret, oidc};

const BEARER: &str = "canary-of-the-runners-token";

fn direct(receiver: &Receiver, credentials: CallbackCredentials) -> CallbackSender {
    let allowed = AllowedCallbacks::parse(&receiver.origin()).unwrap();
    CallbackSender {
        target: CallbackTarget::parse(&receiver.url(), &allowed).unwrap(),
        client: Client::new(false)
            .unwrap()
            .with_timeouts(Duration::from_millis(300), Duration::from_millis(500)),
        clock: minutes(),
        schedule: quick(),
        credentials,
    }
}

fn by_key(receiver: &Receiver) -> CallbackSender {
    direct(receiver, CallbackCredentials::SigningKey(SigningKey::new(SECRET).unwrap()))
}

/// A report by key that is given up after a few tries.
pub(super) async fn gives_up_soon(receiver: &Receiver) -> Result<Delivered, Undelivered> {
    let schedule = RetrySchedule::new([Duration::from_millis(1)], Duration::from_secs(250));
    // The clock goes on by a minute each time it is asked: twice for each try.
    CallbackSender { schedule, ..by_key(receiver) }.send(&report()).await
}

fn report() -> Callback {
    delivery("", Event::Result(Box::new(result()))).callback
}

/// GitHub's answer to a request for a token: the audience, so that a test can see what it was for.
async fn issuer(answers: impl IntoIterator<Item = Reply>) -> (Receiver, TokenEndpoint) {
    let issuer = Receiver::start(answers).await;
    let url = format!("{}/1//idtoken/a-b?api-version=2.0", issuer.origin());
    let token = TokenEndpoint::new(&url, &Secret::new(BEARER.to_owned())).unwrap();
    (issuer, token)
}

#[tokio::test]
async fn a_jobs_report_is_signed_afresh_until_it_is_taken() {
    let receiver = Receiver::start([Reply::Status(503), Reply::Status(429)]).await;
    let sent = by_key(&receiver).send(&report()).await;
    assert_eq!(sent, Ok(Delivered::Accepted));
    let tries = receiver.received();
    assert_eq!(tries.len(), 3);
    for sent in &tries {
        let key = SigningKey::new(SECRET).unwrap();
        let header = sent.header(signature::SIGNATURE_HEADER);
        assert_eq!(signature::verify(&[key], header, &sent.body), Ok(()));
        assert_eq!(sent.json()["deliveryId"], tries[0].json()["deliveryId"]);
    }
    assert_ne!(tries[0].json()["timestamp"], tries[2].json()["timestamp"]);
}

#[tokio::test]
async fn a_refusal_ends_it_and_a_worker_that_is_further_is_no_failure() {
    for (status, refused) in [(401, true), (404, true), (422, true), (409, false)] {
        let receiver = Receiver::start([Reply::Refusal(status)]).await;
        let sent = by_key(&receiver).send(&report()).await;
        assert_eq!(receiver.received().len(), 1, "{status}");
        match sent {
            Err(Undelivered::Rejected(why)) if refused => {
                assert!(why.contains(&status.to_string()));
            }
            Ok(Delivered::Superseded(_)) if !refused => {}
            other => panic!("{status}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_report_that_does_not_arrive_is_given_up_in_time() {
    let receiver = Receiver::start(std::iter::repeat_n(Reply::Status(500), 50)).await;
    let sent = gives_up_soon(&receiver).await;
    assert!(matches!(sent, Err(Undelivered::GivenUp(why)) if why.contains("500")));
    assert!(receiver.received().len() < 5);
}

#[tokio::test]
async fn a_token_is_asked_for_each_body_and_stands_in_place_of_the_signature() {
    let token = |n: u32| Reply::Json(200, format!(r#"{{"count":1,"value":"h.p{n}.s"}}"#));
    let (issuer, asked) = issuer([Reply::Status(500), token(1), token(2)]).await;
    let receiver = Receiver::start([Reply::Status(503)]).await;
    let sent = direct(&receiver, CallbackCredentials::ActionsToken(asked)).send(&report()).await;
    assert_eq!(sent, Ok(Delivered::Accepted));

    let (questions, tries) = (issuer.received(), receiver.received());
    assert_eq!((questions.len(), tries.len()), (3, 2));
    for (n, (question, sent)) in questions[1..].iter().zip(&tries).enumerate() {
        assert_eq!(question.method.as_str(), "GET");
        assert_eq!(question.header("authorization"), Some(format!("Bearer {BEARER}").as_str()));
        let audience = oidc::audience(&receiver.origin(), &sent.body);
        let escaped = audience.replace(':', "%3A").replace('/', "%2F").replace('#', "%23");
        let path = format!("/1//idtoken/a-b?api-version=2.0&audience={escaped}");
        assert_eq!(question.path, path);
        let bearer = format!("Bearer h.p{}.s", n + 1);
        assert_eq!(sent.header(oidc::TOKEN_HEADER), Some(bearer.as_str()));
        assert_eq!(sent.header(signature::SIGNATURE_HEADER), None);
    }
}

#[tokio::test]
async fn an_issuer_that_gives_no_usable_token_sends_nothing_to_the_worker() {
    for answer in [
        Reply::Status(403),
        Reply::Json(200, "{}".into()),
        Reply::Json(200, r#"{"value":""}"#.into()),
        Reply::Json(200, r#"{"value":"a b"}"#.into()),
        Reply::Json(200, r#"{"value":"a\r\nx-webhook-signature: y"}"#.into()),
    ] {
        let (_issuer, asked) = issuer(std::iter::repeat_n(answer.clone(), 9)).await;
        let receiver = Receiver::start([]).await;
        let schedule = RetrySchedule::new([Duration::from_millis(1)], Duration::from_secs(150));
        let by_token = CallbackSender {
            schedule,
            ..direct(&receiver, CallbackCredentials::ActionsToken(asked))
        };
        let Err(Undelivered::GivenUp(why)) = by_token.send(&report()).await else {
            panic!("{answer:?}");
        };
        assert!(why.starts_with("GitHub") && !why.contains(BEARER), "{why}");
        assert!(receiver.received().is_empty());
    }
}
