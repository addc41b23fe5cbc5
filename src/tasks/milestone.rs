//! Task kind `milestone`: does nothing. It joins what must be done before to what may begin after.

use super::{Context, Done};
use crate::domain::failure::Failure;
use crate::domain::input;

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let input::Milestone {} = context.input()?;
    Done::note("reached", Vec::new())
}
