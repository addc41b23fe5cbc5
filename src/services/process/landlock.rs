//! Bounds that only Linux has: Landlock for files, signals and the network, a network namespace of one's own.

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, LandlockStatus, Ruleset,
    RulesetAttr as _, RulesetCreatedAttr as _, Scope, path_beneath_rules,
};
use rustix::thread::UnshareFlags;

use super::confinement::Confinement;
use super::filter::{self, Refused};
use super::gap::Gap;

/// All that this version knows to bound; a kernel that knows less bounds less.
const WANTED: ABI = ABI::V9;
/// The first version that bounds the cutting of files (kernel 6.2).
const WITH_CUTTING: ABI = ABI::V3;
/// The first version that bounds TCP (kernel 6.7).
const WITH_NETWORK: ABI = ABI::V4;
/// The first version that bounds what is asked of devices (kernel 6.10).
const WITH_DEVICES: ABI = ABI::V5;
/// The first version that bounds signals (kernel 6.12).
const WITH_SIGNALS: ABI = ABI::V6;
/// The first version that tells sockets of this machine apart by their place.
const WITH_SOCKETS: ABI = ABI::V9;
/// Where programs, their libraries and their settings are. `/proc` shows a bounded program nothing of the secrets of
/// processes outside: Landlock refuses it to look into them as a debugger would.
///
/// Of `/opt` only where tools lie: a self-hosted runner is often installed there, with its credentials.
const SYSTEM: [&str; 20] = [
    "/bin",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/nix/store",
    "/opt/az",
    "/opt/google",
    "/opt/homebrew",
    "/opt/hostedtoolcache",
    "/opt/java",
    "/opt/local",
    "/opt/microsoft",
    "/opt/pipx",
    "/opt/pipx_bin",
    "/proc",
    "/sbin",
    "/snap",
    "/sys",
    "/usr",
];
/// Devices that programs expect to be able to write to. Not all of `/dev`: `/dev/shm` holds what other programs keep.
const DEVICES: [&str; 4] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/tty"];
/// Devices that programs expect to be able to read.
const RANDOM: [&str; 2] = ["/dev/random", "/dev/urandom"];

/// Bounds this process and all its children, and gives sentences about what this kernel cannot bound.
pub(super) fn bound(confinement: &Confinement, has_own_network: bool) -> Result<Vec<Gap>, String> {
    let refuses_network = !confinement.network && !has_own_network;
    let status = restrict(confinement, refuses_network)
        .map_err(|error| format!("the bounds on files cannot be set: {error}"))?;
    let version = match status {
        LandlockStatus::Available { effective_abi, .. } => effective_abi,
        LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => ABI::Unsupported,
    };
    let mut gaps = below(version);
    if !confinement.network {
        gaps.extend(without_sockets(version, has_own_network));
    }
    Ok(gaps)
}

/// What a kernel of this version leaves open of files, devices and signals.
fn below(version: ABI) -> Vec<Gap> {
    let mut gaps = Vec::new();
    if version == ABI::Unsupported {
        gaps.push(Gap::wide(
            "This kernel has no Landlock: what a program may read and write was not bounded.",
        ));
    } else if version < WITH_CUTTING {
        gaps.push(Gap::wide(
            "This kernel, which is older than Linux 6.2, lets a program empty and cut off every file that its user may write to.",
        ));
    }
    // Only a process that has a terminal can open it.
    if version < WITH_DEVICES && std::fs::File::open("/dev/tty").is_ok() {
        gaps.push(Gap::wide(
            "This kernel, which is older than Linux 6.10, lets a program type into the terminal that it was started from.",
        ));
    }
    if version < WITH_SIGNALS {
        gaps.push(Gap::small(
            "This kernel lets a program signal others of its user: one that means to can outlive its time.",
        ));
    }
    gaps
}

