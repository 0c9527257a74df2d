//! The table of settings says what `settled serve --help` says.

use std::{collections::BTreeSet, path::Path, process::Command};

use anyhow::Result;

use crate::{
    process,
    tidy::{Problem, SourceFile},
};

/// One setting: its variable, its flag and its default, if it has one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Setting {
    variable: String,
    flag: String,
    default: String,
}

/// What the program says of its settings.
pub(crate) fn help(binary: &Path) -> Result<BTreeSet<Setting>> {
    // The help shows the values of variables that are set.
    let mut command = Command::new(binary);
    command.args(["serve", "--help"]).env_clear();
    Ok(parse_help(&process::capture(&mut command)?))
}

pub(crate) fn check(document: &SourceFile, help: &BTreeSet<Setting>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut missing = help.clone();
    for (number, line) in document.lines() {
        let Some(setting) = row(line) else { continue };
        if !missing.remove(&setting) {
            let Setting { variable, flag, default } = setting;
            let text =
                format!("`settled serve --help` knows no `{variable}` with `{flag}` and the default `{default}`");
            problems.push(Problem::at(&document.path, number, text));
        }
    }
    let absent = missing.into_iter().map(|setting| {
        let text = format!("the table of settings lacks `{}` (default: `{}`)", setting.variable, setting.default);
        Problem::of_file(&document.path, text)
    });
    problems.extend(absent);
    problems
}

/// A row of the table: variable, flag, default, meaning.
fn row(line: &str) -> Option<Setting> {
    let cells: Vec<&str> =
        line.trim().strip_prefix('|')?.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
    let [variable, flag, default, ..] = cells[..] else { return None };
    let is_flag = flag.strip_prefix("--").is_some_and(|name| name.starts_with(char::is_alphabetic));
    is_flag.then(|| Setting { variable: variable.to_owned(), flag: flag.to_owned(), default: default.to_owned() })
}

fn parse_help(help: &str) -> BTreeSet<Setting> {
    let words: Vec<&str> = help.split_whitespace().collect();
    let text = words.join(" ");
    // A flag begins a setting; what is in brackets after it belongs to it.
    let settings = text.split(" --").skip(1).filter_map(|setting| {
        let flag = setting.split(' ').next()?;
        let variable = after(setting, "[env: ")?.split(['=', ']']).next()?;
        let default = after(setting, "[default: ").and_then(|rest| rest.split(']').next()).unwrap_or_default();
        Some(Setting { variable: variable.to_owned(), flag: format!("--{flag}"), default: default.to_owned() })
    });
    settings.collect()
}

fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark).map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "Usage: settled serve [OPTIONS]\n\nOptions:\n      --listen-addr <HOST:PORT>\n          \
         Where it listens [env: LISTEN_ADDR=] [default: 127.0.0.1:3000]\n      --log-format <FORMAT>\n          \
         How [default: pretty on a terminal, else json] [env:\n          LOG_FORMAT=]\n      --stripe-secret-key <KEY>\n          \
         The key [env: STRIPE_SECRET_KEY]\n  -h, --help\n          Print help\n";

    fn problems(table: &str) -> Vec<String> {
        let document = SourceFile { path: "docs/OPERATIONS.md".to_owned(), text: Some(table.to_owned()) };
        check(&document, &parse_help(HELP)).iter().map(ToString::to_string).collect()
    }

    const ADDR: &str = "| `LISTEN_ADDR` | `--listen-addr` | `127.0.0.1:3000` | where |\n";
    const FORMAT: &str = "| `LOG_FORMAT` | `--log-format` | pretty on a terminal, else json | how |\n";
    const KEY: &str = "| `STRIPE_SECRET_KEY` | `--stripe-secret-key` | | the key |\n";

    #[test]
    fn a_table_with_every_setting_passes() {
        let head = "| variable | flag | default | |\n|---|---|---|---|\n";
        assert!(problems(&[head, ADDR, FORMAT, KEY].concat()).is_empty());
    }

    #[test]
    fn a_setting_that_the_table_lacks_is_found() {
        assert_eq!(
            problems(&[ADDR, KEY].concat()),
            [
                "docs/OPERATIONS.md:1: the table of settings lacks `LOG_FORMAT` (default: `pretty on a terminal, else json`)"
            ]
        );
    }

    #[test]
    fn a_wrong_default_and_a_setting_that_is_gone_are_found() {
        let wrong = ADDR.replace("3000", "8080");
        assert_eq!(problems(&[&wrong, FORMAT, KEY].concat()).len(), 2, "the row, and the lack of the right one");
        let gone = "| `OLD` | `--old` | | |\n";
        assert_eq!(problems(&[ADDR, FORMAT, KEY, gone].concat()).len(), 1);
    }
}
