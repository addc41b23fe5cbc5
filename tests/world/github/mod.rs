//! A stateful GitHub on loopback that checks every request against GitHub's own description.
