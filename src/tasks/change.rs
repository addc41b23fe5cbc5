//! Has a change made: by the assistants in their order, within budgets, held to limits and checked.

mod again;
pub(super) mod alone;
pub(super) mod ask;
pub(super) mod budget;
mod checks;
mod commit;
mod handover;
mod unfinished;
