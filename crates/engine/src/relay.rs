//! News between replicas: what this process commits is sent to the others, and what they send is looked at here.

mod outbox;
mod receiver;
mod sender;

pub(crate) use self::outbox::{Outbox, Relayed};
pub(crate) use self::receiver::Receiver;
pub(crate) use self::sender::Sender;

#[cfg(test)]
mod tests;
