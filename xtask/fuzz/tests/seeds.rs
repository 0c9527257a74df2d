//! Every input that is kept, the ones that once broke something among them.
#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped here has failed the test")]

use std::fs;

fn each_seed(target: &str, run: fn(&[u8])) {
    let folder = format!("{}/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        run(&fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 0, "no seeds for {target}");
}

#[test]
fn no_kept_header_is_accepted_without_a_signature() {
    each_seed("signature", settled_fuzz::signature);
}

#[test]
fn every_kept_body_is_read_without_harm() {
    each_seed("envelope", settled_fuzz::envelope);
}

#[test]
fn no_kept_token_lets_a_stranger_in() {
    each_seed("token", settled_fuzz::token);
}
