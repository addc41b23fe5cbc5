//! Many calls in one request, each with its own outcome.
//!
//! Source: <https://developers.google.com/workspace/drive/api/guides/performance>.

use http::header::{CONTENT_TYPE, HeaderMap};
use http::{HeaderName, HeaderValue, Method, StatusCode};

use super::pace::Cost;
use super::request::{Answer, Ask, Body, Exchange, Failed, TRIES};
use super::{files, permissions, refusal};
use crate::services::drive::MOST_IN_A_BATCH;
use crate::services::drive::batch::{Call, Reply};
use crate::services::drive::error::{Class, Error, Reason};

/// Characters of an address inside a batch at most; a call with a longer one goes alone.
const LONGEST_ADDRESS: usize = 8_000;

type Outcome = Result<Answer, Error>;

/// A call on its way.
struct Part {
    ask: Ask,
    outcome: Option<Outcome>,
    /// Whether Drive has certainly not done it.
    not_done: bool,
}

pub(super) async fn send(exchange: &Exchange, calls: &[Call]) -> Result<Vec<Result<Reply, Error>>, Error> {
    // A call that cannot be written down is the caller's mistake: nothing is sent.
    let asks = calls.iter().map(|call| written(exchange, call)).collect::<Result<Vec<_>, _>>()?;
    let mut parts: Vec<Part> =
        asks.into_iter().map(|ask| Part { ask, outcome: None, not_done: true }).collect();
    for part in parts.iter_mut().filter(|part| part.ask.path().len() > LONGEST_ADDRESS) {
        part.outcome = Some(exchange.send(&part.ask).await);
    }
    let mut unsent = None;
    // All requests share one budget of tries: those of a batch that failed as a whole, and those of its parts.
    'rounds: for round in 1..=TRIES {
        let mut open: Vec<&mut Part> = parts.iter_mut().filter(|part| is_open(part)).collect();
        if open.is_empty() {
            break;
        }
        if round > 1 {
            let slowest =
                open.iter().filter_map(|part| part.outcome.as_ref()?.as_ref().err()).max_by_key(|error| {
                    match error.class {
                        Class::RateLimited(until) => until,
                        _ => None,
                    }
                });
            // What was left out of the answer is no reason to hurry either.
            let left_out =
                || Error::new(Reason::Unreachable, "Drive answered the batch without some of its calls");
            let error = slowest.cloned().unwrap_or_else(left_out);
            if !exchange.pause(&error, round - 1).await {
                break;
            }
        }
        for some in open.chunks_mut(MOST_IN_A_BATCH) {
            let Err(failed) = one(exchange, some).await else { continue };
            // All of them met the same, and so would the next ones.
            for part in some {
                part.not_done = failed.not_done;
                part.outcome = Some(Err(failed.error.clone()));
            }
            let may_pass = failed.error.may_pass();
            unsent = Some(failed.error);
            if may_pass {
                break;
            }
            break 'rounds;
        }
    }
    // Whoever answers is not Drive, or we are not let in: that says nothing about any one call.
    if let Some(error) = &unsent
        && !error.may_pass()
        && !parts.iter().any(|part| matches!(part.outcome, Some(Ok(_))))
    {
        return Err(error.clone());
    }
    let mut replies = Vec::with_capacity(calls.len());
    for (call, part) in calls.iter().zip(parts) {
        let outcome = match part.outcome {
            // The token ended between the request and this part of it.
            Some(Err(error)) if error.reason == Reason::NotAuthorized => exchange.send(&part.ask).await,
            Some(outcome) => outcome,
            None => Err(unsent.clone().unwrap_or_else(|| {
                Error::new(Reason::Unreachable, "Drive answered the batch without this call")
            })),
        };
        replies.push(reply(exchange, call, outcome).await);
    }
    Ok(replies)
}

/// Whether a call is still to be sent, or sent again.
fn is_open(part: &Part) -> bool {
    match &part.outcome {
        None => true,
        Some(Ok(_)) => false,
        Some(Err(error)) => error.may_pass() && (part.ask.may_repeat() || part.not_done),
    }
}

fn written(exchange: &Exchange, call: &Call) -> Result<Ask, Error> {
    match call {
        Call::Get(id) => files::get(exchange, id),
        Call::Create(new) => files::new(exchange, new),
        Call::Update(id, update) => files::change(exchange, id, update),
        Call::Delete(id) => files::remove(exchange, id),
        Call::Permissions(id) => permissions::list_page(exchange, id, None),
        Call::Grant(id, grant) => permissions::new(exchange, id, grant),
        Call::ChangeGrant(id, permission, change) => permissions::change(exchange, id, permission, change),
        Call::Revoke(id, permission) => permissions::remove(exchange, id, permission),
    }
}

