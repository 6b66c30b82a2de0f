//! Statements with their parameters, and the values that are bound to them.

use crate::ports::Value;

/// A statement with a value for each `:name` in its text: `statement!(sql::X, id = scan.id.as_str(), now)`. A variable of
/// that name needs no `= value`. D1 knows numbered parameters only, so the text with the numbers is made at compile
/// time, and a name without a value or a value without a name does not compile. Of several texts with the same names:
/// `statement!(match (x) { A => sql::A, B => sql::B }, …)`.
macro_rules! statement {
    (@value $name:ident) => { $name };
    (@value $name:ident = $value:expr) => { $value };
    (@text $sql:path, [$($name:ident),*]) => {{
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        const LENGTH: usize = $crate::store::sql::named::length($sql, NAMES);
        const BYTES: [u8; LENGTH] = $crate::store::sql::named::expand($sql, NAMES);
        const TEXT: &str = match std::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => "",
        };
        TEXT
    }};
    (@texts ($of:expr) { $($pattern:pat => $sql:path),+ $(,)? } $names:tt) => {
        match $of { $($pattern => statement!(@text $sql, $names)),+ }
    };
    (match ($of:expr) $texts:tt $(, $name:ident $(= $value:expr)?)+ $(,)?) => {{
        let mut statement =
            $crate::ports::Statement::new(statement!(@texts ($of) $texts [$($name),+]));
        $(statement.bind(statement!(@value $name $(= $value)?));)+
        statement
    }};
    ($sql:path $(,)?) => {
        $crate::ports::Statement::new(statement!(@text $sql, []))
    };
    ($sql:path $(, $name:ident $(= $value:expr)?)+ $(,)?) => {{
        let mut statement = $crate::ports::Statement::new(statement!(@text $sql, [$($name),+]));
        $(statement.bind(statement!(@value $name $(= $value)?));)+
        statement
    }};
}
pub(crate) use statement;

/// The value of an optional text.
pub(super) fn text<T: ToString>(value: Option<&T>) -> Value {
    value.map(ToString::to_string).into()
}

/// The detail of an audit line, as a JSON object.
pub(super) fn detail(facts: &[(&str, Value)]) -> String {
    struct Facts<'a>(&'a [(&'a str, Value)]);
    impl serde::Serialize for Facts<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|(name, value)| (*name, value)))
        }
    }
    serde_json::to_string(&Facts(facts)).unwrap_or_default()
}
