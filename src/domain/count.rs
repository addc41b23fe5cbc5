//! Numbers with their nouns, for people.

use std::fmt::Display;

/// `1 task`, `2 tasks`, `0 tasks`.
#[must_use]
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, one: &str, many: &str) -> String {
    let noun = if count == N::from(1) { one } else { many };
    format!("{count} {noun}")
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_is_singular_and_everything_else_is_not() {
        let told: Vec<String> = [0_usize, 1, 2].map(|count| counted(count, "entry", "entries")).into();
        assert_eq!(told, ["0 entries", "1 entry", "2 entries"]);
    }
}