async fn reply(exchange: &Exchange, call: &Call, outcome: Outcome) -> Result<Reply, Error> {
    Ok(match call {
        Call::Get(_) | Call::Update(..) => Reply::File(Box::new(files::taken(exchange, &outcome?)?)),
        Call::Create(new) => {
            Reply::Created(Box::new(files::created(exchange, outcome, new.id.as_ref()).await?))
        }
        Call::Delete(_) => files::gone(outcome).map(|()| Reply::Done)?,
        Call::Permissions(id) => {
            let (first, next) = permissions::page(&outcome?)?;
            match next {
                Some(next) => Reply::Permissions(permissions::rest(exchange, id, first, Some(next)).await?),
                None => Reply::Permissions(first),
            }
        }
        Call::Grant(..) | Call::ChangeGrant(..) => Reply::Permission(permissions::granted(&outcome?)?),
        Call::Revoke(..) => permissions::revoked(outcome).map(|()| Reply::Done)?,
    })
}

/// Sends some calls together and takes down what each came to.
async fn one(exchange: &Exchange, parts: &mut [&mut Part]) -> Result<(), Failed> {
    let ask = together(exchange, parts).map_err(|error| exchange.refused(error))?;
    let answer = exchange.send_once(&ask).await?;
    let outcomes = apart(exchange, &answer, parts.len()).map_err(|error| exchange.refused(error))?;
    for (part, outcome) in parts.iter_mut().zip(outcomes) {
        part.not_done = matches!(&outcome, Some(Err(error)) if matches!(error.class, Class::RateLimited(_)));
        part.outcome = outcome.or_else(|| part.outcome.take());
    }
    Ok(())
}

fn together(exchange: &Exchange, parts: &[&mut Part]) -> Result<Ask, Error> {
    let boundary = format!("automata_{:016x}{:016x}", exchange.bits(), exchange.bits());
    let mut whole = String::new();
    for (place, part) in parts.iter().enumerate() {
        let ask = &part.ask;
        whole.push_str(&format!(
            "--{boundary}\r\nContent-Type: application/http\r\nContent-ID: <{place}>\r\n\r\n{} {} HTTP/1.1\r\n",
            ask.method(),
            ask.path()
        ));
        for (name, value) in ask.headers() {
            whole.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap_or_default()));
        }
        match ask.body() {
            Body::Json(body) => {
                let body = body.to_string();
                let length = body.len();
                whole.push_str(&format!(
                    "Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}\r\n"
                ));
            }
            // The last line end belongs to the boundary, and an empty line ends the headers.
            Body::None | Body::Raw(..) => whole.push_str("\r\n\r\n"),
        }
    }
    whole.push_str(&format!("--{boundary}--\r\n"));
    let cost = Cost(parts.iter().map(|part| part.ask.cost().0).sum());
    let ask = Ask::new(Method::POST, &exchange.endpoints.batch(), cost)?;
    ask.raw(&format!("multipart/mixed; boundary={boundary}"), whole.into_bytes())
}

/// What each of `count` calls came to; none for one that the answer leaves out.
fn apart(exchange: &Exchange, answer: &Answer, count: usize) -> Result<Vec<Option<Outcome>>, Error> {
    let kind = answer.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let boundary = kind.split("boundary=").nth(1).and_then(|rest| rest.split(';').next());
    let boundary =
        boundary.map(|boundary| boundary.trim().trim_matches('"')).filter(|boundary| !boundary.is_empty());
    let boundary = boundary.ok_or_else(|| refusal::nonsense("a batch without a boundary"))?;
    let text = std::str::from_utf8(&answer.body).map_err(|_| refusal::nonsense("a batch that is no text"))?;
    let mut outcomes: Vec<Option<Outcome>> = std::iter::repeat_with(|| None).take(count).collect();
    let delimiter = format!("--{boundary}");
    for (order, piece) in text.split(delimiter.as_str()).skip(1).enumerate() {
        if piece.starts_with("--") {
            break;
        }
        let Some((head, inner)) = piece.trim_start_matches(['\r', '\n']).split_once("\r\n\r\n") else {
            continue;
        };
        // Drive promises no order; a server that names none keeps it.
        let place = named(head).unwrap_or(order);
        if let Some(outcome) = outcomes.get_mut(place) {
            *outcome = inner_answer(exchange, inner);
        }
    }
    Ok(outcomes)
}

/// Which call a part answers, by its `Content-ID: <response-7>`.
fn named(head: &str) -> Option<usize> {
    let value = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-id").then_some(value.trim())
    })?;
    value.trim_matches(['<', '>']).rsplit('-').next()?.parse().ok()
}

/// A whole answer inside a part.
fn inner_answer(exchange: &Exchange, text: &str) -> Option<Outcome> {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text.trim_end(), ""));
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse::<u16>().ok()?;
    let status = StatusCode::from_u16(status).ok()?;
    let headers: HeaderMap = lines
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((HeaderName::try_from(name.trim()).ok()?, HeaderValue::try_from(value.trim()).ok()?))
        })
        .collect();
    let body = body.trim_end_matches(['\r', '\n']).as_bytes().to_vec();
    Some(if status.is_success() {
        Ok(Answer { headers, body })
    } else {
        Err(refusal::error(status, &headers, &body, exchange.now()))
    })
}
