//! The parts of a prompt, what each is worth, and how they are cut to a size.

use std::fmt::Write as _;

use super::quote::{block, fenced, line};
use super::{CodeLines, Guide, Material, RecentCommits, Said};
use crate::domain::untrusted::{one_line, shown};
use crate::domain::verdict::Analysis;

/// Characters of one guide.
const GUIDE: usize = 12_000;
/// Characters of one text of somebody: GitHub takes 65,536, and what matters stands at the beginning.
const TEXT: usize = 16_000;
/// Bytes of one text that are cleaned at all.
const CLEANED: usize = 64 * 1024;
/// Entries of a list.
const LISTED: usize = 12;
/// Characters of a line of the analysis.
const WIDTH: usize = 200;
/// Characters that stay free for the sentence about what was left out.
const SPARE: usize = 500;
/// Parts that were left out and are named; of more, the number is told.
const NAMED: usize = 8;
/// Characters of a name there.
const NAME: usize = 40;
/// Characters that a shortened text keeps at least.
const LEAST: usize = 1_000;

/// A part of the prompt.
pub(super) struct Piece {
    /// What it is, for people.
    name: String,
    pub(super) text: String,
    /// The lowest is left out first; none: never.
    worth: Option<u32>,
    /// What it is made of, where it can be made shorter instead of being left out.
    shorter: Option<Shorter>,
}

struct Shorter {
    heading: String,
    body: String,
}

impl Piece {
    pub(super) fn fixed(text: String) -> Self {
        Self { name: String::new(), text, worth: None, shorter: None }
    }

    fn new(name: impl Into<String>, worth: u32, text: String) -> Self {
        Self { name: name.into(), text, worth: Some(worth), shorter: None }
    }

    fn size(&self) -> usize {
        self.text.chars().count()
    }
}

/// What a part is worth. The issue itself counts most, then the newest comment, the repository's own rules, the code.
mod worth {
    pub(super) const SIMILAR: u32 = 10;
    pub(super) const COMMITS: u32 = 15;
    pub(super) const OWNERS: u32 = 20;
    /// Older comments, the oldest first.
    pub(super) const COMMENT: u32 = 1_000;
    /// Excerpts of code, the last first.
    pub(super) const CODE: u32 = 10_000;
    /// Guides, the last first.
    pub(super) const GUIDE: u32 = 20_000;
    pub(super) const PLACES: u32 = 30_000;
    pub(super) const NEWEST: u32 = 40_000;
    pub(super) const ISSUE: u32 = 50_000;
}

/// The repository's own instructions. They bind, but are cleaned like everything that may come from elsewhere.
pub(super) fn guide((at, guide): (usize, &Guide)) -> Option<Piece> {
    let text = clamped(&clean(&guide.text, &mut 0), GUIDE);
    if text.trim().is_empty() {
        return None;
    }
    let path = one_line(&guide.path, WIDTH);
    let heading = format!("# The repository's own instructions, from {path} of its default branch\n\n");
    let worth = worth::GUIDE - u32::try_from(at).unwrap_or(u32::MAX).min(99);
    Some(Piece::new(path, worth, format!("{heading}{}", fenced(&text))))
}

/// What the analysis found.
pub(super) fn findings(material: &Material) -> Vec<Piece> {
    let Analysis { issue_type, urgency, places, owners, similar, .. } = &material.analysis;
    let mut found = Vec::new();
    let mut said = String::new();
    if let Some(kind) = issue_type {
        let _ = writeln!(said, "It looks like a {}.", kind.value.name());
    }
    if let Some(urgency) = urgency {
        let _ = writeln!(said, "Its urgency looks {}.", urgency.value.name());
    }
    if !places.is_empty() {
        said.push_str("Places in the code that the text names:\n");
        for place in places.iter().take(LISTED) {
            let at = place.line.map(|line| format!(":{line}")).unwrap_or_default();
            let symbol = place.symbol.as_deref().map(|symbol| format!(" ({})", one_line(symbol, WIDTH)));
            let _ = writeln!(said, "- {}{at}{}", one_line(&place.path, WIDTH), symbol.unwrap_or_default());
        }
    }
    if !said.is_empty() {
        let text =
            format!("# What is known\n\nFound by rules, without judgement; it may be wrong.\n\n{said}\n");
        found.push(Piece::new("what the analysis found", worth::PLACES, text));
    }
    for (at, lines) in (0_u32..).zip(&material.excerpts) {
        found.push(code(lines, worth::CODE - at.min(999)));
    }
    if !owners.is_empty() {
        let names: Vec<String> =
            owners.iter().take(LISTED).map(|owner| one_line(owner.name.as_str(), WIDTH)).collect();
        let text = format!("Looked after by {}.\n\n", names.join(", "));
        found.push(Piece::new("owners", worth::OWNERS, text));
    }
    let mut done = String::new();
    for RecentCommits { path, subjects } in &material.commits {
        if !subjects.is_empty() {
            let _ = writeln!(done, "The last commits that changed {}, newest first:", one_line(path, WIDTH));
            subjects.iter().for_each(|subject| {
                let _ = writeln!(done, "- {}", line(subject));
            });
        }
    }
    if !done.is_empty() {
        found.push(Piece::new("recent commits", worth::COMMITS, done + "\n"));
    }
    if !similar.is_empty() {
        let mut text = "Issues with the same telling words:\n".to_owned();
        for similar in similar.iter().take(LISTED) {
            let words: Vec<&str> = similar.shared.iter().map(String::as_str).take(LISTED).collect();
            let title = material.titles.get(&similar.number).map(|title| format!(" {}", line(title)));
            let title = title.unwrap_or_default();
            let _ = writeln!(text, "- {}{title} ({})", similar.number, line(&words.join(", ")));
        }
        found.push(Piece::new("similar issues", worth::SIMILAR, text + "\n"));
    }
    found
}

