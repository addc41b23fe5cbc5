//! Sockets refused by seccomp, where Landlock cannot tell them apart: a program without the network reaches no service of this
//! machine either.

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use seccompiler::sock_filter as Instruction;

/// Which sockets may not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// Those that lead out of a virtual machine: all others end within its own network, or are refused by Landlock.
    Machine,
    /// Those of this machine too: the network has nothing in it, or refuses by itself.
    Local,
    /// All but those to the kernel itself (netlink).
    All,
}

/// Refuses sockets to this process and all its children. Pairs that are connected from the beginning stay allowed.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(super) fn refuse(refused: Refused) -> Result<(), String> {
    seccompiler::apply_filter(&program(refused)).map_err(|error| error.to_string())
}

/// On other processors its numbers are others.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn refuse(_: Refused) -> Result<(), String> {
    Err("no filter is known for this processor".to_owned())
}

/// The numbers of system calls of one architecture (`linux/audit.h`, `asm/unistd.h`).
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
struct Calls {
    architecture: u32,
    socket: u32,
    socketpair: u32,
    /// All calls about sockets in one, whose arguments a filter cannot see.
    socketcall: Option<u32>,
    /// From here on the same calls have other numbers.
    others_from: Option<u32>,
}

#[cfg(target_arch = "x86_64")]
const KNOWN: [Calls; 2] = [
    // x32 counts its calls from another number on.
    Calls {
        architecture: 0xC000_003E,
        socket: 41,
        socketpair: 53,
        socketcall: None,
        others_from: Some(0x4000_0000),
    },
    // Programs for 32 bits: i386.
    Calls {
        architecture: 0x4000_0003,
        socket: 359,
        socketpair: 360,
        socketcall: Some(102),
        others_from: None,
    },
];
#[cfg(target_arch = "aarch64")]
const KNOWN: [Calls; 2] = [
    Calls { architecture: 0xC000_00B7, socket: 198, socketpair: 199, socketcall: None, others_from: None },
    // Programs for 32 bits: arm.
    Calls {
        architecture: 0x4000_0028,
        socket: 281,
        socketpair: 288,
        socketcall: Some(102),
        others_from: None,
    },
];

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod made {
    use super::{Calls, Instruction, KNOWN, Refused};

    /// `io_uring_setup`: makes and connects sockets past any filter. The same number everywhere.
    const RING: u32 = 425;
    /// `AF_UNIX`.
    const LOCAL: u32 = 1;
    /// `AF_NETLINK`.
    const KERNEL: u32 = 16;
    /// `AF_VSOCK`, which leads out of a virtual machine and is in no network namespace.
    const MACHINE: u32 = 40;
    /// `SOCK_DGRAM`, and `SOCK_RAW`, which is the same to `AF_UNIX`: one end of such a pair may be connected anew.
    const LOOSE: [u32; 2] = [2, 3];
    /// The bits of a type without its flags.
    const TYPE: u32 = 0xF;

    // Where things stand in `seccomp_data` on a machine that keeps the low byte first.
    const NUMBER: u32 = 0;
    const ARCHITECTURE: u32 = 4;
    const FIRST: u32 = 16;
    const SECOND: u32 = 24;

    const ALLOW: u32 = 0x7FFF_0000;
    /// An error with this number.
    const ERROR: u32 = 0x0005_0000;
    /// `EAFNOSUPPORT`, as systemd's `RestrictAddressFamilies` has it: programs take it for a machine without such sockets.
    const NO_SUCH_FAMILY: u32 = ERROR | 97;
    /// `ENOSYS`: as if the kernel were older.
    const NO_SUCH_CALL: u32 = ERROR | 38;

    const fn made(code: u16, jt: u8, jf: u8, k: u32) -> Instruction {
        Instruction { code, jt, jf, k }
    }

    const fn load(place: u32) -> Instruction {
        made(0x20, 0, 0, place)
    }

    const fn end(verdict: u32) -> Instruction {
        made(0x06, 0, 0, verdict)
    }

    /// The verdict where what was loaded is this.
    const fn where_it_is(value: u32, verdict: u32) -> [Instruction; 2] {
        [made(0x15, 0, 1, value), end(verdict)]
    }

    /// These instructions where what was loaded is this. They have to end with a verdict.
    fn within(value: u32, instructions: Vec<Instruction>) -> Vec<Instruction> {
        // The longest has about forty.
        let length = u8::try_from(instructions.len()).unwrap_or(u8::MAX);
        std::iter::once(made(0x15, 0, length, value)).chain(instructions).collect()
    }

    pub(super) fn program(refused: Refused) -> Vec<Instruction> {
        let mut program = vec![load(ARCHITECTURE)];
        for calls in &KNOWN {
            program.extend(within(calls.architecture, of(calls, refused)));
        }
        program.push(end(NO_SUCH_CALL));
        program
    }

    fn of(calls: &Calls, refused: Refused) -> Vec<Instruction> {
        let mut program = vec![load(NUMBER)];
        if let Some(first) = calls.others_from {
            program.extend([made(0x35, 0, 1, first), end(NO_SUCH_CALL)]);
        }
        program.extend(where_it_is(RING, NO_SUCH_CALL));
        program.extend(calls.socketcall.into_iter().flat_map(|call| where_it_is(call, NO_SUCH_CALL)));
        // Of the families some lead to the network in ways of their own, and newer kernels have more: who may have none
        // of them is told which one is left.
        let (named, verdict, others): (&[u32], u32, u32) = match refused {
            Refused::Machine => (&[MACHINE], NO_SUCH_FAMILY, ALLOW),
            Refused::Local => (&[MACHINE, LOCAL], NO_SUCH_FAMILY, ALLOW),
            Refused::All => (&[KERNEL], ALLOW, NO_SUCH_FAMILY),
        };
        let mut socket = vec![load(FIRST)];
        socket.extend(named.iter().flat_map(|family| where_it_is(*family, verdict)));
        socket.push(end(others));
        program.extend(within(calls.socket, socket));
        if refused == Refused::Machine {
            program.push(end(ALLOW));
            return program;
        }
        let mut pair = vec![load(SECOND), made(0x54, 0, 0, TYPE)];
        pair.extend(LOOSE.iter().flat_map(|kind| where_it_is(*kind, NO_SUCH_FAMILY)));
        pair.push(end(ALLOW));
        program.extend(within(calls.socketpair, pair));
        program.push(end(ALLOW));
        program
    }
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use made::program;

#[cfg(test)]
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod tests {
    use super::*;

    /// What the kernel would answer: one step after the other.
    fn verdict(program: &[Instruction], architecture: u32, number: u32, arguments: [u32; 2]) -> u32 {
        let (mut at, mut loaded) = (0, 0);
        loop {
            let Instruction { code, jt, jf, k } = program[at].clone();
            at += 1;
            match code {
                0x20 => {
                    loaded = match k {
                        0 => number,
                        4 => architecture,
                        16 => arguments[0],
                        24 => arguments[1],
                        other => panic!("{other}"),
                    }
                }
                0x54 => loaded &= k,
                0x15 => at += usize::from(if loaded == k { jt } else { jf }),
                0x35 => at += usize::from(if loaded >= k { jt } else { jf }),
                0x06 => return k,
                other => panic!("{other}"),
            }
        }
    }

    const ALLOW: u32 = 0x7FFF_0000;

    #[test]
    fn sockets_of_this_machine_are_refused_in_every_architecture_and_all_else_is_not() {
        let program = program(Refused::Local);
        for calls in &KNOWN {
            let ask = |number, first, second| verdict(&program, calls.architecture, number, [first, second]);
            assert_eq!(ask(calls.socket, 1, 1), 0x0005_0061);
            assert_eq!(ask(calls.socket, 40, 1), 0x0005_0061);
            assert_eq!(ask(calls.socket, 2, 1), ALLOW);
            assert_eq!(ask(calls.socket, 16, 3), ALLOW);
            assert_eq!(ask(calls.socketpair, 1, 1 | 0o2_000_000), ALLOW);
            assert_eq!(ask(calls.socketpair, 1, 5), ALLOW);
            assert_eq!(ask(calls.socketpair, 1, 2 | 0o2_000_000), 0x0005_0061);
            assert_eq!(ask(425, 1, 1), 0x0005_0026);
            assert_eq!(ask(0, 1, 1), ALLOW);
            if let Some(call) = calls.socketcall {
                assert_eq!(ask(call, 1, 1), 0x0005_0026);
            }
            if let Some(first) = calls.others_from {
                assert_eq!(ask(first + calls.socket, 1, 1), 0x0005_0026);
            }
        }
        assert_eq!(verdict(&program, 7, 0, [0, 0]), 0x0005_0026);
    }

    #[test]
    fn where_nothing_else_refuses_the_network_its_sockets_are_refused_too() {
        let program = program(Refused::All);
        for calls in &KNOWN {
            for family in [1, 2, 10, 17, 40, 43, 60] {
                assert_eq!(verdict(&program, calls.architecture, calls.socket, [family, 2]), 0x0005_0061);
            }
            assert_eq!(verdict(&program, calls.architecture, calls.socket, [16, 3]), ALLOW);
        }
    }

    #[test]
    fn in_a_network_of_its_own_only_what_leads_past_it_is_refused() {
        let program = program(Refused::Machine);
        for calls in &KNOWN {
            let ask = |number, family| verdict(&program, calls.architecture, number, [family, 2]);
            assert_eq!(ask(calls.socket, 40), 0x0005_0061);
            for family in [1, 2, 10, 16] {
                assert_eq!(ask(calls.socket, family), ALLOW);
            }
            assert_eq!(ask(calls.socketpair, 1), ALLOW);
        }
    }
}
