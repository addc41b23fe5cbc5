//! Takes a request in: who asks, is it in order, is bad luck planned for it, what comes of it.

use serde_json::{Value, json};

use super::address::pairs;
use super::call::Call;
use super::description::{self, Entrance};
use super::fault::Fault;
use super::fields::Mask;
use super::reply::{Carried, Outcome, Reply};
use super::state::State;
use super::uploads::Piece;
use crate::world::planted;

/// What the addresses of the API begin with.
const API: &str = "/drive/v3/";
/// Where content goes; the discovery document and the guide have two ways to say it.
const UPLOADS: &[&str] = &["/upload/drive/v3/", "/resumable/upload/drive/v3/"];

/// A request as it came over the wire.
pub(crate) struct Incoming {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Whether the connection held until the end of the body.
    pub(crate) whole: bool,
}

impl Incoming {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The file whose permissions it is to change.
    pub(crate) fn shared_file(&self) -> Option<&str> {
        let rest = self.path.strip_prefix(API)?.strip_prefix("files/")?;
        let (file, below) = rest.split_once('/')?;
        (self.method != "GET" && below.starts_with("permissions")).then_some(file)
    }

    fn told(&self) -> String {
        let query = pairs(&self.query).into_iter().filter(|(name, _)| name != "upload_id");
        let query: Vec<String> = query.map(|(name, value)| format!("{name}={value}")).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        let range = ["content-range", "range"].map(|name| self.header(name)).join(" ");
        let body = match (range.trim(), self.header("content-type")) {
            ("", kind) if kind.starts_with("application/json") => {
                String::from_utf8_lossy(&self.body).into_owned()
            }
            // What is secret stays out of what a failing test prints.
            ("", kind) if kind.contains("form-urlencoded") => {
                let form = pairs(&String::from_utf8_lossy(&self.body));
                form.iter()
                    .find(|(name, _)| name == "grant_type")
                    .map_or_else(String::new, |(_, grant)| grant.clone())
            }
            ("", _) if self.body.is_empty() => String::new(),
            ("", kind) => {
                format!("{} bytes of {}", self.body.len(), kind.split(';').next().unwrap_or_default())
            }
            (range, _) => range.to_owned(),
        };
        format!("{} {}{mark}{} {body}", self.method, self.path, query.join("&")).trim_end().to_owned()
    }
}

impl State {
    /// Answers, and writes down what was asked and what was out of order.
    pub(crate) fn take_in(&mut self, incoming: &Incoming) -> Outcome {
        let line = incoming.told();
        self.journal.push(line.clone());
        let already = self.violations.len();
        // Google is sent its own secrets where tokens are fetched, and nobody else's anywhere.
        let is_for_tokens = incoming.path.ends_with("/token") || incoming.path.contains("/serviceAccounts/");
        let secret = planted::found_in(&incoming.body).filter(|_| !is_for_tokens);
        self.violations.extend(secret.map(|secret| format!("it was sent {secret}")));
        let outcome = self.answer(incoming);
        for violation in &mut self.violations[already..] {
            *violation = format!("{line}: {violation}");
        }
        outcome
    }

    fn answer(&mut self, incoming: &Incoming) -> Outcome {
        if incoming.header("user-agent").is_empty() {
            self.violations.push("there is no user agent".to_owned());
        }
        let (method, path) = (incoming.method.as_str(), incoming.path.as_str());
        let bearer = incoming.header("authorization");
        let kind = incoming.header("content-type");
        let impersonated = path.strip_prefix("/v1/projects/-/serviceAccounts/").map(super::address::decoded);
        match (method, path) {
            ("POST", "/token") => self.struck(&["token"], |state| state.oauth(kind, &incoming.body)),
            ("GET", "/oidc") => {
                self.struck(&["oidc"], |state| state.identity(bearer, &pairs(&incoming.query)))
            }
            ("POST", "/v1/token") => self.struck(&["sts"], |state| state.exchange(kind, &incoming.body)),
            ("POST", _) if impersonated.is_some() => {
                let rest = impersonated.unwrap_or_default();
                let name = if rest.ends_with(":signJwt") { "sign" } else { "impersonate" };
                self.struck(&[name], |state| state.credentials(&rest, bearer, &incoming.body))
            }
            ("POST", "/batch/drive/v3") => self.struck(&["batch"], |state| state.batch(incoming)),
            ("GET", _) if path.starts_with("/download/") => match self.caller(bearer) {
                Err(refusal) => Outcome::Reply(refusal),
                Ok(_) => {
                    let range = incoming.header("range");
                    let name = path.trim_start_matches("/download/").to_owned();
                    self.struck(&["download"], |state| {
                        state.fetch(&name, Some(range).filter(|range| !range.is_empty()))
                    })
                }
            },
            _ => self.api(incoming),
        }
    }

