//! `cargo xtask fuzz --target token`
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| settled_fuzz::token(data));
