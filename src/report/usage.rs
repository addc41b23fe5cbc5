//! What assistants used up, in words.

use crate::config::{CommentWords, filled};
use crate::domain::usage::Usage;

/// Millionths of a dollar in a cent.
const CENT: u64 = 10_000;

/// `$0.05, 12900 tokens, 61 seconds`: what was used up; none when nothing was.
#[must_use]
pub fn told(usage: &Usage) -> Option<String> {
    told_in(CommentWords::english(), usage)
}

/// As [`told`], in the words of a configuration.
#[must_use]
pub fn told_in(words: &CommentWords, usage: &Usage) -> Option<String> {
    let mut parts = Vec::new();
    if usage.micro_dollars > 0 {
        parts.push(dollars(usage.micro_dollars));
    }
    if usage.tokens() > 0 {
        parts.push(tokens(words, usage.tokens()));
    }
    if usage.milliseconds > 0 {
        parts.push(duration(words, usage.milliseconds));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Money in cents, rounded up: `$0.05`. What is less than a cent is shown as one, so that it is not taken for none.
#[must_use]
pub fn dollars(micro: u64) -> String {
    let cents = micro.div_ceil(CENT);
    format!("${}.{:02}", cents / 100, cents % 100)
}

/// So many tokens, in the words of a configuration.
#[must_use]
pub fn tokens(words: &CommentWords, count: u64) -> String {
    words.counted(count, &words.token, &words.tokens)
}

fn duration(words: &CommentWords, milliseconds: u64) -> String {
    let seconds = milliseconds.div_ceil(1_000);
    if seconds < 120 {
        words.counted(seconds, &words.second, &words.seconds)
    } else {
        filled(&words.minutes, &[("count", &seconds.div_ceil(60).to_string())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_tokens_and_time_are_told_as_far_as_they_are_known() {
        let all =
            Usage { input_tokens: 12_000, output_tokens: 900, micro_dollars: 49_500, milliseconds: 61_000 };
        assert_eq!(told(&all).as_deref(), Some("$0.05, 12900 tokens, 61 seconds"));
        let time = Usage { milliseconds: 200_000, ..Usage::default() };
        assert_eq!(told(&time).as_deref(), Some("4 minutes"));
        assert_eq!(told(&Usage::default()), None);
        assert_eq!((dollars(1), dollars(12_345_678)), ("$0.01".to_owned(), "$12.35".to_owned()));
    }
}
