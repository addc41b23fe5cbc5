//! The machine that the figures were taken on.

use std::process::Command;

/// Some lines about it.
pub(crate) fn describe() -> Vec<String> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let processor = read("/proc/cpuinfo");
    let model = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("an unknown processor", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let git = Command::new("git").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    let load = read("/proc/loadavg");
    vec![
        format!("{cores} cores, {model}"),
        format!(
            "{}, {} {}",
            String::from_utf8_lossy(&git).trim(),
            std::env::consts::OS,
            std::env::consts::ARCH
        ),
        format!("load when it began: {}", load.split(' ').next().unwrap_or("unknown")),
        String::new(),
    ]
}
