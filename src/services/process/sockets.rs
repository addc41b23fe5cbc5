//! Sockets of services on this machine that do for whoever reaches them what a program may not: start containers as root, run
//! things outside of every bound, sign in somebody's name.

use std::path::PathBuf;

/// Where such services listen. Not D-Bus's of the whole system: it asks what its user may do.
const KNOWN: [&str; 8] = [
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/crio/crio.sock",
    "/run/buildkit/buildkitd.sock",
    "/run/incus/unix.socket",
    "/var/snap/lxd/common/lxd/unix.socket",
    "/run/systemd/private",
];
/// The same below `/run/user/NUMBER`, for services of one user.
const OF_A_USER: [&str; 5] =
    ["bus", "systemd/private", "docker.sock", "podman/podman.sock", "gnupg/S.gpg-agent.ssh"];

/// Those that are there, and those that variables tell of.
pub(super) fn known(told: &[PathBuf]) -> Vec<PathBuf> {
    let user = PathBuf::from(format!("/run/user/{}", rustix::process::geteuid().as_raw()));
    let known = KNOWN.iter().map(PathBuf::from).chain(OF_A_USER.iter().map(|name| user.join(name)));
    let mut found: Vec<PathBuf> =
        told.iter().cloned().chain(known).filter_map(|socket| socket.canonicalize().ok()).collect();
    found.sort();
    found.dedup();
    found
}

/// A sentence about those of them that this process can reach.
#[cfg(target_os = "linux")]
pub(super) fn noted(services: &[PathBuf]) -> Option<String> {
    use std::os::unix::net::UnixStream;
    let reached = services.iter().filter(|service| UnixStream::connect(service).is_ok());
    let reached: Vec<String> = reached.map(|service| service.display().to_string()).collect();
    (!reached.is_empty()).then(|| {
        format!(
            "This kernel cannot keep a program from services of its user that can do more than it may: {}.",
            reached.join(", ")
        )
    })
}
