//! `automata prompt`: what an assistant would be told about an issue.

use std::process::ExitCode;

use serde_json::json;

use super::environment::Environment;
use super::failure::Ended;
use super::inspect::issue_number;
use super::reading::present;
use super::world::World;
use crate::cli::{self, Format, Global};
use crate::report::prompt::{self, BUDGET};
use crate::report::terminal::Terminal;
use crate::tasks::material;

pub(super) async fn prompt(
    arguments: &cli::Prompt,
    global: &Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let number = issue_number(&arguments.issue, "automata prompt 42")?;
    let world = World::looking(global, environment, terminal).await?;
    let Some(issue) = world.services.github.issue(number).await? else {
        let hint = format!("Look at the number: {} has no such issue.", world.repository);
        return Err(Ended::usage(format!("there is no issue {number}"), hint));
    };
    let present = present(&world).await?;
    if issue.is_pull {
        let hint = match present.state.issue_of_pull(number) {
            Some(issue) => format!("It is for issue {issue}: automata prompt {issue}"),
            None => "Name an issue: what is told about a pull request depends on what its reviews ask for."
                .to_owned(),
        };
        return Err(Ended::usage(format!("{number} is a pull request, and no issue"), hint));
    }
    let known = material::known(&present.state, &world.config);
    let repository = Some(world.repository.clone());
    let material = material::gather(&world.services, repository, &issue, known, None).await?;
    let budget = arguments.budget.unwrap_or(BUDGET);
    let prompt = prompt::compose(&material, budget);
    let size = prompt.text.chars().count();
    if size > budget {
        return Err(Ended::usage(
            format!(
                "--budget: {budget} characters are too few, for the instructions and the title alone take {size}"
            ),
            format!("Give it {size} or more; without --budget it is {BUDGET}."),
        ));
    }
    if global.format == Format::Json {
        let value = json!({
            "issue": number, "text": prompt.text, "left_out": prompt.left_out, "hidden": prompt.hidden,
        });
        terminal.json(&value).map_err(Ended::bug)?;
    } else {
        terminal.data(prompt.text.trim_end());
    }
    present.told()?;
    Ok(ExitCode::SUCCESS)
}
