//! Callbacks over TLS: only a trusted certificate of the right name hears anything.

use super::super::{Client, ClientError};
use crate::callback_target::CallbackTarget;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::sync::Arc;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivatePkcs8KeyDer},
    },
};

/// A receiver with a certificate for this name; its task returns what it heard.
async fn receiver(name: &str) -> (u16, CertificateDer<'static>, JoinHandle<String>) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await else {
            return String::new();
        };
        let mut heard = Vec::new();
        while !heard.ends_with(b"{}") {
            let mut part = [0; 1024];
            match stream.read(&mut part).await {
                Ok(n) if n > 0 => heard.extend_from_slice(&part[..n]),
                _ => break,
            }
        }
        let _ = stream
            .write_all(
                b"HTTP/1.1 200 OK\r\ncontent-length: 26\r\n\r\n{\"ok\":true,\"scanId\":\"s-1\"}",
            )
            .await;
        let _ = stream.shutdown().await;
        String::from_utf8(heard).unwrap()
    });
    (port, cert.der().clone(), heard)
}

const PROOF: (&str, &str) = ("x-webhook-signature", "sha256=00");

#[tokio::test]
async fn a_trusted_receiver_hears_the_report() {
    let (port, authority, heard) = receiver("localhost").await;
    let client = Client::trusting(vec![authority]).unwrap();
    let target = CallbackTarget::local_tls(port);
    let answer = client.post(&target, None, b"{}".to_vec(), PROOF).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.is_acceptance), (200, true));
    let heard = heard.await.unwrap();
    assert!(heard.starts_with("POST /api/v1/webhooks/scan-results HTTP/1.1\r\n"), "{heard}");
    assert!(heard.contains("x-webhook-signature: sha256=00\r\n"), "{heard}");
}

#[tokio::test]
async fn g23_a_receiver_with_a_strange_certificate_hears_nothing() {
    let (_, other, _) = receiver("localhost").await;
    let (port, _, heard) = receiver("localhost").await;
    let client = Client::trusting(vec![other]).unwrap();
    let sent = client.post(&CallbackTarget::local_tls(port), None, b"{}".to_vec(), PROOF).await;
    assert!(sent.is_err());
    assert_eq!(heard.await.unwrap(), "");
}

#[tokio::test]
async fn g23_a_receiver_with_a_certificate_for_another_name_hears_nothing() {
    let (port, authority, heard) = receiver("evil.example").await;
    let client = Client::trusting(vec![authority]).unwrap();
    let sent = client.post(&CallbackTarget::local_tls(port), None, b"{}".to_vec(), PROOF).await;
    assert!(sent.is_err());
    assert_eq!(heard.await.unwrap(), "");
}

#[test]
fn without_any_authority_nothing_starts() {
    assert!(matches!(Client::trusting(vec![]), Err(ClientError::NoAuthorities)));
}
