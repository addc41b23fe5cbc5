//! Programs are started without copying the tests' memory.
//!
//! To start a program in another folder the standard library asks glibc for a call that changes it, and falls back to a
//! fork where that is missing, which copies the page tables of whole tests: a third of their time. In a static binary
//! the call is missing unless something refers to it.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[used]
static CHANGES_FOLDER: unsafe extern "C" fn(
    *mut libc::posix_spawn_file_actions_t,
    *const libc::c_char,
) -> libc::c_int = libc::posix_spawn_file_actions_addchdir_np;
