//! The program: parses arguments, calls the shell, prints diagnostics, returns an exit code.

fn main() {}