/// Refuses the sockets that the bounds up to here leave open, and gives sentences about what cannot be refused.
fn without_sockets(version: ABI, has_own_network: bool) -> Vec<Gap> {
    let refused = match (has_own_network, version >= WITH_SOCKETS) {
        (true, true) => Refused::Machine,
        (true, false) => Refused::Local,
        (false, _) => Refused::All,
    };
    let Err(reason) = filter::refuse(refused) else { return Vec::new() };
    let mut gaps = Vec::new();
    if !has_own_network && version < WITH_NETWORK {
        gaps.push(Gap::wide("This machine cannot refuse a program the network."));
    } else if !has_own_network {
        gaps.push(Gap::wide("This machine gives no network namespaces: only TCP was refused."));
    }
    if version < WITH_SOCKETS || has_own_network {
        gaps.push(Gap::wide(format!(
            "This machine cannot refuse a program sockets of its services: {reason}."
        )));
    }
    gaps
}

fn restrict(
    confinement: &Confinement,
    refuses_network: bool,
) -> Result<LandlockStatus, landlock::RulesetError> {
    let rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(WANTED))?
        .scope(Scope::from_all(WANTED))?;
    let rules = if refuses_network { rules.handle_access(AccessNet::from_all(WITH_NETWORK))? } else { rules };
    let read = AccessFs::from_read(WANTED);
    // `/etc/resolv.conf` is a link to another place on many machines, and names are looked up with it.
    let names = std::fs::canonicalize("/etc/resolv.conf").ok();
    let status = rules
        .create()?
        .add_rules(path_beneath_rules(SYSTEM, read))?
        .add_rules(path_beneath_rules(names, read))?
        .add_rules(path_beneath_rules(&confinement.readable, read))?
        .add_rules(path_beneath_rules(RANDOM, AccessFs::ReadFile))?
        .add_rules(path_beneath_rules(DEVICES, AccessFs::ReadFile | AccessFs::WriteFile))?
        .add_rules(path_beneath_rules(&confinement.writable, AccessFs::from_all(WANTED)))?
        .restrict_self()?;
    Ok(status.landlock)
}

/// Moves this process into a network of its own, in which there is nothing: with a user namespace where it takes one.
#[expect(
    deprecated,
    reason = "the flags that could upset other threads are not used, and there are none yet"
)]
pub(super) fn own_network() -> std::io::Result<()> {
    if rustix::thread::unshare(UnshareFlags::NEWNET).is_ok() {
        return Ok(());
    }
    let (user, group) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    rustix::thread::unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNET)?;
    // Still the same person, who may not change what group they are in (user_namespaces(7)).
    std::fs::write("/proc/self/setgroups", "deny")?;
    std::fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    std::fs::write("/proc/self/gid_map", format!("{group} {group} 1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_says_what_it_leaves_open_and_which_of_it_is_wide() {
        let told = |version| {
            let gaps = below(version).into_iter().filter(|gap| !gap.told.contains("terminal"));
            gaps.map(|gap| (gap.told, gap.is_wide)).collect::<Vec<_>>()
        };
        let signals = |gaps: &[(String, bool)]| {
            gaps.iter().any(|(told, is_wide)| told.contains("signal others of its user") && !is_wide)
        };
        for (version, begin) in [
            (ABI::Unsupported, "This kernel has no Landlock: "),
            (ABI::V1, "This kernel, which is older than Linux 6.2, "),
            (ABI::V2, "This kernel, which is older than Linux 6.2, "),
        ] {
            let gaps = told(version);
            assert!(gaps[0].0.starts_with(begin) && gaps[0].1, "{version:?}: {gaps:?}");
            assert!(signals(&gaps), "{version:?}: {gaps:?}");
        }
        for version in [ABI::V3, ABI::V4, ABI::V5] {
            let gaps = told(version);
            assert!(gaps.len() == 1 && signals(&gaps), "{version:?}: {gaps:?}");
        }
        assert_eq!(told(ABI::V6), []);
    }
}
