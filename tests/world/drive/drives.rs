//! Shared drives.

use serde_json::{Value, json};

use super::call::Call;
use super::reply::Reply;
use super::rights::rank;
use super::state::{DriveRecord, FOLDER, Grant, State, is_service_account};

impl State {
    /// A new shared drive with this account as its organizer.
    pub(crate) fn new_drive(&mut self, name: &str, request: &str, organizer: &str) -> String {
        let id = self.fresh("0A", 19);
        let (name, request) = (name.to_owned(), request.to_owned());
        let mut top = self.blank(&id, &name, FOLDER, organizer);
        top.drive = Some(id.clone());
        top.grants = vec![Grant::to_account("user", organizer, "organizer")];
        self.items.insert(id.clone(), top);
        let record =
            DriveRecord { id: id.clone(), name, created: self.now, request, domain_users_only: false };
        self.drives.insert(id.clone(), record);
        id
    }

    pub(crate) fn drives(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        match call.operation {
            "drives.list" => {
                let all: Vec<String> = self.drives.keys().cloned().collect();
                let mine =
                    all.into_iter().filter(|id| self.role(id, call.account, false).is_some()).collect();
                let (page, next) = call.page(mine, 10, 100)?;
                let shown: Vec<Value> = page.iter().map(|id| self.shared_drive(id, call.account)).collect();
                let mut answer = json!({ "kind": "drive#driveList", "drives": shown });
                if let Some(next) = next {
                    answer["nextPageToken"] = json!(next);
                }
                Ok(Reply::ok(answer))
            }
            "drives.create" => {
                let request = call.query("requestId").unwrap_or_default();
                if self.drives.values().any(|drive| drive.request == request) {
                    return Err(Reply::refusal(
                        409,
                        "conflict",
                        "A shared drive was already made by this request.",
                    ));
                }
                if is_service_account(call.account) {
                    let words = "The user cannot create new shared drives.";
                    return Err(Reply::refusal(403, "userCannotCreateTeamDrives", words));
                }
                let id = self.new_drive(call.text("name").unwrap_or_default(), request, call.account);
                Ok(Reply::ok(self.shared_drive(&id, call.account)))
            }
            operation => {
                let id = call.path["driveId"].clone();
                let role = self.role(&id, call.account, false).filter(|_| self.drives.contains_key(&id));
                let Some(role) = role else {
                    return Err(Reply::refusal(
                        404,
                        "teamDriveNotFound",
                        &format!("Shared drive not found: {id}"),
                    ));
                };
                if operation != "drives.get" && rank(&role) < 5 {
                    let words = "The user does not have sufficient permissions for this shared drive.";
                    return Err(Reply::refusal(403, "insufficientFilePermissions", words));
                }
                match operation {
                    "drives.update" => {
                        if let Some(name) = call.text("name") {
                            name.clone_into(&mut self.drives.get_mut(&id).unwrap().name);
                            name.clone_into(&mut self.items.get_mut(&id).unwrap().name);
                        }
                        if let Some(only) = call.body["restrictions"]["domainUsersOnly"].as_bool() {
                            self.drives.get_mut(&id).unwrap().domain_users_only = only;
                        }
                    }
                    "drives.delete" if self.children(&id).iter().any(|child| !self.is_trashed(child)) => {
                        return Err(Reply::refusal(
                            403,
                            "cannotDeleteTeamDriveWithChildren",
                            "It is not empty.",
                        ));
                    }
                    "drives.delete" => {
                        self.remove(&id);
                        self.drives.remove(&id);
                        return Ok(Reply::empty(204));
                    }
                    _ => {}
                }
                Ok(Reply::ok(self.shared_drive(&id, call.account)))
            }
        }
    }
}
