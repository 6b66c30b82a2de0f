//! JSON that a tool did not write to its end.

/// Brackets in brackets: no tool writes as many, and behind them nothing is read.
const MAX_DEPTH: usize = 64;

/// The JSON up to the last whole element of an array that lies in `depth` brackets, closed behind it; `None` where there is
/// no such element.
pub(super) fn closed(json: &[u8], depth: usize) -> Option<Vec<u8>> {
    let (mut open, mut end) = (Vec::new(), None);
    let (mut in_string, mut escaped) = (false, false);
    for (at, byte) in json.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' if open.len() >= MAX_DEPTH => break,
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' => {
                open.pop();
                if open.len() == depth && open.last() == Some(&b']') {
                    end = Some((at, open.clone()));
                }
            }
            _ => {}
        }
    }
    let (end, open) = end?;
    let whole = json.get(..=end)?.iter().copied();
    Some(whole.chain(open.into_iter().rev()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_list_is_read_as_far_as_its_elements_are_whole() {
        let json = br#"{"v":"a]\"}","list":[{"a":[1]},{"b":"}]"},{"c":[2,{}]}],"more":[]}"#;
        let counts: Vec<_> = (0..=json.len())
            .map(|length| {
                let whole = closed(&json[..length], 2)?;
                let value: serde_json::Value = serde_json::from_slice(&whole).unwrap();
                value["list"].as_array().map(Vec::len)
            })
            .collect();
        assert!(counts.is_sorted(), "{counts:?}");
        assert_eq!((counts[20], counts.last().copied().flatten()), (None, Some(3)));
        assert_eq!(closed(json, 5), None);
        assert_eq!(closed(b"]]}}", 2), None);
    }
}