fn code(lines: &CodeLines, worth: u32) -> Piece {
    let CodeLines { path, first, lines } = lines;
    let path = one_line(path, WIDTH);
    let numbered: String = (*first..)
        .zip(lines)
        .map(|(number, line)| format!("{number:>5}  {}\n", one_code_line(line)))
        .collect();
    let last = first + u64::try_from(lines.len()).unwrap_or(0).saturating_sub(1);
    let text = format!("{path}, lines {first} to {last}:\n{}", fenced(&numbered));
    Piece::new(format!("lines of {path}"), worth, text)
}

/// A line of code without what cannot be seen in it, its indentation kept.
fn one_code_line(line: &str) -> String {
    let indent: String = line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    format!("{indent}{}", one_line(line, WIDTH))
}

/// What somebody said; number `at` of those up to `last`.
pub(super) fn said(said: &Said, at: usize, last: usize, hidden: &mut usize) -> Piece {
    let order = u32::try_from(at).unwrap_or(u32::MAX).min(worth::CODE - worth::COMMENT - 1);
    let worth = match at {
        0 => worth::ISSUE,
        at if at == last => worth::NEWEST,
        _ => worth::COMMENT + order,
    };
    let (place, author) = (one_line(&said.place, WIDTH), one_line(&said.author, WIDTH));
    let access = if said.is_trusted { "has write access" } else { "has no write access" };
    let heading = format!("{place} by {author}, who {access}");
    let body = clamped(&clean(&said.body, hidden), TEXT);
    let body = if body.trim().is_empty() { "(no text)".to_owned() } else { body };
    let text = block(&heading, &body);
    let shorter = Some(Shorter { heading, body });
    Piece { name: format!("{place} by {author}"), text, worth: Some(worth), shorter }
}

/// What a reader sees. Of a gigantic text, only the beginning is looked at.
pub(super) fn clean(text: &str, hidden: &mut usize) -> String {
    let seen = shown(&text[..text.floor_char_boundary(CLEANED)]);
    *hidden += seen.hidden;
    seen.text
}

pub(super) fn clamped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}\n[cut off here]", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

/// Where even shortened texts have no room: the newest comment goes, and of the issue's text what there is room for stays.
fn shrink(pieces: &mut [Piece], mut size: usize, budget: usize, left_out: &mut Vec<String>) {
    let mut order: Vec<usize> = (0..pieces.len()).filter(|at| pieces[*at].shorter.is_some()).collect();
    order.sort_by_key(|at| pieces[*at].worth);
    for at in order {
        if size <= budget {
            return;
        }
        let piece = &mut pieces[at];
        let over = size - budget;
        size -= piece.size();
        let shorter = piece.shorter.as_ref().filter(|_| piece.worth >= Some(worth::ISSUE));
        piece.text = match shorter {
            // What is shorter has a sign of its own, and lines around it.
            Some(Shorter { heading, body }) => {
                let shown = piece.text.chars().count();
                let frame = shown.saturating_sub(body.chars().count().min(LEAST));
                let keep = shown.saturating_sub(over + frame);
                if keep == 0 { String::new() } else { block(heading, &clamped(body, keep)) }
            }
            None => String::new(),
        };
        size += piece.size();
        let named = one_line(&piece.name, NAME);
        left_out.retain(|name| *name != format!("the end of {named}"));
        left_out.push(if piece.text.is_empty() { named } else { format!("the end of {named}") });
    }
}

/// Leaves out the least important parts until all fit; the issue and the newest comment are shortened first and only left
/// out when that does not help. Names what is gone.
pub(super) fn cut_to(pieces: &mut [Piece], budget: usize) -> Vec<String> {
    let mut left_out = Vec::new();
    let mut size: usize = pieces.iter().map(Piece::size).sum();
    if size <= budget {
        return left_out;
    }
    let budget = budget.saturating_sub(SPARE);
    let mut order: Vec<usize> = (0..pieces.len()).filter(|at| pieces[*at].worth.is_some()).collect();
    order.sort_by_key(|at| pieces[*at].worth);
    for at in order {
        if size <= budget {
            break;
        }
        let piece = &mut pieces[at];
        let over = size - budget;
        size -= piece.size();
        piece.text = match &piece.shorter {
            Some(Shorter { heading, body }) if piece.worth >= Some(worth::NEWEST) => {
                let keep = body.chars().count().saturating_sub(over + SPARE).max(LEAST);
                block(heading, &clamped(body, keep))
            }
            _ => String::new(),
        };
        size += piece.size();
        let gone = if piece.text.is_empty() { "" } else { "the end of " };
        left_out.push(format!("{gone}{}", one_line(&piece.name, NAME)));
    }
    if size > budget {
        shrink(pieces, size, budget, &mut left_out);
    }
    if left_out.len() > NAMED {
        let more = left_out.len() - NAMED;
        left_out.truncate(NAMED);
        left_out.push(format!("and {more} more"));
    }
    left_out
}
