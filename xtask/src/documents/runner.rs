//! Runs the blocks of a document in their order, against one service.

mod script;
mod shell;
mod sql;

use std::{path::PathBuf, time::Duration};

use anyhow::Result;

use super::{
    blocks::{Block, Language},
    world::World,
};
use crate::{tidy::Problem, workspace::Workspace};

/// How long one block may take; some of them compile.
const PATIENCE: Duration = Duration::from_mins(10);

pub(crate) struct Runner {
    repository: PathBuf,
    cargo: PathBuf,
    binary: PathBuf,
}

impl Runner {
    pub(crate) fn new(workspace: &Workspace, binary: PathBuf) -> Self {
        let cargo = workspace.cargo().get_program().into();
        Self { repository: workspace.root().to_owned(), cargo, binary }
    }

    pub(crate) fn run(&self, path: &str, blocks: &[Block]) -> Result<Vec<Problem>> {
        if blocks.is_empty() {
            return Ok(Vec::new());
        }
        let world = World::start(&self.binary)?;
        let mut problems = Vec::new();
        for block in blocks {
            println!("{path}:{} ({})", block.line, block.label);
            let text = world.real(&block.text);
            let outcome = match block.language() {
                Some(Language::Shell) => shell::run(self, &world, &text),
                Some(Language::JavaScript) => script::run(self, &world, &text),
                Some(Language::Sql) => sql::run(&world.database(), text),
                Some(Language::Json | Language::Rust | Language::Prose) | None => Ok(()),
            };
            if let Err(error) = outcome {
                problems.push(Problem::at(path, block.line, format!("this does not run: {error:#}")));
            }
        }
        Ok(problems)
    }
}
