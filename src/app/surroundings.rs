//! What lies around us and is none of a started program's business, as variables tell it.

use std::path::PathBuf;

use super::environment::Variables;
use crate::services::process::local::Surroundings;

/// Variables that tell where a service of this machine listens: as a path, or behind `unix:` as Docker and D-Bus have it.
const SERVICES: [&str; 4] = ["SSH_AUTH_SOCK", "DOCKER_HOST", "CONTAINER_HOST", "DBUS_SESSION_BUS_ADDRESS"];

/// What they tell.
pub(super) fn of(variables: &Variables) -> Surroundings {
    let plain = |name: &str| variables.get(name).map(|value| value.plain().to_owned());
    Surroundings {
        home: plain("HOME").map(PathBuf::from),
        services: SERVICES.iter().filter_map(|name| socket(&plain(name)?)).collect(),
    }
}

/// The socket in `/run/a.sock`, `unix:///run/a.sock` and `unix:path=/run/a.sock,guid=1`.
fn socket(told: &str) -> Option<PathBuf> {
    let place = told.strip_prefix("unix:").unwrap_or(told);
    let place = place.strip_prefix("path=").or_else(|| place.strip_prefix("//")).unwrap_or(place);
    let place = place.split(',').next()?;
    place.starts_with('/').then(|| PathBuf::from(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_read_from_what_docker_ssh_and_d_bus_write() {
        let read = |told| socket(told).map(|place| place.display().to_string());
        for told in ["/run/a.sock", "unix:///run/a.sock", "unix:path=/run/a.sock,guid=1;tcp:host=x"] {
            assert_eq!(read(told).as_deref(), Some("/run/a.sock"), "{told}");
        }
        for told in ["tcp://127.0.0.1:2375", "unix:abstract=/x", "ssh://host", ""] {
            assert_eq!(read(told), None, "{told}");
        }
    }
}
