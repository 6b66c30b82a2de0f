//! Statements with their parameters, and the values that are bound to them.

use crate::ports::Value;

/// A statement with its parameters.
macro_rules! statement {
    ($sql:expr $(,)?) => {
        $crate::ports::Statement::new($sql)
    };
    ($sql:expr $(, $param:expr)+ $(,)?) => {{
        let mut statement = $crate::ports::Statement::new($sql);
        $(statement.bind($param);)+
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
