//! The one list of a row's columns.

/// Implements [`FromRow`](crate::store::row::FromRow) for model types from one list of columns: the field, the
/// method of [`Row`](crate::store::row::Row) that reads it, and the column's name where it differs. `flag` reads an
/// integer that is 1 for true. For tests it also gives the names of the columns, as `columns()`.
macro_rules! rows {
    ($($name:ident { $($field:ident : $read:ident $($column:literal)?,)+ })+) => {$(
        impl FromRow for $name {
            fn from_row(row: &Row) -> Option<Self> {
                Some(Self {
                    $($field: rows!(@read row $read rows!(@column $field $($column)?)),)+
                })
            }
        }

        #[cfg(test)]
        impl columns::Columns for $name {
            fn columns() -> Vec<&'static str> {
                vec![$(rows!(@column $field $($column)?)),+]
            }
        }
    )+};
    (@column $field:ident) => { stringify!($field) };
    (@column $field:ident $column:literal) => { $column };
    (@read $row:ident flag $column:expr) => { $row.number::<i64>($column)? == 1 };
    (@read $row:ident $read:ident $column:expr) => { $row.$read($column)? };
}
pub(super) use rows;

/// The columns that a statement must select for a type, for tests.
#[cfg(test)]
pub(super) trait Columns {
    /// The names, in the order of the list.
    fn columns() -> Vec<&'static str>;
}

#[cfg(test)]
mod tests {
    use super::Columns as _;
    use crate::store::{
        EntryRow, FoundRow, LeasedScan, OfferedScan, ScanDetailRow, ScanRow, SkillRow, sql,
    };

    /// The names that a statement selects first: the last word of each item, whatever stands in
    /// parentheses left out.
    fn selected(sql: &str) -> Vec<String> {
        let (mut depth, mut flat) = (0_i32, String::new());
        for c in sql.chars() {
            depth += i32::from(c == '(') - i32::from(c == ')');
            if depth == 0 {
                flat.push(if c.is_whitespace() { ' ' } else { c });
            }
        }
        // What stands before it are the parts of a `WITH`, in parentheses.
        let list = flat.split_once("SELECT").unwrap().1.split_once(" FROM ").unwrap().0;
        let name = |item: &str| {
            let word = item.trim().rsplit([' ', '.']).next().unwrap_or_default();
            word.to_owned()
        };
        list.split(',').map(name).collect()
    }

    #[test]
    fn each_statement_selects_every_column_of_its_type() {
        for (statement, columns) in [
            (sql::SELECT_SCAN, ScanRow::columns()),
            (sql::SELECT_HISTORY, ScanRow::columns()),
            (sql::SELECT_SCAN_DETAIL, ScanDetailRow::columns()),
            (sql::SELECT_SKILL, SkillRow::columns()),
            (sql::SELECT_LEASED, LeasedScan::columns()),
            (sql::SELECT_OFFERED, OfferedScan::columns()),
            (sql::SEARCH_BY_WORD, FoundRow::columns()),
            (sql::SELECT_BLOCKLIST_MATCHES, EntryRow::columns()),
        ] {
            let selected = selected(statement);
            for column in columns {
                assert!(
                    selected.iter().any(|name| name == column),
                    "{column} is not in {selected:?}"
                );
            }
        }
    }
}
