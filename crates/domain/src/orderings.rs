//! For the ordering tables: all stories that Stripe may have to tell of one object within two seconds, and all ways in
//! which they may arrive.

/// The most snapshots in a story, and the most arrivals of them.
const MOST: usize = 5;

/// What Stripe made, and when: the `n`th snapshot has the content `contents[n]`, and is of the first second if `n` is below
/// `in_first_second`, else of the next.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    pub(crate) contents: Vec<usize>,
    in_first_second: usize,
}

impl Story {
    /// 0 for the first second, 1 for the next.
    pub(crate) fn second(&self, n: usize) -> i64 {
        i64::from(n >= self.in_first_second)
    }

    /// The content of what Stripe holds at the end.
    pub(crate) fn truth(&self) -> usize {
        self.contents.last().copied().expect("a story tells something")
    }
}

/// Every story of up to five snapshots whose contents are below `kinds`, and any two of which may follow each other as
/// `follows(before, after)` says.
pub(crate) fn stories(kinds: usize, follows: impl Fn(usize, usize) -> bool) -> Vec<Story> {
    let mut stories = Vec::new();
    for length in 1..=MOST {
        for contents in sequences(kinds, length) {
            if contents.windows(2).all(|pair| follows(pair[0], pair[1])) {
                let splits = 0..=length;
                stories.extend(splits.map(|it| Story { contents: contents.clone(), in_first_second: it }));
            }
        }
    }
    stories
}

/// Every arrival of `count` snapshots: each at least once, some of them again, five times something at most.
pub(crate) fn arrivals(count: usize) -> Vec<Vec<usize>> {
    let lengths = count..=MOST;
    let all = lengths.flat_map(|length| sequences(count, length));
    all.filter(|arrival| (0..count).all(|n| arrival.contains(&n))).collect()
}

fn sequences(kinds: usize, length: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for _ in 0..length {
        all = all
            .into_iter()
            .flat_map(|begun: Vec<usize>| {
                (0..kinds).map(move |next| {
                    let mut longer = begun.clone();
                    longer.push(next);
                    longer
                })
            })
            .collect();
    }
    all
}

#[test]
fn all_stories_and_all_arrivals_are_there() {
    assert_eq!(stories(2, |_, _| true).len(), [2 * 2, 4 * 3, 8 * 4, 16 * 5, 32 * 6].iter().sum::<usize>());
    assert_eq!(arrivals(5).len(), 120);
    assert_eq!(arrivals(4).len(), 24 + 240);
    assert_eq!(arrivals(1), [vec![0], vec![0, 0], vec![0; 3], vec![0; 4], vec![0; 5]]);
}
