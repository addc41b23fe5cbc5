//! Which names of Drive can be names of files on this machine: a stranger's name must not lead out of its folder.

/// Characters of a file's name that some system has a meaning for; on the one or the other they would lead elsewhere.
const SPECIAL: &[char] = &['/', '\\', ':', '*', '?', '"', '<', '>', '|'];

/// Names that Windows takes for devices, with whatever ending:
/// <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>.
const DEVICES: [&str; 22] = [
    "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
    "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
];

/// Bytes that a name may have on the file systems of today.
const LONGEST: usize = 255;

/// Why a name of Drive cannot be the name of a file here; none where it can.
#[must_use]
pub fn unfit(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("it has no name");
    }
    if name == "." || name == ".." {
        return Some("its name is that of a folder above");
    }
    if name.contains(SPECIAL) || name.chars().any(char::is_control) {
        return Some("its name has characters that no file's name may have everywhere");
    }
    if name.ends_with(['.', ' ']) {
        return Some("its name ends with a full stop or a space, which Windows drops");
    }
    if name.len() > LONGEST {
        return Some("its name is longer than a file's name may be");
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    if DEVICES.iter().any(|device| device.eq_ignore_ascii_case(stem)) {
        return Some("Windows takes its name for a device");
    }
    if name.eq_ignore_ascii_case(".git") {
        return Some("git takes a folder of that name for a repository, with programs to run");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_do_not_become_files() {
        for name in [
            "..",
            ".",
            "",
            "a/b",
            "..\\x",
            "C:x",
            "a\0b",
            "x ",
            "x.",
            ".Git",
            "nul.txt",
            "Com1",
            &"x".repeat(256),
        ] {
            assert!(unfit(name).is_some(), "{name:?}");
        }
        for name in ["plan.md", "...x", "über uns", "it's", ".gitignore"] {
            assert_eq!(unfit(name), None, "{name}");
        }
    }
}
