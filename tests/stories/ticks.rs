//! Much that happens and leads to nothing, so that what is over is forgotten.

use std::sync::Arc;

use automata::app::Session;
use automata::domain::actor::Actor;
use automata::domain::command::Command;
use automata::domain::id::TriggerIdentity;
use automata::domain::subject::Subject;
use automata::domain::trigger::{About, Trigger};

use crate::world::stage::Stage;

/// The clock ticks so often.
pub(super) async fn ticks(stage: &Stage, count: usize) {
    let world = stage.world().await.unwrap();
    let (clock, entropy) = (Arc::clone(&world.clock), Arc::clone(&world.entropy));
    let session = Session::open(world.log().unwrap(), clock, entropy, world.run.clone()).await.unwrap();
    for number in 0..count {
        let trigger = Trigger {
            identity: TriggerIdentity::new(format!("tick {number} at {}", session.now())),
            event: "schedule".to_owned(),
            action: None,
            at: session.now(),
            actor: Actor::system(),
            subject: Subject::Repository,
            hops: 0,
            about: About::Schedule { cron: "17 3 * * *".to_owned() },
        };
        let trigger = Box::new(trigger);
        session.submit(Command::RecordTrigger { trigger, requests: Vec::new() }).unwrap();
    }
    session.flush().await.unwrap();
}
