//! Takes a request in: is it in order, is bad luck planned for it, what comes of it.

use serde_json::Value;

use super::description;
use super::operations::Request;
use super::reply::{Outcome, Reply};
use super::state::State;
use super::{Fault, TOKEN};
use crate::world::graphql;
use crate::world::planted;

/// A request as it came over the wire.
pub(crate) struct Incoming {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: String,
}

impl Incoming {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl State {
    /// Answers, and writes down what was asked, what was answered and what was out of order.
    pub(crate) fn take_in(&mut self, incoming: &Incoming) -> Outcome {
        let address = match incoming.query.as_str() {
            "" => incoming.path.clone(),
            query => format!("{}?{query}", incoming.path),
        };
        let line = format!("{} {address} {}", incoming.method, incoming.body).trim_end().to_owned();
        self.journal.push(line.clone());
        let already = self.violations.len();
        if let Some(secret) = planted::found_in(line.as_bytes()).filter(|_| !self.people_say_secrets) {
            self.violations.push(format!("it was sent {secret}"));
        }
        let outcome = self.answer(incoming, &address);
        for violation in &mut self.violations[already..] {
            *violation = format!("{line}: {violation}");
        }
        self.statuses.push(if let Outcome::Reply(reply) = &outcome { reply.status } else { 0 });
        outcome
    }

    fn answer(&mut self, incoming: &Incoming, address: &str) -> Outcome {
        let below_host = self.base.split('/').skip(3).map(|part| format!("/{part}")).collect::<String>();
        if let Some(reply) = self.raw(&incoming.path, &below_host) {
            return Outcome::Reply(reply);
        }
        if let Some(refusal) = self.check_headers(incoming) {
            return Outcome::Reply(refusal);
        }
        if incoming.path == format!("{}/graphql", below_host.trim_end_matches("/v3")) {
            return self.answer_question(incoming);
        }
        // Where logs lie; the real place is another server's.
        if let Some(job) = incoming.path.strip_prefix(&format!("{below_host}/logs/")) {
            let log = self.logs.get(&job.parse().unwrap()).cloned().unwrap_or_default();
            return Outcome::Reply(Reply::ok(Value::from(log)));
        }
        let (Some(path), Some(address)) =
            (incoming.path.strip_prefix(&below_host), address.strip_prefix(&below_host))
        else {
            return self.out_of_order(404, "outside the API's path");
        };
        // Next pages lie outside the description: GitHub hands their addresses out, nobody makes them up.
        let by_id = format!("/repositories/{}/", self.id);
        let path = match path.strip_prefix(&by_id) {
            Some(_) if !self.handed_out.contains(address) => {
                return self.out_of_order(404, "an address that was never handed out");
            }
            Some(rest) => format!("/repos/{}/{rest}", self.name),
            None => path.to_owned(),
        };
        let Some((operation, parameters)) = description::find(&incoming.method, &path) else {
            return self.out_of_order(404, "not in GitHub's description");
        };
        let query = description::pairs(&incoming.query);
        let body: Option<Value> = match incoming.body.as_str() {
            "" => None,
            text => match serde_json::from_str(text) {
                Ok(body) => Some(body),
                Err(_) => return self.out_of_order(400, "Problems parsing JSON"),
            },
        };
        let wrong = operation.check_request(&parameters, &query, body.as_ref());
        if !wrong.is_empty() {
            return self.out_of_order(422, &wrong.join("; "));
        }
        let fault = self.faults.get_mut(&operation.id).and_then(std::collections::VecDeque::pop_front);
        if let Some(outcome) = fault.as_ref().and_then(|fault| self.instead(fault)) {
            return outcome;
        }
        let below = path.splitn(5, '/').nth(4).map_or_else(String::new, |rest| format!("/{rest}"));
        let reply = self.perform(&Request {
            operation: &operation.id,
            path: &parameters,
            query: &query,
            body: body.as_ref().unwrap_or(&Value::Null),
            below: &below,
            token: incoming.header("authorization").strip_prefix("Bearer ").unwrap_or_default(),
        });
        self.violations.extend(operation.check_answer(reply.status, &reply.body));
        let reply = self.tells_of_token(reply);
        match fault {
            Some(Fault::LoseReply) => Outcome::Drop,
            Some(Fault::Meanwhile { comment_on }) => {
                self.add_comment("somebody", comment_on, "meanwhile");
                Outcome::Reply(reply)
            }
            Some(Fault::LastCallOfTheHour { resets_in }) => Outcome::Reply(
                reply
                    .header("x-ratelimit-limit", "5000")
                    .header("x-ratelimit-remaining", "0")
                    .header("x-ratelimit-resource", "core")
                    .header("x-ratelimit-reset", self.reset(resets_in)),
            ),
            Some(Fault::LeadAway) => {
                Outcome::Reply(reply.header("link", "<http://127.0.0.1:9/x>; rel=\"next\""))
            }
            _ if incoming.method == "GET" => {
                let known = incoming.header("if-none-match");
                Outcome::Reply(reply.tagged(Some(known)))
            }
            _ => Outcome::Reply(reply),
        }
    }

