//! What people approve and call off of what is suggested, and what they stop and pause: an issue, a feature, everything.

use std::collections::BTreeSet;

use super::begun::called_off;
use super::orders::Orders;
use crate::config::{CommentWords, filled};
use crate::domain::command::Command;
use crate::domain::decide::reads_texts;
use crate::domain::fact::Fact;
use crate::domain::feature::Feature;
use crate::domain::id::IssueNumber;
use crate::domain::spec::TaskSpec;
use crate::domain::subject::Subject;
use crate::domain::task::Task;
use crate::domain::words::{Reach, Word};

impl Orders<'_> {
    /// Lets go what waits here for an approval: all of it, or what one feature suggests. What a feature suggests since
    /// the word was written nobody has seen who said it, so nothing of that feature goes.
    /// The same holds where the text that it goes by was exchanged since it was suggested; from then on it is shown as of now.
    pub(super) fn approve(&mut self, word: &Word, feature: Option<Feature>, is_theirs: bool) {
        let (mut count, mut unseen, mut exchanged) = (0, BTreeSet::new(), BTreeSet::new());
        for fact in self.awaited(feature) {
            let waiting = self.waiting_for(fact);
            if waiting.iter().any(|task| task.enqueued_at >= self.unseen_from) {
                unseen.extend(waiting.iter().map(|task| named(fact, task)));
                continue;
            }
            let is_other = !is_theirs && waiting.iter().any(|task| self.reads_another_text(task));
            self.show_as_now(word, &waiting);
            if is_other {
                exchanged.extend(waiting.iter().map(|task| named(fact, task)));
            } else {
                count += usize::from(self.log(Command::Observe(fact)));
            }
        }
        self.shows |= count > 0;
        if !exchanged.is_empty() {
            let what: Vec<String> = exchanged.iter().map(|name| format!("`{name}`")).collect();
            self.say(word, filled(&self.words().exchanged_since, &[("what", &what.join(", "))]));
            if unseen.is_empty() {
                return;
            }
        }
        if !unseen.is_empty() {
            let what: Vec<String> = unseen.into_iter().map(|name| format!("`{name}`")).collect();
            self.say(word, filled(&self.words().suggested_since, &[("what", &what.join(", "))]));
        } else if count == 0 {
            self.say(word, nothing_waits(self.words(), feature));
        }
    }

    /// Whether a task goes by a text that was another when it was suggested than when this was said.
    fn reads_another_text(&self, task: &Task) -> bool {
        let text = |spec: &TaskSpec| spec.as_of.as_ref().and_then(|as_of| as_of.text.clone());
        text(&task.spec).zip(text(&self.context.task.spec)).is_some_and(|(then, now)| then != now)
    }

    /// Notes what could be seen when this was said with the tasks that go by what people wrote.
    pub(super) fn show_as_now(&mut self, word: &Word, tasks: &[Task]) {
        let Some(as_of) = &self.context.task.spec.as_of else { return };
        for task in tasks.iter().filter(|task| reads_texts(task.spec.kind.as_str())) {
            let (task, as_of, reason) = (task.id.clone(), as_of.clone(), self.why(word));
            self.log(Command::ShowAs { task, as_of, reason });
        }
    }

    /// Calls off what waits here for an approval.
    pub(super) fn reject(&mut self, word: &Word, feature: Option<Feature>) {
        let facts = self.awaited(feature);
        let mut waiting: Vec<Task> = Vec::new();
        for task in facts.into_iter().flat_map(|fact| self.waiting_for(fact)) {
            if waiting.iter().all(|known| known.id != task.id) {
                waiting.push(task);
            }
        }
        let count = self.call_off(word, &waiting);
        let told = if count == 0 {
            nothing_waits(self.words(), feature)
        } else {
            format!("{}.", called_off(self.words(), count))
        };
        self.say(word, told);
    }

    fn waiting_for(&self, fact: Fact) -> Vec<Task> {
        self.state().tasks.awaiting(fact).cloned().collect()
    }

    /// The approvals that something waits for here.
    fn awaited(&self, feature: Option<Feature>) -> Vec<Fact> {
        let number = self.subject.number().unwrap_or(IssueNumber(0));
        let is_meant = |fact: &Fact| match fact {
            Fact::Approved(of) => *of == number && feature.is_none(),
            Fact::Agreed(of, which) => *of == number && feature.is_none_or(|wanted| wanted == *which),
            _ => false,
        };
        self.state().tasks.awaited().filter(is_meant).collect()
    }

    /// Calls off what there is as far as the word reaches, and has nothing begun.
    pub(super) fn stop(&mut self, word: &Word, reach: Reach) {
        let count = self.call_off(word, &self.unfinished_within(reach));
        // What the same comment asked for before; of a feature it waits until that goes on.
        if !matches!(reach, Reach::Feature(_)) {
            self.requests.clear();
        }
        self.pause(word, reach);
        let (words, what) = (self.words(), called_off(self.words(), count));
        let told = match reach {
            Reach::Here => filled(&words.stopped, &[("what", &what)]),
            Reach::Everything => filled(&words.stopped_all, &[("what", &what)]),
            Reach::Feature(feature) => {
                filled(&words.stopped_feature, &[("what", &what), ("feature", feature.name())])
            }
        };
        self.say(word, told);
    }

    /// Has nothing begun, as far as the word reaches; whether that is new.
    pub(super) fn pause(&mut self, word: &Word, reach: Reach) -> bool {
        self.shows = true;
        let reason = self.why(word);
        self.log(match reach {
            Reach::Here => Command::Pause { subject: self.subject, reason },
            Reach::Everything => Command::Pause { subject: Subject::Repository, reason },
            Reach::Feature(feature) => Command::PauseFeature { feature, reason },
        })
    }

    pub(super) fn say_paused(&mut self, word: &Word, reach: Reach) {
        let is_new = self.pause(word, reach);
        let words = self.words();
        let told = match (reach, is_new) {
            (Reach::Here, true) => words.paused_here.clone(),
            (Reach::Here, false) => words.paused_already.clone(),
            (Reach::Everything, true) => words.paused_all.clone(),
            (Reach::Everything, false) => words.paused_all_already.clone(),
            (Reach::Feature(feature), true) => filled(&words.paused_feature, &[("feature", feature.name())]),
            (Reach::Feature(feature), false) => {
                filled(&words.paused_feature_already, &[("feature", feature.name())])
            }
        };
        self.say(word, told);
    }

    pub(super) fn resume(&mut self, word: &Word, reach: Reach) {
        self.shows = true;
        let reason = self.why(word);
        let resumed = self.log(match reach {
            Reach::Here => Command::Resume { subject: self.subject, reason },
            Reach::Everything => Command::Resume { subject: Subject::Repository, reason },
            Reach::Feature(feature) => Command::ResumeFeature { feature, reason },
        });
        let told = match (resumed, reach) {
            (true, _) => &self.words().resumed,
            (false, Reach::Feature(_)) => &self.words().not_fallen,
            (false, _) => &self.words().not_paused,
        };
        self.say(word, told);
    }
}

/// What waits for an approval, as people name it: the feature, or the kind of a task that waits by itself.
fn named(fact: Fact, task: &Task) -> String {
    match fact {
        Fact::Agreed(_, feature) => feature.name().to_owned(),
        _ => task.spec.kind.to_string(),
    }
}

fn nothing_waits(words: &CommentWords, feature: Option<Feature>) -> String {
    match feature {
        None => words.nothing_to_approve.clone(),
        Some(feature) => filled(&words.nothing_suggested, &[("feature", feature.name())]),
    }
}
