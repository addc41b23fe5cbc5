//! What Slack shows.
