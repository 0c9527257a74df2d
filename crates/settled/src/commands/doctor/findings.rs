use std::fmt;

/// What was found, in the order in which it was looked at.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

#[derive(Debug)]
struct Finding {
    health: Health,
    part: &'static str,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Good,
    Odd,
    Broken,
}

impl Findings {
    pub(super) fn good(&mut self, part: &'static str, text: impl Into<String>) {
        self.add(Health::Good, part, text);
    }

    /// It works, and perhaps not as it was meant.
    pub(super) fn odd(&mut self, part: &'static str, text: impl Into<String>) {
        self.add(Health::Odd, part, text);
    }

    /// The text says what to do.
    pub(super) fn broken_because(&mut self, part: &'static str, text: impl Into<String>) {
        self.add(Health::Broken, part, text);
    }

    pub(super) fn broken(&self) -> usize {
        self.0.iter().filter(|finding| finding.health == Health::Broken).count()
    }

    fn add(&mut self, health: Health, part: &'static str, text: impl Into<String>) {
        self.0.push(Finding { health, part, text: text.into() });
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|Finding { health, part, text }| {
            let mark = match health {
                Health::Good => "ok",
                Health::Odd => "note",
                Health::Broken => "BROKEN",
            };
            writeln!(formatter, "{mark:<7} {part:<12} {text}")
        })
    }
}
