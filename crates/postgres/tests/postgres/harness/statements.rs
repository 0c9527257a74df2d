/// Counts the statements in what a client sends: simple queries, and executions of prepared ones
/// (<https://www.postgresql.org/docs/current/protocol-message-formats.html>).
#[derive(Default)]
pub(super) struct Statements {
    unread: Vec<u8>,
    is_started: bool,
}

impl Statements {
    pub(super) fn in_next(&mut self, said: &[u8]) -> usize {
        self.unread.extend_from_slice(said);
        let mut count = 0;
        loop {
            // Only the message that starts the connection has no letter before its length.
            let letter = usize::from(self.is_started);
            let Some(&[a, b, c, d]) = self.unread.get(letter..letter + 4) else { return count };
            let length = letter + usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap();
            if self.unread.len() < length {
                return count;
            }
            count += usize::from(self.is_started && matches!(self.unread[0], b'Q' | b'E'));
            self.is_started = true;
            self.unread.drain(..length);
        }
    }
}
