//! Every heading and sentence of the status comment, by its key, as it stands in English.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::CommentWord;

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
    /// What a plugin says, above a quotation.
    plugin_says ["name"] "The plugin {name} says:"
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
    /// Where the files lie that workflow runs for its pull request made.
    artifacts ["links"] "Artifacts in Drive: {links}."
    /// Before what features suggest.
    suggested [] "Suggested, and not done:"
    /// One suggestion.
    suggestion ["feature", "what", "why"] "{feature}: {what}, because {why}"
    /// What is suggested.
    would_add ["names"] "add {names}"
    /// What is suggested.
    would_take_off ["names"] "take off {names}"
    /// Between two of them.
    and [] " and "
    /// What is suggested.
    would_assign ["names"] "assign {names}"
    /// What is suggested.
    would_set_type ["name"] "set the type {name}"
    /// What is suggested.
    would_plan ["name"] "plan it for {name}"
    /// What is suggested.
    would_set_field ["field", "option"] "set {field} to {option}"
    /// What is suggested.
    would_close [] "close it"
    /// What is suggested.
    would_reopen [] "open it again"
    /// What is suggested.
    would_start ["name"] "start the plugin {name}"
    /// What is suggested.
    would_implement [] "ask for a change and open a pull request"
    /// What is suggested.
    would_open [] "open the pull request"
    /// What is suggested.
    would_revise [] "go on with the pull request"
    /// What is suggested.
    would_tend [] "bring the pull request up to date, and merge it when it may be"
    /// What is suggested.
    would_request_review [] "ask for a review"
    /// What is suggested.
    would_remind [] "see whether the answer has come, when its time is over"
    /// At the end of a list that is too long.
    and_more ["count"] "and {count} more"
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
    /// Why nothing was made: the same change.
    made_before ["pull"] "#{pull} has this change already"
    /// Why nothing was made: the same change, for another issue.
    made_before_for ["pull", "issue"] "#{pull}, which is for #{issue}, has this change already"
    /// Where the change is, without a pull request.
    on_branch ["branch"] "The change is on branch {branch}."
    /// Behind a change of which some checks failed.
    checks_failed ["names"] "Checks that failed: {names}."
    /// A revision.
    revised ["commit", "summary"] "Revised in {commit}: {summary}."
    /// A revision that changed nothing.
    not_revised ["summary"] "Nothing was revised: {summary}."
    /// Behind a revision.
    thread_answered [] "1 thread was answered."
    /// Behind a revision.
    threads_answered ["count"] "{count} threads were answered."
    /// Behind a revision.
    thread_resolved [] "1 thread is resolved."
    /// Behind a revision.
    threads_resolved ["count"] "{count} threads are resolved."
    /// The last look at a pull request failed.
    not_seen_to ["message"] "It could not be seen to: {message}."
    /// The pull request conflicts with its base.
    conflicts ["base", "files"] "It conflicts with {base} in {files}. Merge {base} into its branch and keep what is meant, or close it and ask for the change anew: `/automata implement`."
    /// The pull request was brought up to date.
    brought ["base", "commit"] "Brought up to date with {base} in {commit}."
    /// What merging waits for.
    not_merged ["why"] "Not merged yet: {why}."
    /// Behind what came of an agent elsewhere.
    lost_next [] "The next assistant is asked."
    /// Behind what came of an agent elsewhere.
    lost_anew [] "`/automata implement` asks for a change anew."
    /// Workflow runs of an agent's pull request wait.
    unapproved ["number", "link"] "The workflow runs of #{number} wait for approval: somebody with write access looks at what they would run and presses “Approve and run workflows” there, after each push of the agent. An administrator can spare everybody that in the repository's settings under Copilot, Coding agent: [what it means]({link})."
    /// No checks start by themselves.
    unchecked ["number"] "GitHub starts no checks for #{number} by itself, because the workflow's own token opened it: choose “Approve workflows to run” there, or close and reopen it. A token of an App or of a person, given to the action as `token`, does away with that."
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
    /// A verdict of a review.
    verdict_approved [] "approved"
    /// A verdict of a review.
    verdict_changes_requested [] "changes requested"
    /// A verdict of a review.
    verdict_commented [] "commented"
    /// A verdict of a review.
    verdict_dismissed [] "dismissed"
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
    /// What a budget leaves of an amount.
    left ["left", "limit"] "{left} of {limit}"
    /// All that budgets leave.
    are_left ["amounts"] "{amounts} are left"
    /// An amount.
    token [] "1 token"
    /// An amount.
    tokens ["count"] "{count} tokens"
    /// A time.
    second [] "1 second"
    /// A time.
    seconds ["count"] "{count} seconds"
    /// A time.
    minutes ["count"] "{count} minutes"
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
    taken_back_by ["name"] "taken back by undo, as {name} asked, so it stays off"
    /// Below a text that is too long for a comment.
    cut [] "The rest is left out; `automata why` tells it."
    /// At the end of an answer that is too long.
    rest [] "The rest is left out."
    /// An answer: a line that was not understood.
    misread ["line", "problem"] "{line} was not understood. {problem}"
    /// An answer: a word that may not be said.
    refused ["word", "reason"] "{word} was not done: {reason}."
    /// An answer to `why`.
    because ["what", "reasons"] "{what}, because {reasons}"
    /// An answer to `why`.
    nothing_found [] "nothing was found or done here"
    /// At the end of an answer to why.
    why_by_event ["number"] "event by event: `automata why {number}`"
    /// At the end of an answer to why that left something out.
    why_left_out ["count", "number"] "and {count} more: `automata why {number}` tells all, event by event"
    /// An answer to `undo`.
    taken_back [] "Taken back:"
    /// An answer to `undo`.
    nothing_taken_back [] "Nothing was taken back."
    /// An answer to `undo`.
    left_as_it_is [] "Left as it is:"
    /// An answer to `status`.
    is_paused_here ["reason"] "Paused: {reason}; `/automata resume` goes on."
    /// An answer to `status`.
    change_is_in ["number"] "The change is in #{number}."
    /// An answer to `status`.
    all_is_paused ["reason"] "Everything is paused: {reason}; `/automata resume everything` goes on."
    /// An answer to `status`.
    feature_is_paused ["feature", "reason"] "`{feature}` is paused: {reason}; `/automata resume {feature}` goes on."
    /// An answer to `status`.
    feature_suggests ["feature", "reason"] "`{feature}` only suggests: {reason}; `/automata resume {feature}` lets it act again."
    /// A task, in an answer to `status`.
    task_runs [] "is worked on"
    /// A task, in an answer to `status`.
    task_has_come ["progress"] "is worked on: {progress}"
    /// A task, in an answer to `status`.
    task_waits [] "waits for its turn"
    /// A task, in an answer to `status`.
    task_is_planned ["time"] "is planned for {time}"
    /// A task, in an answer to `status`.
    task_retries ["time"] "is tried again after {time}"
    /// A task, in an answer to `status`.
    task_is_blocked ["count"] "waits for {count} other tasks"
    /// A task, in an answer to `status`.
    task_awaits ["facts"] "waits until this is so: {facts}"
    /// A task, in an answer to `status`.
    task_is_paused [] "is paused"
    /// A task, in an answer to `status`.
    task_gave_up ["failure"] "was given up: {failure}; `/automata retry` tries again"
    /// An answer to `status`.
    nothing_waits [] "Nothing is being done here, and nothing waits."
    /// An answer.
    none_called_off [] "There was nothing to call off"
    /// An answer.
    one_called_off [] "1 task was called off"
    /// An answer.
    many_called_off ["count"] "{count} tasks were called off"
    /// An answer to `stop`.
    stopped ["what"] "{what}; nothing begins here until `/automata resume`."
    /// An answer to `stop`.
    stopped_all ["what"] "{what}; nothing begins anywhere in this repository until `/automata resume everything`, and events are recorded."
    /// An answer to `stop`.
    stopped_feature ["what", "feature"] "{what}; nothing of `{feature}` begins in this repository until `/automata resume {feature}`."
    /// An answer to `unassign`.
    nobody_assigned [] "Nobody is assigned."
    /// An answer to `assign`.
    cannot_be_assigned [] "GitHub does not let them be assigned here: they need write access, or a comment on the issue."
    /// An answer to `run`.
    runnable ["kinds"] "What can be run here is {kinds}."
    /// An answer to `run`.
    about_issues ["kind"] "`{kind}` is about issues, and this is a pull request."
    /// An answer to `run`.
    about_pulls ["kind"] "`{kind}` is about pull requests, and this is an issue."
    /// An answer to `implement`.
    no_issue_known [] "A change is asked for on an issue, and this pull request belongs to none that Automata knows."
    /// An answer to `implement`.
    no_assistant ["name", "known"] "The configuration names no assistant `{name}`; it names {known}."
    /// In it, where there is none.
    nobody [] "nobody"
    /// An answer to `revise`.
    theirs ["number", "name"] "Pull request #{number} is {name}'s: ask for it there, in a review or a comment."
    /// An answer to `retry`.
    nothing_given_up [] "Nothing was given up here."
    /// An answer to `cancel`.
    no_task ["id"] "No unfinished task of this issue is called `{id}`; `/automata status` shows them."
    /// An answer to `cancel`.
    short_id ["id", "least"] "`{id}` is too short to name a task; write at least {least} characters of its id."
    /// An answer to `cancel`.
    many_tasks ["id", "count", "ids"] "`{id}` is the beginning of {count} tasks; name one of {ids}."
    /// An answer to `label`.
    no_label ["names"] "The repository has no label {names}; make it first, or set `labels.create`."
    /// An answer to `duplicate`.
    own_duplicate [] "An issue is no duplicate of itself."
    /// An answer to `duplicate`.
    no_issue ["number"] "There is no issue #{number}."
    /// An answer to `pause`.
    paused_here [] "Nothing begins here until `/automata resume`."
    /// An answer to `pause`.
    paused_already [] "It is paused already: nothing begins until `/automata resume`."
    /// An answer to `pause`.
    paused_all [] "Nothing begins anywhere in this repository until `/automata resume everything`; what is under way goes on, and events are recorded."
    /// An answer to `pause`.
    paused_all_already [] "Everything is paused already: nothing begins until `/automata resume everything`."
    /// An answer to `pause`.
    paused_feature ["feature"] "Nothing of `{feature}` begins in this repository until `/automata resume {feature}`."
    /// An answer to `pause`.
    paused_feature_already ["feature"] "It is paused already: nothing of it begins until `/automata resume {feature}`."
    /// An answer to `resume`.
    resumed [] "It goes on."
    /// An answer to `resume`.
    not_paused [] "It was not paused."
    /// An answer to `resume`.
    not_fallen [] "It was not paused, and had not fallen back."
    /// An answer to `approve` and `reject`.
    nothing_to_approve [] "Nothing waits here for an approval."
    /// An answer to `approve` and `reject`.
    nothing_suggested ["feature"] "Nothing that `{feature}` suggests waits here."
    /// An answer to `approve`.
    suggested_since ["what"] "Not approved, because it waits only since this was written: {what}. Have a look at it, and say it again."
    /// An answer to `approve`.
    exchanged_since ["what"] "Not approved, because the title or the text was changed since it was suggested: {what}. Have a look at it, and say it again."
    /// An answer.
    feature_is_off ["feature"] "`{feature}` is off in the configuration, so nothing is done."
    /// An answer.
    feature_observes ["feature"] "`{feature}` only observes in the configuration, so nothing is done."
    /// The table of the words.
    help_word [] "on a line of its own"
    /// The table of the words.
    help_does [] "what it does"
    /// The table of the words.
    help_who [] "who may"
    /// What a word does.
    help_help [] "Shows what can be said."
    /// What a word does.
    help_status [] "Shows how things stand here."
    /// What a word does.
    help_why [] "Shows what was found, done and left here, and why: all of it, or of a label, a person, a task."
    /// What a word does.
    help_run [] "Analyses the issue anew, or runs `comment` or `implement`; on a pull request also `tend`."
    /// What a word does.
    help_implement [] "Asks the assistants, or the one named, for a change and a pull request."
    /// What a word does.
    help_revise [] "Asks for another change, and says what is to be different."
    /// What a word does.
    help_retry [] "Tries again what was given up here."
    /// What a word does.
    help_cancel [] "Calls off the unfinished tasks of this issue, or the one named."
    /// What a word does.
    help_approve [] "Lets go what waits here for an approval, or what one feature suggests."
    /// What a word does.
    help_reject [] "Calls off what waits here for an approval, or what one feature suggests."
    /// What a word does.
    help_assign [] "Assigns people."
    /// What a word does.
    help_unassign [] "Takes the assignments of these people away, or all."
    /// What a word does.
    help_priority [] "Says how soon; a name changes the label for it as well."
    /// What a word does.
    help_label [] "Adds and removes labels; names with spaces stand in quotes."
    /// What a word does.
    help_duplicate [] "Says that issue n is about the same."
    /// What a word does.
    help_undo [] "Takes back what Automata did here and nobody touched since, or the part named."
    /// What a word does.
    help_stop [] "Calls everything off here, and begins nothing until `resume`; maintainers: what a feature does, or all there is."
    /// What a word does.
    help_pause [] "Begins nothing here until `resume`; maintainers: nothing of a feature, or nothing at all."
    /// What a word does.
    help_resume [] "Goes on here; maintainers: with a feature, or with everything."
    /// The last line.
    footer [] "Kept up to date by Automata. A label or assignment that a person changes stays as they left it."
}