    fn check_headers(&mut self, incoming: &Incoming) -> Option<Reply> {
        // An asset's own bytes, and not what is told of it.
        let is_asset = incoming.path.contains("/releases/assets/");
        let accept = if is_asset { "application/octet-stream" } else { "application/vnd.github+json" };
        for (name, wanted) in [("accept", accept), ("x-github-api-version", "2022-11-28")] {
            if incoming.header(name) != wanted {
                self.violations.push(format!("the header {name} is not {wanted}"));
            }
        }
        let has_body = !incoming.body.is_empty();
        if has_body && !incoming.header("content-type").starts_with("application/json") {
            self.violations.push("the body is not said to be JSON".to_owned());
        }
        if has_body && incoming.header("content-length").is_empty() {
            self.violations.push("the length of the body is not told".to_owned());
        }
        if incoming.header("user-agent").is_empty() {
            self.violations.push("there is no user agent".to_owned());
            return Some(Reply::refusal(403, "Request forbidden by administrative rules."));
        }
        match incoming.header("authorization") {
            "" => {
                self.violations.push("there is no token".to_owned());
                Some(Reply::refusal(401, "Requires authentication"))
            }
            authorization if Self::is_for_apps(&incoming.path) => self.refuses_app(authorization),
            authorization if self.has_ended(authorization) => Some(Reply::refusal(401, "Bad credentials")),
            authorization if self.is_the_apps(authorization) => None,
            authorization
                if authorization == format!("Bearer {}", self.token.other.as_deref().unwrap_or(TOKEN)) =>
            {
                None
            }
            _ => Some(Reply::refusal(401, "Bad credentials")),
        }
    }

    fn out_of_order(&mut self, status: u16, why: &str) -> Outcome {
        self.violations.push(why.to_owned());
        Outcome::Reply(Reply::refusal(status, why))
    }

    fn reset(&self, seconds: u64) -> String {
        (self.now.as_millis() / 1_000 + i64::try_from(seconds).unwrap()).to_string()
    }

    /// What a fault answers in place of doing anything.
    fn instead(&self, fault: &Fault) -> Option<Outcome> {
        let reply = match fault {
            Fault::LoseReply
            | Fault::LastCallOfTheHour { .. }
            | Fault::LeadAway
            | Fault::Meanwhile { .. } => return None,
            Fault::LoseRequest => return Some(Outcome::Drop),
            Fault::Hang => return Some(Outcome::Hang),
            Fault::Status(status) => Reply::refusal(*status, "Server Error"),
            Fault::TooFast { retry_after } => {
                let reply = Reply::refusal(403, "You have exceeded a secondary rate limit.");
                match retry_after {
                    Some(seconds) => reply.header("retry-after", seconds.to_string()),
                    None => reply,
                }
            }
            Fault::HourSpent { resets_in } => {
                Reply::refusal(403, "API rate limit exceeded for installation.")
                    .header("x-ratelimit-remaining", "0")
                    .header("x-ratelimit-resource", "core")
                    .header("x-ratelimit-reset", self.reset(*resets_in))
            }
            Fault::NotPermitted { accepted } => {
                let reply = Reply::refusal(403, "Resource not accessible by integration");
                match accepted {
                    Some(accepted) => reply.header("x-accepted-github-permissions", *accepted),
                    None => reply,
                }
            }
        };
        Some(Outcome::Reply(reply))
    }

    fn answer_question(&mut self, incoming: &Incoming) -> Outcome {
        let asked: Value = serde_json::from_str(&incoming.body).unwrap_or_default();
        let document = asked["query"].as_str().unwrap_or_default();
        let (operation, wrong) = graphql::judge(document, &asked["variables"]);
        if incoming.method != "POST" || !wrong.is_empty() {
            return self.out_of_order(400, &wrong.join("; "));
        }
        let fault = self.faults.get_mut("graphql").and_then(std::collections::VecDeque::pop_front);
        let named = self.faults.get_mut(&format!("graphql {operation}"));
        let fault = fault.or_else(|| named.and_then(std::collections::VecDeque::pop_front));
        if let Some(outcome) = fault.as_ref().and_then(|fault| self.instead(fault)) {
            return outcome;
        }
        let answer = self.look_up(&operation, &asked["variables"]);
        if !answer["data"].is_null() {
            self.violations.extend(graphql::misfits(document, &answer["data"]));
        }
        match fault {
            Some(Fault::LoseReply) => Outcome::Drop,
            _ => Outcome::Reply(Reply::ok(answer)),
        }
    }
}
