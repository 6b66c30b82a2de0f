//! What of a found value is hidden, and what is not.

use super::*;
use proptest::prelude::*;

/// Built from parts, so that this file holds nothing that looks like a key.
fn aws_like() -> String {
    format!("AKIA{}", "IOSFODNN7EXAMPLE")
}

#[test]
fn a_value_is_masked_in_pieces_too() {
    let raw = format!("{}:{}", aws_like(), "s".repeat(40));
    let shown =
        Values::new([raw.as_str()]).mask(&format!("id={}\nkey={}", aws_like(), "s".repeat(40)));
    assert_eq!(shown, "id=AKIA…(20)\nkey=ssss…(40)");
}

#[test]
fn g36_values_that_overlap_are_masked_both() {
    let shown = Values::new(["abcdefghijkl", "ijklmnopqrst"]).mask("x=abcdefghijklmnopqrst;");
    assert_eq!(shown, "x=abcd…(20);");
}

#[test]
fn g36_of_an_address_the_password_alone_is_secret() {
    let address = "postgresql://app_user_1:hunter2hunter2@db.vendor.example:5432/customers1";
    let values = Values::new([address]);
    for public in [
        "skills/postgresql-helper/SKILL.md",
        "app_user_1",
        "db.vendor.example",
        "customers1",
        "use postgresql://HOST:5432/customers1",
        "hunter2hunter22 is another word",
    ] {
        assert_eq!(values.mask(public), public);
        assert_eq!(values.mask_path(public), public);
    }
    assert_eq!(values.mask("PGPASSWORD=hunter2hunter2;"), "PGPASSWORD=hunt…(14);");
    assert_eq!(values.mask(&format!("u={address}")), "u=post…(72)");
}

#[test]
fn a_password_that_is_an_ordinary_word_mangles_nothing() {
    for address in [
        "postgres://postgres:postgres@db.vendor.example:5432/app",
        "rabbitmq://rabbitmq:rabbitmq@queue.vendor.example/x",
        "mysql://reporting:password@db.vendor.example/reporting",
        "redis://default:changeme@cache.vendor.example",
        "https://username:secretpassword@vendor.example",
    ] {
        let values = Values::new([address]);
        for text in [
            "skills/postgres-helper/SKILL.md",
            "rabbitmq/reporting/password-manager.md",
            "image: postgres, user: rabbitmq, db: reporting, field: password",
            "const secretpassword = read('changeme', username);",
        ] {
            assert_eq!(values.mask(text), text, "{address}");
            assert_eq!(values.mask_path(text), text, "{address}");
        }
        assert!(!values.mask(&format!("u: {address}.")).contains(address));
    }
}

#[test]
fn g36_tokens_and_settings_of_an_address_are_secret() {
    let token = "k3".repeat(12);
    for (address, text) in [
        (format!("https://{token}@vendor.example/x.git"), format!("t={token}")),
        (
            format!("jdbc:sqlserver://db.vendor.example;user=sa;password={token};x=1"),
            format!("p={token}"),
        ),
        (format!("https://vendor.example/hook?apiKey={token}&a=b"), format!("p={token}")),
        (format!("ldap://vendor.example\tcn=reader\t{token}"), format!("p={token}")),
    ] {
        let shown = Values::new([address.as_str()]).mask(&text);
        assert!(shown.ends_with("=k3k3…(24)"), "{shown}");
    }
}

#[test]
fn g36_of_an_object_the_values_are_secret_and_the_names_are_not() {
    let key = "Q2Fu9".repeat(8);
    let object = format!(
        "{{\"type\": \"service_account\", \"auth_provider_x509_cert_url\": \
         \"https://vendor.example/oauth2/v1/certs\", \"private_key_id\": \"{key}\"}}"
    );
    let values = Values::new([object.as_str()]);
    let names = "service_account, auth_provider_x509_cert_url, https://vendor.example/oauth2";
    assert_eq!(values.mask(names), names);
    assert_eq!(values.mask(&format!("id = {key}")), "id = Q2Fu…(40)");
    let block = format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n");
    let values = Values::new([block.as_str()]);
    assert_eq!(values.mask("-----BEGIN PRIVATE KEY-----"), "-----BEGIN PRIVATE KEY-----");
    assert_eq!(values.mask(&key), "Q2Fu…(40)");
}

#[test]
fn g36_a_path_that_is_a_secret_is_masked() {
    let token = format!("sq0{}", "Zk".repeat(12));
    let values = Values::new([token.as_str(), "helpers"]);
    assert_eq!(values.mask_path(&format!("helpers/{token}/a.env")), "helpers/sq0Z…(27)/a.env");
}

proptest! {
    #[test]
    fn a_masked_value_is_gone(value in "[A-Za-z0-9+/]{12,60}", before in ".{0,20}", after in ".{0,20}") {
        let shown = Values::new([value.as_str()]).mask(&format!("{before}{value}{after}"));
        prop_assert!(!shown.contains(&value));
    }

    #[test]
    fn whatever_the_value_nothing_panics(value in any::<String>(), text in any::<String>()) {
        let values = Values::new([value.as_str()]);
        let _ = (values.mask(&text), values.mask_path(&text));
    }
}
