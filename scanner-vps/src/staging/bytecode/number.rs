//! Numbers of Python in one way of writing, without their signs: whole ones in hexadecimal digits, others by their bits.

/// A whole number.
pub(super) fn small(value: u128) -> String {
    format!("{value:x}")
}

/// A whole number of digits with fifteen bits each, the lowest first, in two bytes each.
pub(super) fn of_digits(bytes: &[u8]) -> String {
    let (mut pool, mut bits, mut digits) = (0u32, 0u32, Vec::new());
    for pair in bytes.chunks_exact(2) {
        let digit = pair.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
        pool |= (digit & 0x7fff) << bits;
        bits += 15;
        while bits >= 4 {
            digits.extend(char::from_digit(pool & 15, 16));
            pool >>= 4;
            bits -= 4;
        }
    }
    digits.extend(char::from_digit(pool & 15, 16));
    trimmed(&digits.into_iter().rev().collect::<String>())
}

/// A number with a fraction or an exponent.
pub(super) fn float(value: f64) -> String {
    format!("f{:x}", value.abs().to_bits())
}

/// Numbers in their order.
pub(super) fn row<'a>(numbers: impl Iterator<Item = &'a str>) -> String {
    let mut row = String::from(" ");
    for number in numbers {
        row.push_str(number);
        row.push(' ');
    }
    row
}

/// A number as the source has it; `None` where it is none. Decimal ones of more than 128 bits are not known.
pub(super) fn of_source(token: &str) -> Option<String> {
    let token = token.replace('_', "").to_ascii_lowercase();
    if let Some(digits) = token.strip_prefix("0x") {
        let hex = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
        return hex.then(|| trimmed(digits));
    }
    for (prefix, radix) in [("0o", 8), ("0b", 2)] {
        if let Some(digits) = token.strip_prefix(prefix) {
            return u128::from_str_radix(digits, radix).ok().map(small);
        }
    }
    if let Ok(value) = token.parse() {
        return Some(small(value));
    }
    let value = token.strip_suffix('j').unwrap_or(&token);
    let is_number = value.bytes().all(|b| b.is_ascii_digit() || b".e+-".contains(&b));
    value
        .parse()
        .ok()
        .filter(|_| is_number && (value != token || value.contains(['.', 'e'])))
        .map(float)
}

fn trimmed(digits: &str) -> String {
    let rest = digits.trim_start_matches('0');
    if rest.is_empty() { "0".to_owned() } else { rest.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for token in ["255", "0xFF", "0o377", "0b1111_1111", "2_5_5", "0x00ff"] {
            assert_eq!(of_source(token).as_deref(), Some("ff"), "{token}");
        }
        assert_eq!(of_digits(&[0xff, 0, 0, 0]), "ff");
        assert_eq!(of_digits(&[0xff, 0x7f, 1, 0]), "ffff");
        assert_eq!(of_source("2.50"), Some(float(-2.5)));
        assert_eq!(of_source("2j"), Some(float(2.0)));
        assert_eq!(row(["1", "ff"].into_iter()), " 1 ff ");
        for token in ["", "0x", "1.2.3", "1e", "0b2"] {
            assert_eq!(of_source(token), None, "{token}");
        }
    }
}
