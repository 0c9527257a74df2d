//! Status requests that come while others are being answered are answered together by the next statement, so that under
//! load a statement, and the round trips around it, are shared by many. One that finds a turn free is answered at once and
//! alone. Nothing is kept: each answer is read after its question has come.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use settled_domain::ids::{SessionId, UserId};
use settled_domain::payment::Payment;
use settled_domain::ports::StoreError;
use sqlx::PgPool;
use tokio::sync::{Semaphore, oneshot};

use crate::database::on_a_live_connection;
use crate::payments;

/// How many statements may be under way at once: another one, so that a slow one does not keep everybody waiting.
const TURNS: usize = 2;
/// How many questions a statement answers.
const TOGETHER_MAX: usize = 128;
/// How many questions may wait for a statement.
const WAITING_MAX: usize = 10_000;

type Answer = Result<Option<Payment>, StoreError>;

/// Whose payment of which session, and where the answer goes.
struct Question {
    user_id: UserId,
    session_id: SessionId,
    answer: oneshot::Sender<Answer>,
}

#[derive(Debug, thiserror::Error)]
#[error("too many status requests are waiting")]
struct TooManyWaiting;

pub(crate) struct StatusReads {
    pool: PgPool,
    waiting: Mutex<VecDeque<Question>>,
    turns: Semaphore,
}

impl StatusReads {
    pub(crate) fn new(pool: PgPool) -> Self {
        Self { pool, waiting: Mutex::default(), turns: Semaphore::new(TURNS) }
    }

    pub(crate) async fn read(&self, user_id: &UserId, session_id: &SessionId) -> Answer {
        loop {
            let mut answered = self.ask(user_id, session_id)?;
            let answer = loop {
                let turn = tokio::select! {
                    biased;
                    answer = &mut answered => break answer,
                    turn = self.turns.acquire() => turn,
                };
                let somebody_waited = self.answer_those_who_wait().await;
                drop(turn);
                if !somebody_waited {
                    // Another turn has taken this question on.
                    break answered.await;
                }
            };
            // Without an answer whoever was asking has gone away in the middle of it.
            if let Ok(answer) = answer {
                return answer;
            }
        }
    }

    fn ask(&self, user_id: &UserId, session_id: &SessionId) -> Result<oneshot::Receiver<Answer>, StoreError> {
        let (answer, answered) = oneshot::channel();
        let mut waiting = self.waiting();
        if waiting.len() >= WAITING_MAX {
            return Err(StoreError::Unavailable(TooManyWaiting.into()));
        }
        waiting.push_back(Question { user_id: user_id.clone(), session_id: session_id.clone(), answer });
        Ok(answered)
    }

    /// Answers some of those who wait; false if nobody does.
    async fn answer_those_who_wait(&self) -> bool {
        let mut questions = self.take(TOGETHER_MAX);
        if questions.is_empty() {
            return false;
        }
        questions.retain(|question| !question.answer.is_closed());
        let users: Vec<_> = questions.iter().map(|question| question.user_id.as_str()).collect();
        let sessions: Vec<_> = questions.iter().map(|question| question.session_id.as_str()).collect();
        let rows = || payments::list_of_sessions(&self.pool, &users, &sessions);
        match on_a_live_connection(&self.pool, rows).await {
            Ok(rows) => hand_out(rows, questions),
            Err(error) => {
                // The others need not find out one after the other that the database is away.
                let others = if error.is_retryable() { self.take(WAITING_MAX) } else { Vec::new() };
                let again = error.repeated();
                for question in questions.into_iter().chain(others) {
                    let _ = question.answer.send(Err(again()));
                }
            }
        }
        true
    }

    /// The first so many of those who wait.
    fn take(&self, limit: usize) -> Vec<Question> {
        let mut waiting = self.waiting();
        let count = waiting.len().min(limit);
        waiting.drain(..count).collect()
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Question>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The rows are in the order of the questions, and a question has one or none.
fn hand_out(rows: Vec<payments::PaymentRow>, questions: Vec<Question>) {
    let mut rows = rows.into_iter().peekable();
    for question in questions {
        let row = rows.next_if(|row| {
            row.session_id.as_deref() == Some(question.session_id.as_str()) && row.user_id == question.user_id.as_str()
        });
        let _ = question.answer.send(row.map(Payment::try_from).transpose());
    }
}
