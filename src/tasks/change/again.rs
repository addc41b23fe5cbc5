//! What was paid for and came to nothing for good is not paid for again: the same question to the same assistant.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::ask::Wish;
use crate::domain::failure::Failure;
use crate::domain::words::PREFIX;
use crate::report::prompt::Material;
use crate::report::usage;

/// Bytes of the digest that are kept: enough to tell the questions of one task apart.
const BYTES: usize = 8;

/// A digest of what an assistant is told, as far as people decide it: what was said, without the words to Automata itself
/// (a `/automata retry` asks for nothing new), and the repository's instructions. The code may move on.
pub(super) fn digest(material: &Material, below: &str) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    add(&material.title);
    for said in &material.said {
        let meant: Vec<&str> =
            said.body.lines().filter(|line| !line.trim_start().starts_with(PREFIX)).collect();
        let meant = meant.join("\n");
        if !meant.trim().is_empty() {
            add(&said.author);
            add(&meant);
        }
    }
    for guide in &material.guides {
        add(&guide.text);
    }
    add(below);
    hash.finalize().iter().take(BYTES).fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// Why an assistant is not asked: it was told the very same before, was paid, and made nothing of it for good. Whoever
/// names it wants it asked all the same.
pub(super) fn in_vain(wish: &Wish<'_>, assistant: &str, told: &str) -> Option<Failure> {
    if wish.from.is_some() {
        return None;
    }
    let vain = {
        let state = wish.context.journal.state();
        let task = state.tasks.get(&wish.context.task.id)?;
        task.vain.iter().find(|vain| vain.assistant == assistant && vain.told == told)?.clone()
    };
    let paid = usage::told(&vain.usage).map(|paid| format!(" for {paid}")).unwrap_or_default();
    let message = format!(
        "{assistant} was asked the very same before{paid} and is not asked again; it said: {}",
        vain.message
    );
    let hint = format!(
        "Say in a comment what is to be different and retry, or ask for it by name: `{PREFIX} implement {assistant}`."
    );
    Some(Failure::permanent("asked_before", message).hint(hint))
}
