//! Metrics as OpenMetrics text, version 1.0 of <https://github.com/prometheus/OpenMetrics>, and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::views::metrics::{BOUNDS, Distribution, Labels, Metrics, Named, Samples};

/// Every name begins with it.
const PREFIX: &str = "automata_";

/// The text that a scraper reads. It ends with the line that says that it is whole.
#[must_use]
pub fn text(metrics: &Metrics) -> String {
    let mut text = String::new();
    families(&mut text, metrics.counters(), "counter", "", |text, name, labels, value| {
        line(text, &format!("{name}_total"), labels, None, value);
    });
    families(&mut text, metrics.durations(), "histogram", "_seconds", distribution);
    families(&mut text, metrics.gauges(), "gauge", "", |text, name, labels, value| {
        line(text, name, labels, None, value);
    });
    text + "# EOF\n"
}

fn families<T>(
    text: &mut String,
    samples: &Samples<T>,
    sort: &str,
    unit: &str,
    show: impl Fn(&mut String, &str, &Labels, &T),
) {
    for (Named { name, help }, samples) in samples {
        let name = format!("{PREFIX}{name}{unit}");
        // A String takes whatever is written.
        let _ = writeln!(text, "# TYPE {name} {sort}");
        if let Some(unit) = unit.strip_prefix('_') {
            let _ = writeln!(text, "# UNIT {name} {unit}");
        }
        let _ = writeln!(text, "# HELP {name} {help}.");
        for (labels, value) in samples {
            show(text, &name, labels, value);
        }
    }
}

fn distribution(text: &mut String, name: &str, labels: &Labels, value: &Distribution) {
    let bucket = format!("{name}_bucket");
    for (within, bound) in value.within.iter().zip(BOUNDS) {
        line(text, &bucket, labels, Some(&format!("{bound}.0")), within);
    }
    line(text, &bucket, labels, Some("+Inf"), &value.count);
    line(text, &format!("{name}_count"), labels, None, &value.count);
    line(text, &format!("{name}_sum"), labels, None, &value.sum.as_secs_f64());
}

fn line(text: &mut String, name: &str, labels: &Labels, bound: Option<&str>, value: &impl std::fmt::Display) {
    let labels = labels.iter().map(|(label, value)| (*label, value.as_str()));
    let told: Vec<String> = labels
        .chain(bound.map(|bound| ("le", bound)))
        .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)))
        .collect();
    let told = if told.is_empty() { String::new() } else { format!("{{{}}}", told.join(",")) };
    let _ = writeln!(text, "{name}{told} {value}");
}

/// A label's value between quotes.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// The same as a list of {name, type, help, samples}.
#[must_use]
pub fn json(metrics: &Metrics) -> Value {
    let mut families = shown(metrics.counters(), "counter", |value| json!({ "value": value }));
    families.extend(shown(metrics.durations(), "histogram", |value| json!({ "value": value })));
    families.extend(shown(metrics.gauges(), "gauge", |value| json!({ "value": value })));
    Value::Array(families)
}

fn shown<T>(samples: &Samples<T>, sort: &str, value: impl Fn(&T) -> Value) -> Vec<Value> {
    let sample = |(labels, of): (&Labels, &T)| {
        let labels: serde_json::Map<String, Value> =
            labels.iter().map(|(label, value)| ((*label).to_owned(), json!(value))).collect();
        let mut sample = value(of);
        sample["labels"] = Value::Object(labels);
        sample
    };
    let family = |(Named { name, help }, samples): (&Named, &std::collections::BTreeMap<Labels, T>)| {
        let samples: Vec<Value> = samples.iter().map(sample).collect();
        json!({ "name": format!("{PREFIX}{name}"), "type": sort, "help": help, "samples": samples })
    };
    samples.iter().map(family).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_a_label_says_it_stays_on_its_line_and_between_its_quotes(value in "\\PC*|[\"\\\\\n{}]*") {
            let mut text = String::new();
            line(&mut text, "automata_x", &vec![("code", value.clone())], None, &1);
            prop_assert_eq!(text.matches('\n').count(), 1);
            let quoted = text.strip_prefix("automata_x{code=").unwrap().strip_suffix("} 1\n").unwrap();
            // JSON escapes these three as OpenMetrics does; the rest stands as it is.
            let plain = value.chars().all(|letter| letter == '\n' || !letter.is_control());
            if plain {
                prop_assert_eq!(serde_json::from_str::<String>(quoted).unwrap(), value);
            }
        }
    }
}
