//! `cargo xtask documents`: what the README and the docs show is true.
//!
//! Every block of code is run, compared with code that is compiled, or excused in the line before it with a reason.

mod blocks;
mod bounded;
mod judge;
mod named_tests;
mod runner;
mod settings;
mod world;

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use blocks::Block;
use runner::Runner;

use crate::{
    process,
    tidy::{SourceFile, Tree},
    workspace::Workspace,
};

const OPERATIONS: &str = "docs/OPERATIONS.md";

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let tree = Tree::read(workspace)?;
    let mut problems = [judge::check(&tree), named_tests::check(&tree)].concat();
    let binary = build(workspace)?;
    let operations = tree.find(OPERATIONS).with_context(|| format!("{OPERATIONS} is missing"))?;
    problems.extend(settings::check(operations, &settings::help(&binary)?));
    let runner = Runner::new(workspace, binary);
    let mut ran = 0;
    for document in documents(&tree) {
        let runnable: Vec<Block> = blocks::of(document).into_iter().filter(Block::is_to_be_run).collect();
        ran += runnable.len();
        problems.extend(runner.run(&document.path, &runnable)?);
    }
    problems.sort();
    for problem in &problems {
        eprintln!("{problem}");
    }
    ensure!(problems.is_empty(), "documents: {} problem(s)", problems.len());
    println!("documents: {ran} blocks were run, and the others are what they say");
    Ok(())
}

/// The README and everything in `docs`.
fn documents(tree: &Tree) -> impl Iterator<Item = &SourceFile> {
    let is_document =
        |file: &&SourceFile| file.path == "README.md" || (file.path.starts_with("docs/") && file.is_one_of(&["md"]));
    tree.files().iter().filter(is_document)
}

/// Builds the program and the examples, and returns where the program is.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--quiet", "--package", "settled", "--package", "settled-domain", "--bins", "--examples"]);
    process::run(&mut cargo)?;
    let target = workspace.metadata()?.target_directory;
    Ok(target.join("debug").join("settled").into_std_path_buf())
}
