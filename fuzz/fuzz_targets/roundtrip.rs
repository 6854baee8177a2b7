//! What parses prints to something that parses to the same tree.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    fuzz::comes_back(&fuzz::module(text));
});
