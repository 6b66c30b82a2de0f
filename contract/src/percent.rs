//! Percent-encoding (RFC 3986, 2.1): text inside of a URL.

/// Encodes every byte but RFC 3986's unreserved characters: fit for a query's value, a fragment, or
/// one segment of a path.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    encode(text, false)
}

/// Like [`percent_encode`], but slashes stay: for a path of several segments. Segments `.` and `..`
/// stay too; a caller that must not be led out of a folder removes them first.
#[must_use]
pub fn percent_encode_path(path: &str) -> String {
    encode(path, true)
}

fn encode(text: &str, slashes: bool) -> String {
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'A' + half - 10 });
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || slashes && byte == b'/' {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    encoded
}

/// Decodes every `%41`; `None` where an escape is broken or the result is not UTF-8. A `+` is a plus.
#[must_use]
pub fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digit = |b: Option<u8>| char::from(b?).to_digit(16);
            let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
            decoded.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_but_unreserved_characters_is_encoded() {
        assert_eq!(
            percent_encode("https://a.example#sha256:0f&x=%"),
            "https%3A%2F%2Fa.example%23sha256%3A0f%26x%3D%25"
        );
        assert_eq!(percent_encode_path("a b/\u{e4}#?\0~"), "a%20b/%C3%A4%23%3F%00~");
    }

    #[test]
    fn escapes_are_decoded_or_refused() {
        assert_eq!(percent_decode("a%2fb%C3%A4+").as_deref(), Some("a/b\u{e4}+"));
        for bad in ["%", "%4", "%zz", "%ff", "%+1"] {
            assert_eq!(percent_decode(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(text in any::<String>()) {
            for encoded in [percent_encode(&text), percent_encode_path(&text)] {
                prop_assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b)));
                prop_assert_eq!(percent_decode(&encoded), Some(text.clone()));
            }
        }
    }
}
