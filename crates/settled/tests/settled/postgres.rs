//! The program on a PostgreSQL server: alone, and as one of several replicas.

mod database;
mod events;
mod replicas;
mod rows;
mod serving;

pub(crate) use database::TestDatabase;