    /// Does it, unless bad luck strikes.
    fn struck(&mut self, names: &[&str], act: impl FnOnce(&mut Self) -> Reply) -> Outcome {
        let fault = self.plans.strike(names);
        if let Some(outcome) = fault.as_ref().and_then(Self::instead) {
            return outcome;
        }
        let reply = act(self);
        self.after(fault, reply)
    }

    /// What a fault does to an answer, when it did not keep it from happening.
    fn after(&mut self, fault: Option<Fault>, mut reply: Reply) -> Outcome {
        match fault {
            Some(Fault::LoseReply) => return Outcome::Drop,
            Some(Fault::DoneAndTold(status, reason, words)) => reply = Reply::refusal(status, reason, words),
            Some(Fault::CutContent(bytes)) => reply.cut = Some(bytes),
            Some(Fault::Damage) => {
                if let Carried::Bytes(bytes, _) = &mut reply.carried
                    && let Some(first) = bytes.first_mut()
                {
                    *first ^= 1;
                }
            }
            Some(Fault::NotEverywhere) => {
                if let Carried::Json(list) = &mut reply.carried {
                    list["incompleteSearch"] = json!(true);
                }
            }
            Some(Fault::MeanwhileShared(file, email, role)) => self.grant(&file, "user", &email, &role),
            Some(Fault::MeanwhileMoved(file, folder)) => {
                self.touch(&file, |item| item.parent = Some(folder));
            }
            Some(Fault::MeanwhilePut(by, folder, name, content)) => {
                self.put_file(&by, &folder, &name, content.as_bytes());
            }
            Some(Fault::MeanwhileHere(path, content)) => std::fs::write(path, content).unwrap(),
            Some(Fault::MeanwhileWritten(by, file, content)) => {
                self.rewrite(&by, &file, content.as_bytes());
            }
            _ => {}
        }
        Outcome::Reply(reply)
    }

    /// What a fault answers in place of doing anything.
    pub(crate) fn instead(fault: &Fault) -> Option<Outcome> {
        let words = |reason: &str| format!("Simulated: {reason}.");
        let reply = match fault {
            Fault::LoseRequest => return Some(Outcome::Drop),
            Fault::Hang => return Some(Outcome::Hang),
            Fault::Html(status) => Reply::html(*status),
            Fault::Reason(status, reason) => Reply::refusal(*status, reason, &words(reason)),
            Fault::Reasons(status, reasons) => Reply::refusals(*status, reasons, &words(reasons[0])),
            Fault::Words(status, reason, message) => Reply::refusal(*status, reason, message),
            Fault::OAuth(status, word, sentence) => {
                let body = json!({ "error": word, "error_description": sentence });
                Reply::with(*status, Carried::Json(body))
            }
            Fault::RetryAfter { status, reason, seconds } => {
                Reply::refusal(*status, reason, &words(reason)).header("retry-after", seconds.to_string())
            }
            _ => return None,
        };
        Some(Outcome::Reply(reply))
    }

    /// Whose token it is, and which scopes it has.
    fn caller(&mut self, bearer: &str) -> Result<(String, Vec<String>), Reply> {
        let refusal = |state: &mut Self, violation: Option<&str>| {
            state.violations.extend(violation.map(str::to_owned));
            Reply::refusal(401, "authError", "Invalid Credentials")
                .header("www-authenticate", "Bearer realm=\"https://accounts.google.com/\"")
        };
        let Some(token) = bearer.strip_prefix("Bearer ") else {
            return Err(refusal(self, Some("there is no token")));
        };
        match self.tokens.get(token).cloned() {
            Some(issued) if issued.until > self.now => Ok((issued.account, issued.scopes)),
            // One that is over, or was taken back.
            Some(_) => Err(refusal(self, None)),
            None => Err(refusal(self, Some("a token that was never handed out"))),
        }
    }

    fn out_of_order(&mut self, status: u16, why: &str) -> Outcome {
        self.violations.push(why.to_owned());
        Outcome::Reply(Reply::refusal(status, "badRequest", why))
    }

