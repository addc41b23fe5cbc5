//! What is told on stderr while work goes on: lines with the run, the issue and the task, as text or as JSON, without secrets.

use std::fmt::{self, Write as _};
use std::sync::OnceLock;

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use super::environment::Environment;
use crate::cli::Command;
use crate::domain::id::RunId;
use crate::domain::subject::Subject;
use crate::report::terminal::{self, Notes, Terminal};
use crate::services::clock::{Clock as _, SystemClock};
use crate::services::secrets;

/// The run of this process, for what is told before or after its span.
static RUN: OnceLock<String> = OnceLock::new();
/// What stands at the top of a line; every other field of an event stands in `fields`.
const OF_SPANS: [&str; 5] = ["run", "issue", "subject", "task", "kind"];

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Text,
    Json,
}

/// Sets up what is told: as far as `default` says, or `AUTOMATA_LOG`, in the shape of `AUTOMATA_LOG_FORMAT`. Secrets are
/// masked in it from here on, in errors and panics too.
pub(super) fn tell(default: &str, environment: &Environment, terminal: Terminal) {
    terminal::masks_with(secrets::masked);
    std::panic::set_hook(Box::new(move |panic| terminal.note(&panicked(panic))));
    let filter = environment.log_filter.as_deref().unwrap_or(default);
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|error| {
        terminal.note(&format!("warning: AUTOMATA_LOG is not understood, and passed over: {error}"));
        EnvFilter::new(default)
    });
    let builder = tracing_subscriber::fmt().with_writer(move || Notes(terminal)).with_target(false);
    // A second subscriber is no harm: tests set up their own.
    let _ = match shape(environment, terminal) {
        Shape::Text => {
            builder.with_ansi(terminal.colours_notes()).without_time().with_env_filter(filter).try_init()
        }
        Shape::Json => {
            terminal::notes_are_events();
            let filter = match format!("{}=info", terminal::NOTES).parse() {
                Ok(notes) => filter.add_directive(notes),
                Err(_) => filter,
            };
            builder.fmt_fields(Parts).event_format(Lines).with_env_filter(filter).try_init()
        }
    };
}

fn shape(environment: &Environment, terminal: Terminal) -> Shape {
    match environment.log_format.as_deref() {
        None | Some("text") => Shape::Text,
        Some("json") => Shape::Json,
        Some(_) => {
            terminal.note("warning: AUTOMATA_LOG_FORMAT is neither `text` nor `json`, and passed over");
            Shape::Text
        }
    }
}

/// What is told of a panic: its words and place, and where it came from when `RUST_BACKTRACE` asks for that.
fn panicked(panic: &std::panic::PanicHookInfo<'_>) -> String {
    let trace = std::backtrace::Backtrace::capture();
    match trace.status() {
        std::backtrace::BacktraceStatus::Captured => format!("{panic}\n{trace}"),
        _ => panic.to_string(),
    }
}

/// What the lines of a command are part of: of one that works, the run.
pub(super) fn of_command(command: &Command) -> tracing::Span {
    match command {
        Command::Run(_) | Command::Drain(_) | Command::Reconcile(_) | Command::Learn(_) => {
            tracing::error_span!("run", run = tracing::field::Empty)
        }
        _ => tracing::Span::none(),
    }
}

/// This process is this run, and so is what is told in the span of its command.
pub(super) fn is_run(run: &RunId) {
    let _ = RUN.set(run.to_string());
    tracing::Span::current().record("run", tracing::field::display(run));
}

/// What a line about this is about, and about which task.
pub(super) fn span(subject: Subject, task: Option<(&str, &str)>) -> tracing::Span {
    use tracing::field::Empty;
    let span = match task {
        Some((task, kind)) => tracing::error_span!("task", %task, %kind, issue = Empty, subject = Empty),
        None => tracing::error_span!("trigger", issue = Empty, subject = Empty),
    };
    match subject.number() {
        Some(number) => span.record("issue", number.0),
        None => span.record("subject", tracing::field::display(subject)),
    };
    span
}

/// The fields of spans as parts of a JSON object.
struct Parts;

impl<'w> FormatFields<'w> for Parts {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut read = Read::default();
        fields.record(&mut read);
        // What is recorded later is added by the subscriber after a space.
        read.0.into_iter().try_for_each(|(name, value)| write!(writer, "{}:{value},", json!(name)))
    }
}

/// An event as one JSON object on one line.
struct Lines;

impl<S: Subscriber + for<'a> LookupSpan<'a>> FormatEvent<S, Parts> for Lines {
    fn format_event(
        &self,
        context: &FmtContext<'_, S, Parts>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut spans = Map::new();
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(parts) = span.extensions().get::<FormattedFields<Parts>>() {
                spans.extend(object(&parts.fields));
            }
        }
        let mut read = Read::default();
        event.record(&mut read);
        let metadata = event.metadata();
        writeln!(writer, "{}", line(metadata.level().as_str(), metadata.target(), read.0, spans))
    }
}

/// Parts of an object, each with a comma after it, as that object.
fn object(parts: &str) -> Map<String, Value> {
    let parts = parts.trim().trim_end_matches(',');
    serde_json::from_str(&format!("{{{parts}}}")).unwrap_or_default()
}

/// The line of an event with these fields, in spans with those.
fn line(level: &str, target: &str, mut fields: Map<String, Value>, mut spans: Map<String, Value>) -> Value {
    let mut line = json!({
        "timestamp": SystemClock.now().to_string(),
        "level": level,
        "target": target,
        "message": fields.remove("message").unwrap_or_else(|| json!("")),
    });
    if let Some(run) = RUN.get() {
        spans.entry("run").or_insert_with(|| json!(run));
    }
    for name in OF_SPANS {
        // An event knows better what it is about than the work in which it happens.
        if let Some(value) = fields.remove(name).or_else(|| spans.remove(name)) {
            line[name] = value;
        }
    }
    line["fields"] = Value::Object(fields);
    line
}

/// Fields by their names.
#[derive(Default)]
struct Read(Map<String, Value>);

impl Read {
    fn put(&mut self, field: &Field, value: Value) {
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Visit for Read {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        let _ = write!(text, "{value:?}");
        self.put(field, json!(text));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, json!(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, json!(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, json!(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, json!(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, json!(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_what_it_is_about_at_its_top_and_the_rest_in_fields() {
        let fields = json!({ "message": "asked again", "wait": 3, "task": "c1.1" });
        let spans = object(r#""run":"9.1", "task":"c1.0","kind":"label", "issue":4,"#);
        let mut told = line("INFO", "automata::x", fields.as_object().unwrap().clone(), spans);
        told["timestamp"] = json!("TIME");
        insta::assert_snapshot!(told, @r#"{"fields":{"wait":3},"issue":4,"kind":"label","level":"INFO","message":"asked again","run":"9.1","target":"automata::x","task":"c1.1","timestamp":"TIME"}"#);
    }

    #[test]
    fn a_line_of_no_run_has_no_fields_of_one() {
        let told = line("WARN", "automata::x", Map::new(), Map::new());
        assert_eq!(told["message"], "");
        assert!(told.get("issue").is_none() && told.get("task").is_none());
    }
}
