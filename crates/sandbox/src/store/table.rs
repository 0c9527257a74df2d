//! Objects of one kind, in the order of their creation.

use std::collections::HashMap;

/// Rows by id. Replacing a row keeps its place in the order.
#[derive(Debug)]
pub(crate) struct Table<T> {
    order: Vec<String>,
    rows: HashMap<String, T>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { order: Vec::new(), rows: HashMap::new() }
    }
}

impl<T> Table<T> {
    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.rows.get_mut(id)
    }

    pub(crate) fn put(&mut self, id: &str, row: T) {
        if self.rows.insert(id.to_owned(), row).is_none() {
            self.order.push(id.to_owned());
        }
    }

    pub(crate) fn oldest_first(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.order.iter().filter_map(|id| self.rows.get(id))
    }

    /// Stripe lists everything newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &T> {
        self.oldest_first().rev()
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.rows.retain(|_, row| keep(row));
        let rows = &self.rows;
        self.order.retain(|id| rows.contains_key(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacing_a_row_keeps_its_place() {
        let mut table = Table::default();
        table.put("a", 1);
        table.put("b", 2);
        table.put("a", 3);
        assert_eq!(table.newest_first().copied().collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn what_is_not_retained_is_gone_from_the_order_too() {
        let mut table = Table::default();
        table.put("a", 1);
        table.put("b", 2);
        table.retain(|row| *row > 1);
        table.put("a", 4);
        assert_eq!(table.newest_first().copied().collect::<Vec<_>>(), [4, 2]);
    }
}
