//! What every event log does, whatever keeps it.
