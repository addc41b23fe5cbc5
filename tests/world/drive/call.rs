//! A request that is in order, and the ways to an item that every operation goes.

use serde_json::Value;

use super::description::Parameters;
use super::reply::Reply;
use super::state::{Item, State};

/// A request that is in order.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    /// Google's name without `drive.`: `files.create`.
    pub(crate) operation: &'a str,
    pub(crate) path: &'a Parameters,
    pub(crate) query: &'a [(String, String)],
    pub(crate) body: &'a Value,
    /// Who asks.
    pub(crate) account: &'a str,
    /// The `Range` header.
    pub(crate) range: Option<&'a str>,
    /// The `X-Goog-Drive-Resource-Keys` header.
    pub(crate) keys: &'a str,
}

impl Call<'_> {
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.query(name) == Some("true")
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.body[name].as_str()
    }

    pub(crate) fn wants_media(&self) -> bool {
        self.query("alt") == Some("media")
    }

    /// One page of these, and the token of the next.
    pub(crate) fn page<T>(
        &self,
        items: Vec<T>,
        usual: usize,
        most: usize,
    ) -> Result<(Vec<T>, Option<String>), Reply> {
        let size = self.query("pageSize").map_or(usual, |size| size.parse().unwrap()).min(most);
        let key = |at: usize| format!("~!!~{at}~{}", self.query("q").map_or(0, str::len));
        let from = match self.query("pageToken") {
            None => 0,
            Some(token) => {
                let at = token.strip_prefix("~!!~").and_then(|rest| rest.split('~').next()?.parse().ok());
                match at.filter(|at| key(*at) == token && *at <= items.len()) {
                    Some(at) => at,
                    None => return Err(Reply::invalid("Invalid Value: pageToken")),
                }
            }
        };
        let next = (from + size < items.len()).then(|| key(from + size));
        Ok((items.into_iter().skip(from).take(size).collect(), next))
    }
}

impl State {
    /// The id behind a name in a path: `root` is the account's own top folder.
    pub(crate) fn meant(&mut self, id: &str, account: &str) -> String {
        if id == "root" { self.root_of(account) } else { id.to_owned() }
    }

    /// The item that the path names, if the account sees it.
    pub(crate) fn seen(&mut self, call: &Call<'_>) -> Result<Item, Reply> {
        self.seen_as(&call.path["fileId"], call)
    }

    /// An item by its id, if the account sees it and the call knows of shared drives where it lies in one.
    pub(crate) fn seen_as(&mut self, id: &str, call: &Call<'_>) -> Result<Item, Reply> {
        let id = self.meant(id, call.account);
        match self.items.get(&id) {
            Some(item) if item.drive.is_some() && !call.flag("supportsAllDrives") => {
                Err(Reply::not_found("File", &id))
            }
            Some(item) if self.sees(&id, call.account) && self.has_key(item, call) => Ok(item.clone()),
            _ => Err(Reply::not_found("File", &id)),
        }
    }

    /// Whether the call brings the key of an old link, where only the link lets the account in.
    fn has_key(&self, item: &Item, call: &Call<'_>) -> bool {
        item.key.as_ref().is_none_or(|key| {
            let pair = format!("{}/{key}", item.id);
            self.role(&item.id, call.account, false).is_some()
                || call.keys.split(',').any(|known| known == pair)
        })
    }

    /// Refuses what the account may not do.
    pub(crate) fn allow(&self, item: &Item, call: &Call<'_>, capability: &str) -> Result<(), Reply> {
        if self.can(&item.id, call.account, capability) {
            return Ok(());
        }
        let words = "The user does not have sufficient permissions for this file.";
        Err(Reply::refusal(403, "insufficientFilePermissions", words))
    }
}
