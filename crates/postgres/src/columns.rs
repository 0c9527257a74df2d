/// One field of every row, as the array that `UNNEST` takes for a column.
pub(crate) fn each<'a, R, T>(rows: &'a [R], field: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(field).collect()
}
