//! `cargo xtask fuzz --target envelope`
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| settled_fuzz::envelope(data));
