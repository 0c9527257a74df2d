//! The numbers as a table of Markdown.

use std::fmt::Write;

use crate::purchase::{Case, Taken, Way};

/// Everything of one case in one way.
pub(crate) struct Row {
    pub(crate) case: &'static Case,
    pub(crate) way: Way,
    pub(crate) taken: Vec<Taken>,
}

/// The `share` (0.5 is the median) of these, the nearest rank; in milliseconds with one decimal.
pub(crate) fn percentile(values: impl IntoIterator<Item = f64>, share: f64) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "few values"
    )]
    let rank = ((values.len() as f64 * share).ceil() as usize).clamp(1, last + 1) - 1;
    values.get(rank).copied()
}

fn pair(values: &[f64]) -> String {
    let of = |share| percentile(values.iter().copied(), share).map(|value| format!("{value:.1}"));
    match (of(0.5), of(0.99)) {
        (Some(median), Some(high)) => format!("{median} / {high}"),
        _ => "–".to_owned(),
    }
}

/// Where the page has come after the webhook's commit, or Stripe was asked before it, nobody waited for that commit.
fn since_the_commit(taken: &Taken) -> Option<f64> {
    let committed = taken.committed.filter(|at| !taken.was_settled && *at <= taken.shown)?;
    Some(taken.shown - committed)
}

pub(crate) fn purchases(database: &str, rows: &[Row]) -> String {
    let mut table = format!(
        "\n{database}; milliseconds, median / 99th percentile\n\n\
         | case | page | purchases | settled on landing | paid → screen | commit → screen | landing → screen |\n\
         |---|---|---|---|---|---|---|\n"
    );
    for Row { case, way, taken } in rows {
        let settled = taken.iter().filter(|taken| taken.was_settled).count();
        let each = |span: fn(&Taken) -> Option<f64>| pair(&taken.iter().filter_map(span).collect::<Vec<_>>());
        let paid = each(|taken| Some(taken.shown - taken.paid));
        let committed = each(since_the_commit);
        let landed = each(|taken| Some(taken.shown - taken.landed));
        let page = if *way == Way::Push { "pushed" } else { "asks every 2 s" };
        let _ = writeln!(
            table,
            "| {} | {page} | {} | {settled} | {paid} | {committed} | {landed} |",
            case.name,
            taken.len()
        );
    }
    table
}
