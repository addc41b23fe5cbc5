//! The name of the account that this process works under, where no variable tells it.

/// The name, by the system's list of accounts; else the account's number, as `uid-1000`.
#[cfg(unix)]
#[must_use]
pub fn name() -> Option<String> {
    let number = rustix::process::geteuid().as_raw();
    let listed = std::fs::read("/etc/passwd").unwrap_or_default();
    Some(named(&String::from_utf8_lossy(&listed), number).unwrap_or_else(|| format!("uid-{number}")))
}

/// Elsewhere a variable always tells it.
#[cfg(not(unix))]
#[must_use]
pub const fn name() -> Option<String> {
    None
}

/// The name in lines as passwd(5) has them: `name:password:number:…`.
#[cfg(unix)]
fn named(listed: &str, number: u32) -> Option<String> {
    let number = number.to_string();
    listed.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)? == number).then(|| name.to_owned())
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_number_and_by_nothing_else() {
        let listed = "root:x:0:0:root:/root:/bin/sh\n:x:7::\nbroken\nada:x:1000:0:1000,,:/:/bin/sh\n";
        assert_eq!(named(listed, 1000).as_deref(), Some("ada"));
        assert_eq!((named(listed, 7), named(listed, 10), named("", 0)), (None, None, None));
    }
}
