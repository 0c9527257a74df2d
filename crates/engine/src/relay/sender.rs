use std::sync::Arc;

use settled_domain::ports::StatusRelay;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Outbox;
use crate::outage::Outage;
use crate::settings::FeedSettings;

const TASK: &str = "relay sender";

/// Tells the other replicas what was committed here.
pub(crate) struct Sender {
    relay: Arc<dyn StatusRelay>,
    outbox: Arc<Outbox>,
    settings: FeedSettings,
    outage: Outage,
}

impl Sender {
    pub(crate) fn new(relay: Arc<dyn StatusRelay>, outbox: Arc<Outbox>, settings: FeedSettings) -> Self {
        Self { relay, outbox, settings, outage: Outage::default() }
    }

    pub(crate) async fn run(mut self, stop: CancellationToken) {
        while let Some(sessions) = stop.run_until_cancelled(self.outbox.take()).await {
            match self.relay.send(&sessions).await {
                Ok(()) => self.outage.passed(TASK),
                // Not sent again: by then the lookouts of the others have found it.
                Err(error) => {
                    let pause = self.outage.failed(TASK, &error, self.settings.look_every);
                    if stop.run_until_cancelled(sleep(pause)).await.is_none() {
                        return;
                    }
                }
            }
        }
    }
}
