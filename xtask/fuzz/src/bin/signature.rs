//! `cargo xtask fuzz --target signature`
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| settled_fuzz::signature(data));
