use settled_domain::Ports;
use settled_domain::ports::StatusFeed;
use settled_domain::waiting::look_after_waiting;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::ProcessFeed;
use crate::outage::Outage;
use crate::settings::FeedSettings;

const TASK: &str = "lookout";

/// Looks after all who wait, every so often and in one query: what no news were heard of is found here.
pub(crate) struct Lookout {
    ports: Ports,
    feed: ProcessFeed,
    settings: FeedSettings,
    outage: Outage,
}

impl Lookout {
    pub(crate) fn new(ports: Ports, feed: ProcessFeed, settings: FeedSettings) -> Self {
        Self { ports, feed, settings, outage: Outage::default() }
    }

    /// Looks every so often until `stop`. Nobody waiting, it costs nothing.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut next = Instant::now() + self.settings.look_every;
        while stop.run_until_cancelled(sleep_until(next)).await.is_some() {
            let waiting = self.feed.waiting();
            let pause = if waiting.is_empty() {
                self.settings.look_every
            } else {
                match look_after_waiting(&self.ports, &waiting).await {
                    Ok(news) => {
                        self.outage.passed(TASK);
                        self.feed.publish(&news);
                        self.settings.look_every
                    }
                    Err(error) => self.outage.failed(TASK, &error, self.settings.look_every),
                }
            };
            next = Instant::now() + pause;
        }
    }
}
