//! Lists: filters and cursors.
//!
//! <https://docs.stripe.com/api/pagination>

use serde_json::{Value, json};

use crate::errors::StripeError;
use crate::expand;
use crate::objects::Resource;
use crate::params::Params;
use crate::store::State;

const LIMIT_DEFAULT: usize = 10;

/// Whether a row belongs to the list that was asked for.
pub(crate) type Filter<R> = Box<dyn Fn(&R) -> bool + Send>;

/// An object that the API lists, and the filters it offers.
pub(crate) trait Listed: Resource {
    fn filter(params: &mut Params) -> Result<Filter<Self>, StripeError>;
}

/// Where a page starts and how long it is.
#[derive(Debug)]
pub(crate) struct Cursor {
    limit: usize,
    starting_after: Option<String>,
    ending_before: Option<String>,
}

impl Cursor {
    pub(crate) fn read(params: &mut Params) -> Result<Self, StripeError> {
        let limit = params.integer("limit", &(1..=100))?;
        let cursor = Self {
            limit: limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(LIMIT_DEFAULT),
            starting_after: params.text("starting_after")?,
            ending_before: params.text("ending_before")?,
        };
        if cursor.starting_after.is_some() && cursor.ending_before.is_some() {
            return Err(StripeError::invalid("You cannot parse both of `starting_after` and `ending_before`."));
        }
        Ok(cursor)
    }

    /// The page of `rows` (newest first), and whether there is more beyond it.
    ///
    /// The error is the name of the parameter that names no row, and its value.
    pub(crate) fn page<'r, T>(
        &self,
        rows: &'r [T],
        id: impl Fn(&T) -> &str,
    ) -> Result<(&'r [T], bool), (&'static str, String)> {
        let place = |param, wanted: &String| {
            let found = rows.iter().position(|row| id(row) == wanted);
            found.ok_or_else(|| (param, wanted.clone()))
        };
        if let Some(cursor) = &self.ending_before {
            let end = place("ending_before", cursor)?;
            let start = end.saturating_sub(self.limit);
            return Ok((&rows[start..end], start > 0));
        }
        let start = match &self.starting_after {
            Some(cursor) => place("starting_after", cursor)? + 1,
            None => 0,
        };
        let end = rows.len().min(start + self.limit);
        Ok((&rows[start..end], end < rows.len()))
    }
}

/// One page of the list that `params` asks for.
pub(crate) fn list<R: Listed>(state: &State, mut params: Params) -> Result<Value, StripeError> {
    let cursor = Cursor::read(&mut params)?;
    let paths = params.texts("expand")?;
    let filter = R::filter(&mut params)?;
    params.finish()?;
    // A cursor may name a row that the filter leaves out: the page then starts at its place.
    let keep = |row: &&R| {
        (filter(row) && !row.is_deleted())
            || cursor.starting_after.as_deref() == Some(row.id())
            || cursor.ending_before.as_deref() == Some(row.id())
    };
    let rows: Vec<_> = R::table(state).newest_first().filter(keep).collect();
    let (page, has_more) = cursor
        .page(&rows, |row| row.id())
        .map_err(|(param, id)| StripeError::no_such_reference(R::OBJECT, &id, param))?;
    let data: Vec<_> = page.iter().map(|row| row.render(state)).collect();
    let mut list = json!({ "object": "list", "data": data, "has_more": has_more, "url": R::PATH });
    expand::expand(&mut list, &paths, state)?;
    Ok(list)
}

/// `created=…` or `created[gte]=…` and its like.
pub(crate) fn created(params: &mut Params) -> Result<impl Fn(i64) -> bool + Send + use<>, StripeError> {
    const ANY: std::ops::RangeInclusive<i64> = 0..=i64::MAX;
    let (mut least, mut most) = (i64::MIN, i64::MAX);
    if let Some(mut range) = params.group_unless_text("created") {
        least = least.max(range.integer("gte", &ANY)?.unwrap_or(i64::MIN));
        most = most.min(range.integer("lte", &ANY)?.unwrap_or(i64::MAX));
        if let Some(bound) = range.integer("gt", &ANY)? {
            least = least.max(bound.saturating_add(1));
        }
        if let Some(bound) = range.integer("lt", &ANY)? {
            most = most.min(bound.saturating_sub(1));
        }
        range.finish()?;
    } else if let Some(exact) = params.integer("created", &ANY)? {
        (least, most) = (exact, exact);
    }
    Ok(move |at| (least..=most).contains(&at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form;

    fn cursor(encoded: &str) -> Cursor {
        Cursor::read(&mut params(encoded)).unwrap()
    }

    fn params(encoded: &str) -> Params {
        Params::new(form::parse(encoded.as_bytes()).unwrap())
    }

    const ROWS: [&str; 5] = ["e", "d", "c", "b", "a"];

    #[test]
    fn a_page_starts_after_its_cursor() {
        let page = cursor("limit=2&starting_after=d").page(&ROWS, |row| row);
        assert_eq!(page, Ok((&ROWS[2..4], true)));
    }

    #[test]
    fn ending_before_is_the_page_next_to_the_cursor() {
        let page = cursor("limit=2&ending_before=a").page(&ROWS, |row| row);
        assert_eq!(page, Ok((&ROWS[2..4], true)));
    }

    #[test]
    fn the_last_page_has_no_more() {
        let page = cursor("limit=2&starting_after=c").page(&ROWS, |row| row);
        assert_eq!(page, Ok((&ROWS[3..5], false)));
    }

    #[test]
    fn an_unknown_cursor_is_named() {
        let page = cursor("starting_after=x").page(&ROWS, |row| row);
        assert_eq!(page, Err(("starting_after", "x".to_owned())));
    }

    #[test]
    fn created_is_a_moment_or_a_range() {
        assert!(created(&mut params("created=5")).unwrap()(5));
        assert!(!created(&mut params("created=5")).unwrap()(6));
        let range = created(&mut params("created[gt]=5&created[lte]=7")).unwrap();
        assert_eq!([5, 6, 7, 8].map(range), [false, true, true, false]);
    }
}
