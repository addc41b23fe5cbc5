//! What follows from commands, told as stories: given a history, when a command comes, then these events.

mod breakers;
mod drive;
mod effects;
mod ending;
mod enqueuing;
mod recurring;
mod rolling_back;
mod rollout;
mod subscriptions;
mod telling;
mod working;
