//! Words so common that naming them as a reason tells nobody anything; the model weighs them all the same.

/// Articles, pronouns, prepositions and forms of to be, to have and to do. Question words and negations are not among
/// them: those do tell.
const COMMON: [&str; 59] = [
    "a", "an", "the", "this", "that", "these", "those", "it", "its", "it's", "i", "i'm", "i've", "me", "my",
    "we", "us", "our", "you", "your", "he", "she", "they", "them", "their", "of", "on", "in", "to", "at",
    "by", "as", "for", "from", "with", "into", "and", "or", "but", "so", "if", "then", "than", "is", "are",
    "was", "were", "be", "been", "am", "has", "have", "had", "do", "does", "did", "there", "here", "some",
];

/// Whether a run of words begins or ends with such a word: then a shorter one says the same.
pub(super) fn is_common(words: &str) -> bool {
    let is_one = |word: Option<&str>| word.is_some_and(|word| COMMON.contains(&word));
    is_one(words.split(' ').next()) || is_one(words.split(' ').next_back())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_told_by_the_words_at_their_ends() {
        assert!(["an", "with", "the needle", "wobbles on", "why does"].into_iter().all(is_common));
        assert!(!["needle", "why", "needle of doom", "not working", "how"].into_iter().any(is_common));
    }
}
