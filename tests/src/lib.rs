//! The test harness: one `check` function for each suite.
