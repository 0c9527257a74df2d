//! Chromium and its driver, for the tests that use the pages as a customer does.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use crate::apt;

const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome"];
const CHROMEDRIVER: &[&str] = &["chromedriver"];

/// Where to look besides `PATH`.
const USUAL_PLACES: &[&str] =
    &["/usr/bin", "/usr/local/bin", "/usr/lib/chromium", "/usr/lib/chromium-browser", "/snap/bin", "/opt/homebrew/bin"];

/// Absolute paths of the two programs.
#[derive(Debug, PartialEq)]
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) chromedriver: PathBuf,
}

/// Finds a browser and its driver, or installs them where that needs no question: as root on Debian.
pub(crate) fn provide() -> Result<Browser> {
    let places = places();
    if let Ok(browser) = find(&places, Path::is_file) {
        return Ok(browser);
    }
    if apt::is_ours() {
        apt::install(&["chromium", "chromium-driver"])?;
    }
    find(&places, Path::is_file)
}

fn places() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let usual = USUAL_PLACES.iter().map(PathBuf::from);
    env::split_paths(&path).filter(|folder| folder.is_absolute()).chain(usual).collect()
}

fn find(places: &[PathBuf], is_file: impl Fn(&Path) -> bool) -> Result<Browser> {
    let program = |names: &[&str]| {
        let candidates = names.iter().flat_map(|name| places.iter().map(move |place| place.join(name)));
        candidates.into_iter().find(|path| is_file(path))
    };
    match (program(CHROMIUM), program(CHROMEDRIVER)) {
        (Some(chromium), Some(chromedriver)) => Ok(Browser { chromium, chromedriver }),
        (chromium, _) => bail!(
            "the browser tests need {}, which is not installed\n  \
             Debian, Ubuntu: apt-get install chromium chromium-driver\n  \
             elsewhere: put chromium (or google-chrome) and a chromedriver of the same version on PATH\n  \
             or leave these tests out: cargo xtask test --without browser",
            if chromium.is_none() { "chromium" } else { "chromedriver" }
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_among(present: &[&str]) -> Result<Browser> {
        let places = ["/first".into(), "/second".into()];
        find(&places, |path| present.iter().any(|it| Path::new(it) == path))
    }

    #[test]
    fn the_first_place_wins() {
        let found = find_among(&["/first/chromium", "/second/chromium", "/second/chromedriver"]);
        let browser = found.unwrap();
        assert_eq!(browser.chromium, Path::new("/first/chromium"));
        assert_eq!(browser.chromedriver, Path::new("/second/chromedriver"));
    }

    #[test]
    fn chrome_will_do() {
        let browser = find_among(&["/first/google-chrome", "/first/chromedriver"]).unwrap();
        assert_eq!(browser.chromium, Path::new("/first/google-chrome"));
    }

    #[test]
    fn a_missing_browser_is_an_error_that_says_what_to_install() {
        let error = find_among(&["/first/chromedriver"]).unwrap_err().to_string();
        assert!(error.starts_with("the browser tests need chromium,"), "{error}");
        assert!(error.contains("apt-get install chromium chromium-driver"), "{error}");
        assert!(error.contains("--without browser"), "{error}");
    }

    #[test]
    fn a_missing_driver_is_an_error_too() {
        let error = find_among(&["/first/chromium"]).unwrap_err().to_string();
        assert!(error.starts_with("the browser tests need chromedriver,"), "{error}");
    }
}
