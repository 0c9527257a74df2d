use std::env::var_os;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use thirtyfour::ChromeCapabilities;
use thirtyfour::prelude::*;
use thirtyfour::testing::run_browser_test;

/// How long something may take to appear. Generous: the machine may be busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often chromedriver is started until it has a port.
const STARTS: usize = 3;

/// A browser window, with the few things that a customer does in it.
#[derive(Clone)]
pub(crate) struct Page(pub(crate) WebDriver);

/// Chromium's driver as a process; ended when dropped.
struct Chromedriver {
    child: Child,
    url: String,
}

impl Chromedriver {
    /// On a busy machine it has been seen to end before it had a port: then it is started again, and what it said is told.
    fn start() -> Self {
        (0..STARTS).find_map(|_| Self::try_start()).expect("chromedriver tells its port")
    }

    fn try_start() -> Option<Self> {
        let program = var_os("SETTLED_CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
        let mut child = Command::new(&program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}; run `cargo xtask test`", program.display()));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut started = Self { child, url: String::new() };
        let mut said = Vec::new();
        let line = lines.find(|line| {
            said.push(line.clone());
            line.contains("successfully on port")
        });
        let Some(line) = line else {
            eprintln!("chromedriver has no port: {:?}; it said {said:?}", started.child.try_wait());
            return None;
        };
        let port: String =
            line.chars().rev().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        let port: String = port.chars().rev().collect();
        std::thread::spawn(move || lines.for_each(drop));
        started.url = format!("http://127.0.0.1:{port}");
        Some(started)
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn capabilities(profile: &std::path::Path) -> ChromeCapabilities {
    let mut capabilities = DesiredCapabilities::chrome();
    let profile = format!("--user-data-dir={}", profile.display());
    for argument in [
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--window-size=1100,900",
        &profile,
    ] {
        capabilities.add_arg(argument).unwrap();
    }
    if let Some(chromium) = var_os("SETTLED_CHROMIUM") {
        capabilities.set_binary(chromium.to_str().unwrap()).unwrap();
    }
    capabilities
}

/// Runs a test in a browser of its own, which is closed whatever happens.
pub(crate) async fn browse<F, Fut>(test: F)
where
    F: FnOnce(Page) -> Fut,
    Fut: Future<Output = ()>,
{
    let chromedriver = Chromedriver::start();
    let profile = tempfile::TempDir::new().unwrap();
    let session = WebDriver::new(&chromedriver.url, capabilities(profile.path()));
    let body = |driver: WebDriver| async move {
        test(Page(driver)).await;
        Ok::<(), WebDriverError>(())
    };
    run_browser_test(session, body).await.unwrap();
}

impl Page {
    pub(crate) async fn open(&self, url: &str) {
        self.0.goto(url).await.unwrap();
    }

    /// The one element that this selector names, as soon as it is there.
    pub(crate) async fn find(&self, css: &str) -> WebElement {
        self.0.query(By::Css(css)).wait(PATIENCE, Duration::from_millis(50)).first().await.unwrap()
    }

    pub(crate) async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap();
    }

    pub(crate) async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    pub(crate) async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    /// Waits until the element of this id has these words in it, also across a change of the page.
    pub(crate) async fn await_words(&self, id: &str, words: &str) {
        self.await_element(format!("//*[@id='{id}'][contains(., '{words}')]")).await;
    }

    /// Waits until they are no longer there.
    pub(crate) async fn await_no_words(&self, id: &str, words: &str) {
        self.await_element(format!("//*[@id='{id}'][not(contains(., '{words}'))]")).await;
    }

    async fn await_element(&self, xpath: String) {
        self.0.query(By::XPath(xpath)).wait(PATIENCE, Duration::from_millis(50)).first().await.unwrap();
    }

    pub(crate) async fn url(&self) -> String {
        self.0.current_url().await.unwrap().to_string()
    }

    pub(crate) async fn sign_in(&self, name: &str) {
        self.fill("#login-form input[name=user_id]", name).await;
        self.click("#login-form button").await;
        self.await_element(format!("//*[@id='user'][text()='{name}']")).await;
    }

    /// Fills in the hosted page and presses the button.
    pub(crate) async fn pay_with(&self, card: &str) {
        self.fill("[name=email]", "alice@example.com").await;
        self.fill("[name=card_number]", card).await;
        self.fill("[name=card_expiry]", "12 / 34").await;
        self.fill("[name=card_cvc]", "123").await;
        self.fill("[name=cardholder_name]", "Alice Example").await;
        self.click("#pay").await;
    }

    /// Chooses the bank account on the hosted page, fills it in and presses the button.
    pub(crate) async fn pay_by_debit(&self, account: &str) {
        self.click("label[for=method-bank]").await;
        self.fill("[name=email]", "alice@example.com").await;
        self.fill("[name=routing_number]", "110000000").await;
        self.fill("[name=account_number]", account).await;
        self.fill("[name=account_holder]", "Alice Example").await;
        self.click("#pay").await;
    }

    /// Waits until the success page shows this status.
    pub(crate) async fn await_status(&self, status: &str) {
        self.find(&format!("#status[data-status={status}]")).await;
    }

    /// Runs a function body in the page, whose last argument is a callback that takes the result.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.0.execute_async(script, Vec::new()).await.unwrap().json().clone()
    }

    /// Sends a command of Chromium's own protocol.
    pub(crate) async fn command(&self, name: &str, parameters: Value) {
        self.0.cdp().send_raw(name, parameters).await.unwrap();
    }

    /// Has this browser be signed in at `service`, by a token that was made elsewhere.
    pub(crate) async fn carry_token(&self, service: &str, token: &str) {
        self.open(&format!("{service}/healthz")).await;
        self.0.add_cookie(Cookie::new("settled_token", token)).await.unwrap();
    }

    pub(crate) async fn screenshot(&self, name: &str) {
        if let Some(folder) = var_os("SETTLED_SCREENSHOTS") {
            self.0.screenshot(&PathBuf::from(folder).join(format!("{name}.png"))).await.unwrap();
        }
    }
}
