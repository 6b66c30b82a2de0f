//! Brings letters that look alike to one form, so that a lexicon has each word once.

/// Whether no program shows the character. Joiners count: they shape other letters, and say nothing themselves.
pub(super) const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Whether the character is a word of its own: scripts that put no blank between words.
pub(super) const fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3005}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// A letter in its plain lower-case form: full-width, mathematical and accented letters lose what sets them apart.
pub(super) fn plain(c: char) -> char {
    let code = u32::from(c);
    let c = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(code - 0xfee0).unwrap_or(c),
        '\u{1d400}'..='\u{1d6a3}' => letter((code - 0x1d400) % 52),
        '\u{24b6}'..='\u{24e9}' => letter((code - 0x24b6) % 52),
        '\u{2018}' | '\u{2019}' | '\u{2bc}' => '\'',
        other => other,
    };
    let lower = match c {
        'İ' => 'i',
        other => other.to_lowercase().next().unwrap_or(other),
    };
    match lower {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è'..='ë' | 'ē' | 'ę' | 'ě' => 'e',
        'ì'..='ï' | 'ī' | 'ı' => 'i',
        'ñ' | 'ń' => 'n',
        'ò'..='ö' | 'ø' | 'ō' => 'o',
        'ù'..='ü' | 'ū' => 'u',
        'ý' | 'ÿ' => 'y',
        'ğ' => 'g',
        'ş' | 'š' | 'ß' => 's',
        'ё' => 'е',
        other => other,
    }
}

/// Letter number `at` of `A` to `Z`, `a` to `z`.
fn letter(at: u32) -> char {
    let at = u8::try_from(at % 52).unwrap_or_default();
    char::from(if at < 26 { b'A' + at } else { b'a' + at - 26 })
}

/// The Latin letter that a Cyrillic or Greek letter in lower case looks like.
pub(super) const fn latin_look_alike(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' => 'a',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ε' => 'e',
        'һ' => 'h',
        'і' | 'ι' | 'ї' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'ӏ' => 'l',
        'м' => 'm',
        'ո' | 'п' | 'η' => 'n',
        'о' | 'ο' | 'օ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' => 'r',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        _ => return None,
    })
}

/// A word in its plain form, and whether letters of two scripts were mixed in it.
pub(super) fn word(word: &str) -> (String, bool) {
    let folded: String = word.chars().map(plain).collect();
    let latin = folded.chars().any(|c| c.is_ascii_alphabetic());
    let alike = |c: char| latin_look_alike(c).is_some();
    if !latin || !folded.chars().any(alike) {
        return (folded, false);
    }
    (folded.chars().map(|c| latin_look_alike(c).unwrap_or(c)).collect(), true)
}
