//! Whose pull requests are answered by a rehearsal of a log that is sealed.

use super::{Config, on_pull};
use crate::config::ours;
use crate::domain::actor::Actor;
use crate::domain::input::{REHEARSE, Rehearse};
use crate::domain::state::State;
use crate::domain::trigger::{About, Trigger};

/// Those by whose rights it goes.
fn by(trigger: &Trigger) -> Vec<String> {
    let mut requests = ours::following(&Config::default(), &State::default(), trigger).into_iter();
    let request = requests.find(|request| request.spec.kind.as_str() == REHEARSE).expect("a rehearsal");
    request.spec.input.read::<Rehearse>().unwrap().by.iter().map(ToString::to_string).collect()
}

#[test]
fn it_goes_by_whoever_wrote_and_whoever_acted() {
    let mut trigger = on_pull("pull_request_target.synchronize");
    trigger.actor = Actor::person("mona");
    assert_eq!(by(&trigger), ["mona", "ann"]);
}

#[test]
fn what_lies_in_a_fork_is_nobodys_whoever_opens_it_again() {
    for action in ["opened", "synchronize", "reopened"] {
        let mut trigger = on_pull(&format!("pull_request_target.{action}"));
        (trigger.actor, trigger.action) = (Actor::person("ann"), Some(action.to_owned()));
        if let About::Pull { pull, .. } = &mut trigger.about {
            pull.from_fork = true;
        }
        assert_eq!(by(&trigger), [""; 0], "{action}");
    }
}
