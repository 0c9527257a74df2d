//! The report, in Markdown.

use std::fmt;

use crate::run::Options;
use crate::samples::Samples;

#[derive(Debug, Default)]
pub(crate) struct Report(String);

/// One subject's line of a table.
pub(crate) struct Line<'a> {
    pub(crate) subject: &'a str,
    pub(crate) samples: &'a Samples,
}

impl Report {
    pub(crate) fn conditions(&mut self, options: &Options) {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        self.paragraph(&format!(
            "{cores} cores, {} rounds of {} s for each subject, {} rows in each table. Rates are medians (lowest–highest) of \
             requests a second; a ratio is settled's median through that of the line.",
            options.rounds, options.seconds, options.rows
        ));
    }

    pub(crate) fn heading(&mut self, text: &str) {
        self.add(&format!("\n### {text}\n"));
    }

    pub(crate) fn paragraph(&mut self, text: &str) {
        self.add(&format!("\n{text}\n"));
    }

    /// The first line is settled's; the others are compared with it.
    pub(crate) fn rates(&mut self, caption: &str, lines: &[Line<'_>]) {
        self.add(&format!("\n| {caption} | requests a second | settled through this |\n|---|---:|---:|\n"));
        let settled = lines.first().map_or(f64::NAN, |line| line.samples.median());
        for line in lines {
            let ratio = settled / line.samples.median();
            self.add(&format!("| {} | {} | {ratio:.2} |\n", line.subject, line.samples));
        }
    }

    pub(crate) fn table(&mut self, head: &[&str], lines: &[Vec<String>]) {
        self.add(&format!("\n| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len())));
        for line in lines {
            self.add(&format!("| {} |\n", line.join(" | ")));
        }
    }

    /// Kept for the end, and shown as progress at once.
    fn add(&mut self, text: &str) {
        eprint!("{text}");
        self.0.push_str(text);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
