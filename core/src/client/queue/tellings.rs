//! Tellings: the moments in which threads tell the hooks something. They are numbered, so that a flush waits for those that began before
//! its events were settled, and not for later ones.

/// The tellings under way, by their numbers.
#[derive(Default)]
pub(super) struct Tellings {
    begun: u64,
    going_on: Vec<u64>,
}

impl Tellings {
    /// Begins one, and gives its number.
    pub(super) fn begin(&mut self) -> u64 {
        let number = self.begun;
        self.begun += 1;
        self.going_on.push(number);
        number
    }

    pub(super) fn end(&mut self, number: u64) {
        self.going_on.retain(|other| *other != number);
    }

    /// Whether none is under way.
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
