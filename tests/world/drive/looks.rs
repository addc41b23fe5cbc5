//! What a story sees when it looks at the simulated Drive itself.

use super::DriveWorld;
use super::state::{SHORTCUT, State};

impl State {
    fn tree_below(&self, folder: &str, above: &str, lines: &mut Vec<String>) {
        let mut children: Vec<_> = self.children(folder).into_iter().map(|id| &self.items[&id]).collect();
        children.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        for child in children {
            let path = format!("{above}{}", child.name);
            let mark = if child.trashed { " (trashed)" } else { "" };
            if child.is_folder() {
                lines.push(format!("{path}/{mark}"));
                self.tree_below(&child.id, &format!("{path}/"), lines);
            } else if let Some(content) = child.content() {
                lines.push(format!("{path} {} bytes{mark}", content.bytes.len()));
            } else if child.mime == SHORTCUT {
                lines.push(format!(
                    "{path} -> {}{mark}",
                    child.target.as_ref().map_or("", |id| &self.items[id].name)
                ));
            } else {
                lines.push(format!("{path} {}{mark}", child.mime));
            }
        }
    }
}

impl DriveWorld {
    /// Everything below a folder, a line each: `docs/`, `docs/plan.txt 7 bytes`, in order of names.
    pub(crate) fn tree(&self, folder: &str) -> Vec<String> {
        let mut lines = Vec::new();
        self.at_now().tree_below(folder, "", &mut lines);
        lines
    }

    /// The ids of what has that name in a folder.
    pub(crate) fn named(&self, folder: &str, name: &str) -> Vec<String> {
        let state = self.at_now();
        state.children(folder).into_iter().filter(|id| state.items[id].name == name).collect()
    }

    /// The ids of the folders in a folder.
    pub(crate) fn folders(&self, folder: &str) -> Vec<String> {
        let state = self.at_now();
        let is_folder = |id: &String| state.items[id].mime == super::state::FOLDER;
        state.children(folder).into_iter().filter(is_folder).collect()
    }

    /// A file's content.
    pub(crate) fn content(&self, id: &str) -> Vec<u8> {
        let state = self.at_now();
        let item = &state.items[id];
        item.content().map(|content| content.bytes.to_vec()).unwrap_or_default()
    }

    /// What stands in one of Google's own documents.
    pub(crate) fn text(&self, id: &str) -> String {
        self.at_now().items[id].text.clone().unwrap_or_default()
    }

    /// How many contents it had.
    pub(crate) fn revisions(&self, id: &str) -> usize {
        self.at_now().items[id].revisions.len()
    }

    pub(crate) fn exists(&self, id: &str) -> bool {
        self.at_now().items.contains_key(id)
    }

    pub(crate) fn is_trashed(&self, id: &str) -> bool {
        self.at_now().is_trashed(id)
    }

    /// Who may do what, inherited grants included: `user mona@acme.example writer`, in order.
    pub(crate) fn grants(&self, id: &str) -> Vec<String> {
        let mut grants: Vec<String> = self
            .at_now()
            .standing(id)
            .into_iter()
            .map(|standing| {
                let grant = standing.grant;
                let who = grant.email.or(grant.domain).unwrap_or_default();
                let until = grant.expires.map_or_else(String::new, |until| format!(" until {until}"));
                let pending = if grant.pending_owner { " pending owner" } else { "" };
                let own = standing.details.iter().any(|(_, from)| from.is_none());
                let inherited = if own { "" } else { " inherited" };
                format!("{} {who} {}{until}{pending}{inherited}", grant.kind, grant.role).replace("  ", " ")
            })
            .collect();
        grants.sort();
        grants
    }

    /// What is private to the app.
    pub(crate) fn app_properties(&self, id: &str) -> std::collections::BTreeMap<String, String> {
        self.at_now().items[id].app_properties.clone()
    }

    /// Bytes of uploads that came although they had been acknowledged.
    pub(crate) fn sent_again(&self) -> u64 {
        self.at_now().sent_again
    }

    /// Bytes that came in pieces of upload sessions.
    pub(crate) fn received(&self) -> u64 {
        self.at_now().received
    }

    /// Bytes that came in pieces of upload sessions and were not kept.
    pub(crate) fn not_kept(&self) -> u64 {
        self.at_now().not_kept
    }

    /// Mails that sharing sent: to whom, about which file.
    pub(crate) fn mails(&self) -> Vec<(String, String)> {
        self.at_now().mails.clone()
    }

    /// Requests that begin so.
    pub(crate) fn count(&self, beginning: &str) -> usize {
        self.requests().iter().filter(|line| line.starts_with(beginning)).count()
    }
}
