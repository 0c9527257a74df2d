use std::collections::{BTreeMap, BTreeSet};

/// The rows of one table while a batch is folded: what was read, and what of it is to be written.
#[derive(Debug)]
pub(super) struct Rows<K, V> {
    held: BTreeMap<K, V>,
    new: BTreeSet<K>,
    changed: BTreeSet<K>,
}

impl<K, V> Default for Rows<K, V> {
    fn default() -> Self {
        Self { held: BTreeMap::new(), new: BTreeSet::new(), changed: BTreeSet::new() }
    }
}

impl<K: Ord + Clone, V: Clone> Rows<K, V> {
    /// Rows as they were read.
    pub(super) fn read(rows: impl IntoIterator<Item = (K, V)>) -> Self {
        Self { held: rows.into_iter().collect(), ..Self::default() }
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.held.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.held.get_mut(key)
    }

    pub(super) fn contains(&self, key: &K) -> bool {
        self.held.contains_key(key)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &V> {
        self.held.values()
    }

    /// A row of which nothing was stored.
    pub(super) fn insert(&mut self, key: K, row: V) {
        self.new.insert(key.clone());
        self.held.insert(key, row);
    }

    /// The row is to be written again; a new one is written anyway.
    pub(super) fn mark_changed(&mut self, key: K) {
        if !self.new.contains(&key) {
            self.changed.insert(key);
        }
    }

    /// The rows to insert, in the order of their keys.
    pub(super) fn new_rows(&self) -> Vec<V> {
        self.new.iter().filter_map(|key| self.held.get(key).cloned()).collect()
    }

    /// The rows to write, in the order of their keys.
    pub(super) fn changed_rows(&self) -> Vec<V> {
        self.changed.iter().filter_map(|key| self.held.get(key).cloned()).collect()
    }
}
