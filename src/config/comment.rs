//! The words of the status comment, each by a key: whoever writes another language replaces them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::template::{NotATemplate, Template};
use crate::domain::verdict::{IssueType, Urgency};

/// The one status comment of an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CommentRules {
    /// Its headings and sentences by their keys, for another language or another tone. What is left out stays English.
    pub words: CommentWords,
}

/// One of the words as it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommentWord<'a> {
    /// Its key.
    pub key: &'static str,
    /// The placeholders that may stand in it.
    pub placeholders: &'static [&'static str],
    /// The text.
    pub text: &'a str,
}

macro_rules! comment_words {
    ($($(#[$doc:meta])* $key:ident $placeholders:tt $english:literal)*) => {
        /// The headings and sentences of the status comment. A text is one line of Markdown; a name in braces is a placeholder.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct CommentWords {
            $(
                $(#[$doc])*
                #[schemars(length(min = 1, max = 1000))]
                pub $key: String,
            )*
        }

        impl Default for CommentWords {
            fn default() -> Self {
                Self { $($key: $english.to_owned(),)* }
            }
        }

        impl CommentWords {
            /// All of them, in the order of the documentation.
            #[must_use]
            pub fn all(&self) -> Vec<CommentWord<'_>> {
                vec![$(CommentWord {
                    key: stringify!($key),
                    placeholders: &$placeholders,
                    text: &self.$key,
                },)*]
            }
        }
    };
}

comment_words! {
    /// The type of an issue, as it is found.
    bug [] "bug"
    /// The type of an issue, as it is found.
    feature [] "feature"
    /// The type of an issue, as it is found.
    question [] "question"
    /// The type of an issue, as it is found.
    documentation [] "documentation"
    /// Behind the type.
    sure ["percent"] "{percent}% sure"
    /// Before the urgency.
    urgency [] "urgency"
    /// An urgency, as it is found.
    low [] "low"
    /// An urgency, as it is found.
    normal [] "normal"
    /// An urgency, as it is found.
    high [] "high"
    /// An urgency, as it is found.
    critical [] "critical"
    /// Where nothing is sure enough to act on.
    unsure [] "Its type and urgency cannot be told from the text with enough certainty; a person should look."
    /// In the place of what no longer holds.
    nothing [] "Nothing is being done here."
    /// Before the answer to a word in a comment.
    asked ["name"] "Asked by {name}:"
    /// Before the list of what a report lacks.
    missing [] "To go on, this is needed:"
    /// Below that list.
    missing_end [] "Please edit the issue, or answer in a comment."
    /// Where nobody answered in time.
    no_answer ["day"] "No answer came until {day}."
    /// Where nobody answered in time and the issue was closed.
    no_answer_closed ["day"] "No answer came until {day} and it was closed for that."
    /// What a person said it repeats.
    duplicate ["number"] "This is a duplicate of #{number}."
    /// What it seems to repeat.
    seems_duplicate ["number", "reasons"] "This seems to repeat #{number}. {reasons} A person decides."
    /// What an assistant that judged it says.
    judged ["name", "text"] "The assistant {name} says: {text}"
    /// A report of a weakness.
    weakness [] "This reads like a report of a weakness that others could use."
    /// Behind it, where such reports are not worked on in public.
    weakness_quiet [] "Nothing about it is analysed or shown here."
    /// Where such a report belongs.
    weakness_policy_or_private ["policy", "private"] "Please do what the [security policy]({policy}) says, or make [a private report]({private}), and write no more details here."
    /// Where such a report belongs.
    weakness_policy ["policy"] "Please do what the [security policy]({policy}) says, and write no more details here."
    /// Where such a report belongs.
    weakness_private ["private"] "Please make [a private report]({private}), and write no more details here."
    /// Where such a report belongs.
    weakness_maintainers [] "Please tell the maintainers in private, and write no more details here."
    /// The pull request for it.
    pull_request ["number"] "Pull request: #{number}"
    /// Behind it, where it is somebody else's.
    pull_request_by ["name"] " by {name}"
    /// Behind it, when it was merged.
    pull_request_merged ["name"] ", merged by {name}"
    /// Behind it, when it was closed.
    pull_request_closed ["name"] ", closed by {name} without being merged; a next attempt is told why"
    /// The issue's folder.
    folder ["name"] "Folder in Drive: {name}"
    /// Who is let in.
    folder_shared ["names"] "Shared with {names}."
    /// What changed in it.
    folder_changed ["change"] "Changed there last: {change}."
    /// Before what features suggest.
    suggested [] "Suggested, and not done:"
    /// Below what features suggest.
    suggested_end [] "`/automata approve` does it, `/automata reject` calls it off; either may name one of these features."
    /// What could not be made, at the beginning of a sentence.
    the_change [] "The change"
    /// What could not be made, at the beginning of a sentence.
    the_revision [] "The revision"
    /// What could not be made, at the beginning of a sentence.
    the_pull_request [] "The pull request"
    /// That it was given up, and why.
    could_not_be_made ["what", "message"] "{what} could not be made: {message}."
    /// That it will be tried again, and why.
    delayed ["what", "message"] "{what} is delayed: {message}."
    /// Behind it.
    again [] "Another attempt follows."
    /// Behind it, where that is known.
    again_after ["time"] "Another attempt follows after {time}."
    /// That nothing was made, and why.
    not_made ["what", "message"] "{what} was not made: {message}."
    /// That somebody called it off.
    called_off ["what", "message"] "{what} was called off: {message}."
    /// Where the change is, without a pull request.
    on_branch ["branch"] "The change is on branch {branch}."
    /// Behind a change of which some checks failed.
    checks_failed ["names"] "Checks that failed: {names}."
    /// A revision.
    revised ["commit", "summary"] "Revised in {commit}: {summary}."
    /// A revision that changed nothing.
    not_revised ["summary"] "Nothing was revised: {summary}."
    /// The link to the workflow run in which something failed.
    run [] "The run"
    /// Before the plan.
    plan [] "Plan:"
    /// A step of the plan.
    step_analysis [] "analysis"
    /// A step of the plan.
    step_change [] "change"
    /// A step of the plan.
    step_checks [] "checks"
    /// A step of the plan.
    step_pull_request [] "pull request"
    /// A step of the plan.
    step_review [] "review"
    /// A step of the plan.
    step_merge [] "merge"
    /// Behind the change: whose it is.
    step_by ["name"] "by {name}"
    /// Behind the checks of which some failed.
    step_failed ["count"] "{count} failed"
    /// Behind the review, after revisions.
    step_revised ["count"] "revised {count} x"
    /// Behind the review.
    step_approved ["names"] "approved by {names}"
    /// Behind the review, where somebody asks for changes.
    step_changes ["names"] "changes asked for by {names}"
    /// Behind the review, where it ended without one.
    step_unreviewed [] "nobody reviewed it"
    /// A step of the plan: the workflows that check its last commit, where some failed.
    step_ci ["names"] "CI ({names} failed)"
    /// What comes next: Automata, or an assistant, works on it.
    next_change [] "Next: Automata sees to the change; nobody has to do anything."
    /// What comes next: the failed change.
    next_mend [] "Next: somebody does what is said above; `/automata retry` then tries again."
    /// What comes next: an agent elsewhere works on it.
    next_elsewhere [] "Next: whoever works on it elsewhere opens a pull request."
    /// What comes next: the pull request is opened.
    next_open [] "Next: Automata opens the pull request."
    /// What comes next: the pull request is revised.
    next_revise ["number"] "Next: Automata revises #{number}."
    /// What comes next: workflow runs wait.
    next_approve_runs ["number"] "Next: somebody with write access lets the checks of #{number} run, as said above."
    /// What comes next: conflicts.
    next_conflict ["number"] "Next: somebody settles the conflicts of #{number}."
    /// What comes next: a person reviews, and merges.
    next_review ["number"] "Next: somebody reviews #{number} and merges it; `/automata revise` asks for another commit."
    /// What comes next: a person reviews, and Automata merges.
    next_review_merge ["number"] "Next: somebody with write access approves #{number}; Automata merges it then."
    /// What comes next: reviewers ask for changes.
    next_changes ["number"] "Next: somebody does what reviewers of #{number} ask for; `/automata revise` has Automata do it."
    /// What comes next: checks fail.
    next_checks ["number"] "Next: somebody looks why checks of #{number} fail; `/automata revise` has Automata mend it."
    /// What comes next: a person merges what is approved.
    next_merge ["number"] "Next: somebody merges #{number}; `/automata revise` asks for another commit."
    /// What comes next: Automata merges what is approved.
    next_merge_itself ["number"] "Next: Automata merges #{number} as soon as the rules for that are met."
    /// What comes next: after one that was closed unmerged.
    next_attempt [] "Next: `/automata implement` asks for another attempt, if one is wanted."
    /// What comes next: after one that was closed unmerged, where the next has to be smaller.
    next_smaller ["lines"] "Next: `/automata implement` asks for another attempt, if one is wanted; an assistant's change may have {lines} lines then."
    /// What comes next: somebody paused it.
    next_resume [] "Next: `/automata resume` goes on with it; until then it is paused."
    /// The fold with what happened.
    history [] "History"
    /// In the history.
    past_made ["name", "used"] "{name} made a change{used}"
    /// In the history.
    past_in_vain ["name", "used"] "{name} was asked, and made no change{used}"
    /// In the history.
    past_changed [] "the change was committed"
    /// In the history.
    past_changed_failing ["failed", "checks"] "the change was committed; {failed} of {checks} checks failed"
    /// In the history.
    past_opened ["number"] "#{number} was opened"
    /// In the history.
    past_revised [] "it was revised"
    /// In the history.
    past_answered [] "its reviewers were answered"
    /// In the history.
    past_reviewed ["name", "verdict"] "{name} reviewed it: {verdict}"
    /// In the history.
    past_merged ["name"] "{name} merged it"
    /// In the history.
    past_rejected ["name"] "{name} closed it without merging it"
    /// In the history.
    past_gave_up ["kind"] "`{kind}` was given up"
    /// Below the history, where there was more.
    past_more ["number"] "What was before: `automata why {number}`."
    /// What assistants used up.
    used ["used"] "Assistants used {used} for this issue."
    /// What assistants used up, and what the budget leaves.
    used_left ["used", "left"] "Assistants used {used} for this issue; {left}."
    /// Before the places in the code.
    places [] "Places in the code that the text names:"
    /// The owners of these places.
    owners ["names"] "Looked after by {names}."
    /// Before the list of similar issues.
    similar [] "Similar issues:"
    /// Behind a similar issue.
    similar_closed [] ", closed"
    /// Behind a similar issue.
    shares ["words"] "(shares {words})"
    /// The fold with the reasons.
    why [] "Why"
    /// Behind a label that is not put back.
    taken_off [] "taken off by a person, so it stays off"
    /// Behind a label that Automata took off because somebody had what it did taken back.
    taken_back ["name"] "taken back by undo, as {name} asked, so it stays off"
    /// The last line.
    footer [] "Kept up to date by Automata. A label or assignment that a person changes stays as they left it."
}

impl CommentWords {
    /// A type of issue.
    #[must_use]
    pub fn of_type(&self, issue_type: IssueType) -> &str {
        match issue_type {
            IssueType::Bug => &self.bug,
            IssueType::Feature => &self.feature,
            IssueType::Question => &self.question,
            IssueType::Documentation => &self.documentation,
        }
    }

    /// An urgency.
    #[must_use]
    pub fn of_urgency(&self, urgency: Urgency) -> &str {
        match urgency {
            Urgency::Low => &self.low,
            Urgency::Normal => &self.normal,
            Urgency::High => &self.high,
            Urgency::Critical => &self.critical,
        }
    }
}

impl CommentWord<'_> {
    /// Why it cannot stand in the comment; none when it can.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        if self.text.contains(['\n', '\r']) {
            return Some("it is more than one line".to_owned());
        }
        match (Template::parse(self.text, self.placeholders), self.placeholders) {
            (Ok(_), _) => None,
            (Err(NotATemplate::Unknown { name, .. }), []) => {
                Some(format!("`{{{name}}}` is not a placeholder here; there are none"))
            }
            (Err(error), _) => Some(error.to_string()),
        }
    }
}

/// A text with its placeholders filled in. The configuration was checked when it was read: what is no template stands as
/// it is.
#[must_use]
pub fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let known: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    let value = |name: &str| {
        values
            .iter()
            .find(|(known, _)| *known == name)
            .map_or_else(String::new, |(_, value)| (*value).to_owned())
    };
    Template::parse(text, &known).map_or_else(|_| text.to_owned(), |template| template.expand(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_english_word_is_a_template_with_all_of_its_placeholders() {
        for word in CommentWords::default().all() {
            assert_eq!(word.trouble(), None, "{}", word.key);
            let template = Template::parse(word.text, word.placeholders).unwrap();
            assert!(word.placeholders.iter().all(|name| template.has(name)), "{}", word.key);
        }
    }

    #[test]
    fn values_are_filled_in_and_not_read_again() {
        assert_eq!(filled("#{number}: {text}", &[("number", "7"), ("text", "{number}")]), "#7: {number}");
    }
}
