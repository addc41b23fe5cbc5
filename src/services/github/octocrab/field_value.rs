//! What a configuration writes as the value of a field, made into what the sort of field holds.

use crate::domain::time::Timestamp;

/// A number, or why the text is none.
pub(super) fn number(field: &str, text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| format!("the field `{field}` holds numbers, and `{text}` is none"))
}

/// A date as GitHub writes it, or why the text is none.
pub(super) fn date<'a>(field: &str, text: &'a str) -> Result<&'a str, String> {
    let is_date = format!("{text}T00:00:00Z").parse::<Timestamp>().is_ok();
    let problem = || format!("the field `{field}` holds dates such as 2026-01-31, and `{text}` is none");
    if is_date { Ok(text) } else { Err(problem()) }
}

/// Whether two names are one: nobody gives two fields or options names that differ by case only.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
