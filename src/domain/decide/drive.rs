//! What a feed of changes in Drive told becomes events, once: whoever reads it second finds it moved on.

use super::Decision;
use crate::domain::actor::{Actor, ActorKind};
use crate::domain::command::Rejection;
use crate::domain::event::Event;
use crate::domain::id::Login;
use crate::domain::spec::TaskRequest;
use crate::domain::subject::Subject;
use crate::domain::watched::{DriveChanged, DriveRead};

/// Who it was that changed something in Drive, where nobody knows their login.
const SOMEBODY: &str = "drive";

impl Decision<'_> {
    /// Records that a feed was read, and its changes with what follows from each. A change that another feed told
    /// before is left out: some files are in two.
    pub(super) fn read_drive(
        &mut self,
        since: Option<&str>,
        read: &DriveRead,
        changes: &[(DriveChanged, Vec<TaskRequest>)],
    ) -> Result<(), Rejection> {
        let watched = &self.state.watched;
        let known = watched.feeds.get(&read.feed).map(|feed| feed.token.as_str());
        if known != since {
            return Err(Rejection::FeedMoved(read.feed.clone()));
        }
        let is_new =
            |(changed, _): &&(DriveChanged, _)| watched.files.get(&changed.file) != changed.now.as_ref();
        let changes: Vec<_> = changes.iter().filter(is_new).collect();
        let count = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        self.alone(Event::DriveRead(Box::new(DriveRead { changes: count, ..read.clone() })));
        for (changed, requests) in changes {
            let actor = match &changed.by {
                _ if changed.ours => Actor::automata(),
                Some(login) => Actor { kind: ActorKind::Person, login: login.clone() },
                None => Actor { kind: ActorKind::System, login: Login::new(SOMEBODY) },
            };
            let at = self.next();
            let event = Event::DriveChanged(Box::new(changed.clone()));
            self.push(Subject::Drive(changed.file), actor, None, Some(at), event);
            self.enqueue(requests, Some(at), Some(at))?;
        }
        Ok(())
    }
}
