use std::sync::Arc;

use settled_domain::Ports;
use settled_domain::ids::SessionId;
use settled_domain::ports::{RelayedNews, StatusFeed, StatusRelay, StoreError};
use settled_domain::waiting::look_after_waiting;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::feed::ProcessFeed;
use crate::outage::Outage;
use crate::settings::FeedSettings;

const TASK: &str = "relay receiver";

/// Hears what the other replicas have committed, looks at those of the payments that somebody waits for here, and wakes
/// whom it concerns.
pub(crate) struct Receiver {
    relay: Arc<dyn StatusRelay>,
    ports: Ports,
    feed: ProcessFeed,
    settings: FeedSettings,
    outage: Outage,
}

impl Receiver {
    pub(crate) fn new(relay: Arc<dyn StatusRelay>, ports: Ports, feed: ProcessFeed, settings: FeedSettings) -> Self {
        Self { relay, ports, feed, settings, outage: Outage::default() }
    }

    pub(crate) async fn run(mut self, stop: CancellationToken) {
        while let Some(heard) = stop.run_until_cancelled(self.relay.receive()).await {
            let looked = match heard {
                Ok(news) => self.look(news).await,
                Err(error) => Err(error),
            };
            match looked {
                Ok(()) => self.outage.passed(TASK),
                Err(error) => {
                    let pause = self.outage.failed(TASK, &error, self.settings.look_every);
                    if stop.run_until_cancelled(sleep(pause)).await.is_none() {
                        return;
                    }
                }
            }
        }
    }

    async fn look(&self, news: RelayedNews) -> Result<(), StoreError> {
        let waiting: Vec<SessionId> = match news {
            RelayedNews::Of(sessions) => self.feed.awaited(sessions),
            RelayedNews::OfAny => self.feed.waiting(),
        };
        if !waiting.is_empty() {
            self.feed.publish(&look_after_waiting(&self.ports, &waiting).await?);
        }
        Ok(())
    }
}
