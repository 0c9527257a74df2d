use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Submission;
use super::batch::Committer;
use crate::measures;

/// The one task that commits. A single transaction is in flight at a time, which is what makes the next batch grow.
pub(super) struct Writer {
    pub(super) accepted: mpsc::Receiver<Submission>,
    pub(super) stopping: CancellationToken,
    pub(super) committer: Committer,
    pub(super) batch_limit: usize,
}

impl Writer {
    pub(super) async fn run(mut self) {
        let mut submissions = Vec::with_capacity(self.batch_limit);
        loop {
            let taken = tokio::select! {
                biased;
                () = self.stopping.cancelled(), if !self.accepted.is_closed() => {
                    // What was accepted stays in the queue; nothing more gets in.
                    self.accepted.close();
                    continue;
                }
                taken = self.accepted.recv_many(&mut submissions, self.batch_limit) => taken,
            };
            if taken == 0 {
                return;
            }
            measures::events_taken(taken);
            let begun = Instant::now();
            self.commit(submissions.drain(..)).await;
            measures::batch_done(taken, begun.elapsed());
        }
    }

    async fn commit(&self, submissions: impl Iterator<Item = Submission> + Send) {
        let (events, answers): (Vec<_>, Vec<_>) = submissions.map(|one| (one.event, (one.arrival, one.answer))).unzip();
        let outcomes = self.committer.commit(events).await;
        for ((arrival, answer), outcome) in answers.into_iter().zip(outcomes) {
            if let Ok(outcome) = &outcome {
                arrival.committed(*outcome);
            }
            // A submitter that went away has nothing to hear; its event is committed all the same.
            let _ = answer.send(outcome);
        }
    }
}
