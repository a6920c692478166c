//! Tellings: which threads are telling the hooks something, so that whoever waits for what came before need not wait for what came since.

/// Those that go on, each with the number it began with.
#[derive(Default)]
pub(super) struct Tellings {
    begun: u64,
    going_on: Vec<u64>,
}

impl Tellings {
    /// Begins one; its number.
    pub(super) fn begin(&mut self) -> u64 {
        let number = self.begun;
        self.begun += 1;
        self.going_on.push(number);
        number
    }

    pub(super) fn end(&mut self, number: u64) {
        self.going_on.retain(|other| *other != number);
    }

    /// Whether nobody is told anything.
    pub(super) fn is_empty(&self) -> bool {
        self.going_on.is_empty()
    }

    /// How many have begun so far: a mark for [`have_ended`](Self::have_ended).
    pub(super) fn begun(&self) -> u64 {
        self.begun
    }

    /// Whether those that began before the mark are over.
    pub(super) fn have_ended(&self, mark: u64) -> bool {
        self.going_on.iter().all(|number| *number >= mark)
    }
}
