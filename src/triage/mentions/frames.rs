//! Reads one line as a frame of a stack trace: Rust, Python, JavaScript, Java, Go, C and C++, Ruby, PHP.

use super::{Mention, words};

/// The frame that a line is, together with the line before it, where some languages put the function.
pub(super) fn frame(line: &str, before: &str) -> Option<Mention> {
    python(line)
        .or_else(|| java(line))
        .or_else(|| javascript(line))
        .or_else(|| rust(line, before))
        .or_else(|| go(line, before))
        .or_else(|| gdb(line))
        .or_else(|| ruby(line))
        .or_else(|| php(line))
}

fn of(place: (String, Option<u64>), symbol: Option<&str>, text: &str) -> Mention {
    let symbol = symbol.map(bare).filter(|name| !name.is_empty()).map(str::to_owned);
    // Lines count from 1; whoever writes 0 has none in mind.
    let line = place.1.filter(|line| *line > 0);
    Mention { symbol, ..Mention::file(place.0, line, text) }
}

/// A function's name without its arguments and closures.
fn bare(name: &str) -> &str {
    let name = name.trim();
    let name = name.split("::{{closure}}").next().unwrap_or(name);
    let name = name.split("::{closure").next().unwrap_or(name);
    if name.starts_with('<') { "" } else { name }
}

/// `File "x.py", line 3, in f`; the path may hold blanks.
fn python(line: &str) -> Option<Mention> {
    let (path, rest) = line.strip_prefix("File \"")?.split_once('"')?;
    let rest = rest.strip_prefix(", line ")?;
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number = rest[..digits].parse().ok()?;
    let symbol = rest[digits..].strip_prefix(", in ").filter(|name| !name.starts_with('<'));
    let (path, _) = words::place(path)?;
    Some(of((path, Some(number)), symbol, line))
}

/// `at a.b.C.m(C.java:12)`: the package makes the folder. `java.base/` and the like in front is a module.
fn java(line: &str) -> Option<Mention> {
    let (name, inside) = line.strip_prefix("at ")?.strip_suffix(')')?.split_once('(')?;
    let (file, number) = inside.split_once(':')?;
    let is_source = [".java", ".kt", ".scala", ".groovy", ".clj"].iter().any(|ending| file.ends_with(ending));
    if !is_source || file.contains(['/', '\\', ' ']) {
        return None;
    }
    let name = name.rsplit('/').next()?;
    let (class, method) = name.rsplit_once('.')?;
    let folder = class.rsplit_once('.').map_or(String::new(), |(package, _)| package.replace('.', "/") + "/");
    let class = class.rsplit('.').next()?.split('$').next()?;
    let mut found = of((format!("{folder}{file}"), number.parse().ok()), None, line);
    found.symbol = Some(format!("{class}.{method}"));
    Some(found)
}

/// `at f (src/x.js:1:2)`, `at async new X (file:///x.js:1:2)`.
fn javascript(line: &str) -> Option<Mention> {
    let (name, inside) = line.strip_prefix("at ")?.strip_suffix(')')?.split_once(" (")?;
    let place = words::place(inside)?;
    let name = name.trim_start_matches("async ").trim_start_matches("new ");
    let name = name.split(" [as ").next().unwrap_or(name);
    let symbol = (!name.contains(['<', ' '])).then_some(name);
    Some(of(place, symbol, line))
}

/// `at ./src/x.rs:1:2`, below `3: crate::module::function`.
fn rust(line: &str, before: &str) -> Option<Mention> {
    let word = line.strip_prefix("at ")?;
    if word.contains(' ') {
        return None;
    }
    let place = words::place(word)?;
    let symbol =
        before.split_once(": ").filter(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()));
    Some(of(place, symbol.map(|(_, name)| name).filter(|name| !name.contains(' ')), line))
}

/// `/src/x.go:12 +0x1b`, below `main.run(0xc000)`.
fn go(line: &str, before: &str) -> Option<Mention> {
    let (word, offset) = line.split_once(' ').unwrap_or((line, "+0x"));
    if !offset.starts_with("+0x") || !word.contains(".go:") {
        return None;
    }
    let place = words::place(word)?;
    let called = before.strip_suffix(')').and_then(|call| call.rsplit_once('(')).map(|(name, _)| name);
    let symbol = called.and_then(|name| name.rsplit('/').next()).filter(|name| !name.contains(' '));
    Some(of(place, symbol, line))
}

/// `#0  0x0000 in f (n=1) at src/x.c:12`.
fn gdb(line: &str) -> Option<Mention> {
    let rest = line.strip_prefix('#')?.trim_start_matches(|c: char| c.is_ascii_digit());
    let (call, word) = rest.strip_prefix(' ')?.rsplit_once(" at ")?;
    let place = words::place(word)?;
    let name = call.split(" (").next()?.trim();
    let name = name.rsplit(" in ").next()?;
    Some(of(place, (!name.contains(' ')).then_some(name), line))
}

/// ``app/x.rb:12:in `f'``, also `from app/x.rb:12:in 'Foo#f'`.
fn ruby(line: &str) -> Option<Mention> {
    let (word, name) = line.strip_prefix("from ").unwrap_or(line).split_once(":in ")?;
    let place = words::place(word).filter(|(_, number)| number.is_some())?;
    let name = name.split(['\'', '`']).nth(1)?;
    Some(of(place, Some(name.trim_start_matches("block in ")), line))
}

/// `#0 /var/www/x.php(12): Foo->bar()`.
fn php(line: &str) -> Option<Mention> {
    let rest = line.strip_prefix('#')?.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix(' ')?;
    let (word, call) = rest.split_once("): ")?;
    let (path, number) = word.rsplit_once('(')?;
    let (path, _) = words::place(path)?;
    Some(of((path, number.parse().ok()), call.split('(').next(), line))
}
