//! The program on a PostgreSQL server: alone, and as one of several replicas.

mod database;
mod events;
mod replicas;
mod rows;
mod server;
mod serving;
mod waiting;

pub(crate) use database::TestDatabase;
pub(crate) use server::OwnServer;
