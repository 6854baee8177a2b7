//! Any text is parsed, and what is said of it lies within it.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| fuzz::parses(&fuzz::module(text)));