    /// A request to the Drive API itself.
    pub(crate) fn api(&mut self, incoming: &Incoming) -> Outcome {
        let upload = UPLOADS.iter().find_map(|prefix| incoming.path.strip_prefix(prefix));
        let (entrance, path) = match (upload, incoming.path.strip_prefix(API)) {
            (Some(path), _) => (Entrance::Upload, path),
            (None, Some(path)) => (Entrance::Plain, path),
            (None, None) => return self.out_of_order(404, "outside of the API's path"),
        };
        let query = pairs(&incoming.query);
        let session = query.iter().find(|(name, _)| name == "upload_id").map(|(_, id)| id.clone());
        // rclone sends its parts by POST; Google's guide says PUT.
        let carries = matches!(incoming.method.as_str(), "PUT" | "POST");
        if let (Entrance::Upload, Some(session), true) = (entrance, &session, carries) {
            // The address of a session is as good as a token: whoever has it may go on.
            let range = incoming.header("content-range");
            return self.take_piece(&Piece { session, range, bytes: &incoming.body, whole: incoming.whole });
        }
        if !incoming.whole {
            return Outcome::Drop;
        }
        let (account, scopes) = match self.caller(incoming.header("authorization")) {
            Ok(caller) => caller,
            Err(refusal) => return Outcome::Reply(refusal),
        };
        let Some((operation, parameters)) = description::find(&incoming.method, path, entrance) else {
            return self.out_of_order(404, "not in Google's description");
        };
        let kind = query.iter().find(|(name, _)| name == "uploadType").map(|(_, kind)| kind.clone());
        let (body, content) = match self.body_of(incoming, entrance, kind.as_deref()) {
            Ok(read) => read,
            Err(refusal) => return Outcome::Reply(refusal),
        };
        let wrong = operation.check_request(&parameters, &query, body.as_ref(), entrance);
        if !wrong.is_empty() {
            return self.out_of_order(400, &wrong.join("; "));
        }
        let short = |scope: &String| scope.rsplit('/').next().map(str::to_owned).unwrap_or_default();
        if !scopes.iter().map(short).any(|scope| operation.scopes.contains(&scope)) {
            let words = "Request had insufficient authentication scopes.";
            return Outcome::Reply(Reply::refusal(403, "insufficientPermissions", words));
        }
        let media = query.iter().any(|(name, value)| name == "alt" && value == "media");
        let special = match (entrance, media) {
            (Entrance::Upload, _) => format!("{}.{}", operation.id, kind.as_deref().unwrap_or_default()),
            (_, true) => format!("{}.media", operation.id),
            _ => operation.id.clone(),
        };
        let names = [special.as_str(), operation.id.as_str()];
        let fault = self.plans.strike(if special == operation.id { &names[1..] } else { &names });
        if let Some(outcome) = fault.as_ref().and_then(Self::instead) {
            return outcome;
        }
        if let Some(refusal) = self.spend(&operation.id, media, &account) {
            return Outcome::Reply(refusal);
        }
        let range = Some(incoming.header("range")).filter(|range| !range.is_empty());
        let nothing = json!({});
        let call = Call {
            operation: &operation.id,
            path: &parameters,
            query: &query,
            body: body.as_ref().unwrap_or(&nothing),
            account: &account,
            range,
            keys: incoming.header("x-goog-drive-resource-keys"),
        };
        let mut reply = if kind.as_deref() == Some("resumable") {
            let mime = incoming.header("x-upload-content-type").to_owned();
            let total = incoming.header("x-upload-content-length").parse().ok();
            self.begin_upload(&call, &mime, total).unwrap_or_else(|refusal| refusal)
        } else {
            let content = content.as_ref().map(|(bytes, mime)| (&bytes[..], mime.as_str()));
            self.perform(&call, content).unwrap_or_else(|refusal| refusal)
        };
        if reply.status == 200
            && kind.as_deref() != Some("resumable")
            && let Carried::Json(body) = &reply.carried
        {
            self.violations.extend(operation.check_answer(body));
            reply = self.masked(reply, call.query("fields"), &operation.id);
        }
        self.after(fault, reply)
    }

