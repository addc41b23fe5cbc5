//! What every forge does, whoever runs it.
