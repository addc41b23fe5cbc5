//! What a run says of the files that it copied into Drive, for its page.

use crate::domain::count::counted;
use crate::domain::event::Event;
use crate::domain::input;
use crate::domain::state::State;
use crate::domain::untrusted::one_line;
use crate::log::Envelope;

/// Width of a name in a note.
const NAME: usize = 80;

/// Where in Drive lies what releases and workflow runs made, of what this run copied there.
pub(super) fn told(state: &State, events: &[Envelope]) -> Vec<String> {
    let done = events.iter().filter_map(|envelope| match &envelope.recorded.event {
        Event::TaskCompleted(done) => Some(done),
        _ => None,
    });
    let ours = done.filter(|done| {
        state.tasks.get(&done.task).is_some_and(|task| task.spec.kind.as_str() == input::DRIVE_COLLECT)
    });
    let told = ours.filter_map(|done| {
        let collected: input::DriveCollected = done.output.read().ok()?;
        let files = counted(collected.copied.len(), "file", "files");
        let (name, url) = (one_line(&collected.name, NAME), collected.lies_in?);
        Some(format!("`{name}` lies in Drive, with {files}: {url}"))
    });
    told.collect()
}