    #[expect(clippy::type_complexity, reason = "what was said, and the content with its type")]
    fn body_of(
        &mut self,
        incoming: &Incoming,
        entrance: Entrance,
        kind: Option<&str>,
    ) -> Result<(Option<Value>, Option<(Vec<u8>, String)>), Reply> {
        let content_type = incoming.header("content-type");
        if entrance == Entrance::Upload && kind != Some("resumable") {
            if !matches!(kind, Some("media" | "multipart")) {
                self.violations.push("an upload has to say its uploadType".to_owned());
            }
            let (said, bytes, mime) = self.unpack(kind.unwrap_or("media"), content_type, &incoming.body)?;
            return Ok((Some(said), Some((bytes, mime))));
        }
        if incoming.body.is_empty() {
            return Ok((None, None));
        }
        if !content_type.starts_with("application/json") {
            self.violations.push("the body is not said to be JSON".to_owned());
        }
        match serde_json::from_slice(&incoming.body) {
            Ok(body) => Ok((Some(body), None)),
            Err(_) => {
                self.violations.push("the body is no JSON".to_owned());
                Err(Reply::refusal(400, "parseError", "Parse Error"))
            }
        }
    }

    /// What `fields` leaves of an answer; without it, the few fields that Drive gives unasked.
    fn masked(&mut self, reply: Reply, fields: Option<&str>, operation: &str) -> Reply {
        let usual = match operation {
            "about.get" if fields.is_none() => {
                return Reply::refusal(
                    400,
                    "required",
                    "The 'fields' parameter is required for this method.",
                );
            }
            "files.list" => "kind,incompleteSearch,nextPageToken,files(kind,id,name,mimeType,resourceKey)",
            operation
                if operation.starts_with("files.")
                    && operation != "files.generateIds"
                    && operation != "files.download" =>
            {
                "kind,id,name,mimeType,resourceKey"
            }
            "permissions.list" => "kind,nextPageToken,permissions(kind,id,type,role)",
            operation if operation.starts_with("permissions.") => "kind,id,type,role",
            _ => "*",
        };
        let Some(mask) = Mask::parse(fields.unwrap_or(usual)) else {
            return Reply::refusal(400, "invalidParameter", "Invalid field selection");
        };
        let Carried::Json(body) = &reply.carried else { return reply };
        Reply { carried: Carried::Json(mask.of(body)), ..reply }
    }

    /// Counts units of quota as the guide has them; refuses when the minute's are spent.
    fn spend(&mut self, operation: &str, media: bool, account: &str) -> Option<Reply> {
        let units = match operation {
            _ if media => 200,
            "files.export" | "files.download" => 200,
            "files.generateIds" => 5,
            operation if operation.ends_with(".list") => 100,
            operation if operation.ends_with(".get") || operation == "changes.getStartPageToken" => 5,
            _ => 50,
        };
        let minute = (account.to_owned(), self.now.as_millis() / 60_000);
        let spent = self.units.entry(minute).or_default();
        *spent += units;
        let over = self.units_per_minute.is_some_and(|most| *spent > most);
        over.then(|| {
            Reply::refusal(
                403,
                "userRateLimitExceeded",
                "User Rate Limit Exceeded. Rate of requests for user exceed configured project quota.",
            )
        })
    }

    fn perform(&mut self, call: &Call<'_>, content: Option<(&[u8], &str)>) -> Result<Reply, Reply> {
        match call.operation {
            "about.get" => Ok(Reply::ok(self.about(call.account))),
            "changes.getStartPageToken" => self.start_token(call),
            "changes.list" => self.list_changes(call),
            "files.list" => self.list_files(call),
            "files.get" => self.get_file(call),
            "files.create" => self.create(call, content),
            "files.update" => self.update(call, content),
            "files.copy" => self.copy_file(call),
            "files.delete" => self.delete_file(call),
            "files.generateIds" => self.generate_ids(call),
            "files.export" => self.export(call),
            "files.download" => self.begin_download(call),
            "operations.get" => self.operation(call),
            "permissions.list" => self.list_permissions(call),
            "permissions.get" => self.get_permission(call),
            "permissions.create" => self.create_permission(call),
            "permissions.update" => self.update_permission(call),
            "permissions.delete" => self.delete_permission(call),
            operation if operation.starts_with("revisions.") => self.revisions(call),
            operation if operation.starts_with("drives.") => self.drives(call),
            unknown => {
                self.violations.push(format!("the simulated Google does not do {unknown}"));
                Err(Reply::refusal(501, "notImplemented", unknown))
            }
        }
    }
}
