//! The feed of changes: one for each account, and one for each shared drive.

use serde_json::json;

use super::call::Call;
use super::render::time;
use super::reply::Reply;
use super::state::State;

impl State {
    /// Which feed a call is about, as its page tokens begin.
    fn feed(&self, call: &Call<'_>) -> Result<String, Reply> {
        match call.query("driveId") {
            None => Ok("1".to_owned()),
            Some(_) if !call.flag("supportsAllDrives") => {
                Err(Reply::refusal(403, "teamDrivesNotSupported", "The call does not support shared drives."))
            }
            Some(id) if self.role(id, call.account, false).is_none() => {
                Err(Reply::refusal(404, "teamDriveNotFound", &format!("Shared drive not found: {id}")))
            }
            Some(id) => Ok(format!("2{}", super::state::permission_id(id))),
        }
    }

    pub(crate) fn start_token(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        let token = format!("{}.{}", self.feed(call)?, self.changes.len());
        Ok(Reply::ok(json!({ "kind": "drive#startPageToken", "startPageToken": token })))
    }

    pub(crate) fn list_changes(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        let feed = self.feed(call)?;
        let token = call.query("pageToken").unwrap_or_default();
        let from = token
            .split_once('.')
            .filter(|(of, _)| *of == feed)
            .and_then(|(_, at)| at.parse::<usize>().ok())
            .filter(|at| *at <= self.changes.len())
            .ok_or_else(|| Reply::invalid("Invalid Value: pageToken"))?;
        let size = call.query("pageSize").map_or(100, |size| size.parse::<usize>().unwrap());
        let drive = call.query("driveId");
        if drive.is_some() && !call.flag("includeItemsFromAllDrives") {
            let words = "includeItemsFromAllDrives must be set with driveId.";
            return Err(Reply::refusal(403, "teamDrivesNotSupported", words));
        }
        let removed_too = call.query("includeRemoved") != Some("false");
        let (mut changes, mut at) = (Vec::new(), from);
        while at < self.changes.len() && changes.len() < size {
            let record = &self.changes[at];
            at += 1;
            let in_feed = match drive {
                Some(id) => record.drive.as_deref() == Some(id),
                None => record.drive.is_none() && record.audience.contains(call.account),
            };
            // Of several changes of a file only the last is told.
            let replaced = self.changes[at..]
                .iter()
                .any(|later| later.file == record.file && later.drive == record.drive);
            if !in_feed || replaced {
                continue;
            }
            let item = self.items.get(&record.file).filter(|item| {
                item.drive == record.drive && self.role(&item.id, call.account, false).is_some()
            });
            let mut change = json!({
                "kind": "drive#change", "changeType": "file", "type": "file",
                "time": time(record.at), "fileId": record.file, "removed": item.is_none(),
            });
            match item {
                Some(item) => change["file"] = self.file(item, call.account),
                None if !removed_too => continue,
                None => {}
            }
            changes.push(change);
        }
        let mut answer = json!({ "kind": "drive#changeList", "changes": changes });
        let next = if at < self.changes.len() { "nextPageToken" } else { "newStartPageToken" };
        answer[next] = json!(format!("{feed}.{at}"));
        Ok(Reply::ok(answer))
    }
}
