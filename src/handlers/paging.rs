//! Lists that are read page by page.

use crate::{
    error::AppError,
    http::{Request, Response},
};
use std::str::FromStr;

/// How long a page is where nobody asks for another length.
const DEFAULT_LIMIT: u32 = 50;
/// No page is longer.
const MAX_LIMIT: u32 = 100;

/// `limit`, however many digits it has, as the nearest number from 1 to `most`.
///
/// # Errors
/// 400 where it is no whole number.
pub(super) fn limit(request: &Request, default: u32, most: u32) -> Result<u32, AppError> {
    let Some(text) = request.query_value("limit")? else { return Ok(default) };
    let digits = text.strip_prefix('-').unwrap_or(&text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(AppError::query("limit must be a whole number".to_owned()));
    }
    let number = if digits.len() < text.len() { 0 } else { digits.parse().unwrap_or(most) };
    Ok(number.clamp(1, most))
}

/// What a list is narrowed to; an empty value, as forms send it, asks for nothing.
///
/// # Errors
/// 400 where it is no such word.
pub(super) fn filter<T: FromStr>(request: &Request, name: &str) -> Result<Option<T>, AppError> {
    match given(request, name)?.map(|text| text.parse()) {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some(value)),
        Some(Err(_)) => Err(unreadable(name)),
    }
}

fn given(request: &Request, name: &str) -> Result<Option<String>, AppError> {
    Ok(request.query_value(name)?.filter(|text| !text.is_empty()))
}

fn unreadable(name: &str) -> AppError {
    AppError::query(format!("{name} cannot be read"))
}

/// The page that is asked for.
#[derive(Debug)]
pub(super) struct Page {
    limit: u32,
    /// Somebody asked for that length.
    given: bool,
    cursor: Option<String>,
}

impl Page {
    /// Reads `limit` and `cursor`. A number out of range is the nearest one that is not.
    ///
    /// # Errors
    /// 400 for a limit that is no number.
    pub(super) fn read(request: &Request) -> Result<Self, AppError> {
        let given = request.query_value("limit")?.is_some();
        let limit = limit(request, DEFAULT_LIMIT, MAX_LIMIT)?;
        Ok(Self { limit, given, cursor: request.query_value("cursor")? })
    }

    /// The first page, of a length of our own.
    pub(super) const fn first(limit: u32) -> Self {
        Self { limit, given: false, cursor: None }
    }

    /// Whether another page comes before it.
    pub(super) const fn is_later(&self) -> bool {
        self.cursor.is_some()
    }

    /// The most that is shown, where somebody asked for that.
    pub(super) fn given(&self) -> Option<u32> {
        Some(self.limit).filter(|_| self.given)
    }

    /// The most that is shown.
    pub(super) const fn limit(&self) -> u32 {
        self.limit
    }

    /// How many rows to read: one more than is shown tells whether there is a next page.
    pub(super) const fn rows(&self) -> u32 {
        self.limit + 1
    }

    /// Where this page starts; `first` without a cursor.
    ///
    /// # Errors
    /// 400 for a cursor that no page has given out.
    pub(super) fn start<T>(
        &self,
        first: T,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, AppError> {
        match &self.cursor {
            None => Ok(first),
            Some(cursor) => parse(cursor)
                .ok_or_else(|| AppError::query("cursor must be a nextCursor".to_owned())),
        }
    }

    /// The number before which this page starts.
    ///
    /// # Errors
    /// 400 for a cursor that no page has given out.
    pub(super) fn before(&self) -> Result<i64, AppError> {
        const BEHIND_ALL: i64 = (1 << 53) - 1;
        self.start(BEHIND_ALL, |cursor| cursor.parse().ok().filter(|n| (1..BEHIND_ALL).contains(n)))
    }

    /// Cuts what was read to the page, and tells where the next one starts.
    pub(super) fn cut<T>(
        &self,
        rows: &mut Vec<T>,
        cursor: impl Fn(&T) -> String,
    ) -> Option<String> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        rows.last().filter(|_| more).map(cursor)
    }

    /// Adds `Link: <…>; rel="next"`, with the filters of this request. All of its parts are of
    /// characters that need no escape in a query.
    pub(super) fn link(
        &self,
        response: Response,
        request: &Request,
        filters: &[(&str, Option<&str>)],
        next: Option<&str>,
    ) -> Response {
        let Some(next) = next else { return response };
        let mut target = format!("{}?limit={}&cursor={next}", request.path, self.limit);
        for (name, value) in filters {
            if let Some(value) = value {
                target.push_str(&format!("&{name}={value}"));
            }
        }
        response.with("link", format!("<{target}>; rel=\"next\""))
    }
}
