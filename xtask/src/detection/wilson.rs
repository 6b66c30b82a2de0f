//! Wilson's score interval of a share.

/// The quantile of the normal distribution for 95 %, two-sided.
const Z: f64 = 1.959_963_985;

/// The 95 % interval of the share that `hits` of `all` estimate, as two numbers from 0 to 1; nothing where `all` is 0.
#[must_use]
pub fn interval(hits: u32, all: u32) -> Option<(f64, f64)> {
    if all == 0 {
        return None;
    }
    let n = f64::from(all);
    let share = f64::from(hits.min(all)) / n;
    let scale = 1.0 + Z * Z / n;
    let middle = (share + Z * Z / (2.0 * n)) / scale;
    let half = Z / scale * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    Some(((middle - half).max(0.0), (middle + half).min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_intervals_come_out() {
        // The first four: Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        for (hits, all, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0000, 0.1611),
            (1, 29, 0.0061, 0.1718),
            (5, 10, 0.2366, 0.7634),
            (10, 10, 0.7225, 1.0000),
        ] {
            let (found_low, found_high) = interval(hits, all).unwrap();
            assert!((found_low - low).abs() < 0.000_06, "{hits} of {all}: {found_low}");
            assert!((found_high - high).abs() < 0.000_06, "{hits} of {all}: {found_high}");
        }
    }

    #[test]
    fn nothing_out_of_nothing_has_no_interval() {
        assert_eq!(interval(0, 0), None);
    }
}
