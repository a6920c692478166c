//! Set: queues that are to be closed, or given up with a line on stderr, at the end of a program. It does not keep them alive.

use std::fmt;
use std::sync::Arc;

use super::super::weak_list::WeakList;
use super::{Handle, Queue};

/// Queues to be closed together, for languages that end a program without dropping what is left.
///
/// ```
/// use hogwire::binding::QueueSet;
/// use hogwire::{Client, Config, CreateEvent, QueueOptions, testing::RecordingTransport};
///
/// static QUEUES: QueueSet = QueueSet::new();
///
/// let transport = RecordingTransport::new();
/// let client = Client::with_transport(Config::builder("phc_x").build()?, transport.clone());
/// let queue = client.queue(QueueOptions::default())?;
/// QUEUES.add(&queue);
/// queue.push(CreateEvent::new("user-12345", "User Signed Up"));
/// QUEUES.close();
/// assert_eq!(transport.events().len(), 1);
/// # Ok::<(), hogwire::ConfigError>(())
/// ```
#[derive(Default)]
pub struct QueueSet {
    handles: WeakList<Handle>,
}

impl QueueSet {
    /// An empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            handles: WeakList::new(),
        }
    }

    /// Remembers a queue for as long as anybody has it.
    pub fn add(&self, queue: &Queue) {
        self.handles.add(&queue.handle);
    }

    /// Closes every queue, all at the same time, each for at most its `close_timeout`, and forgets them. Afterwards no thread of theirs runs
    /// any more, but for requests that are stuck. A forked child closes only queues that it has used itself.
    pub fn close(&self) {
        let open = self.take();
        let closing: Vec<_> = open
            .iter()
            .map(|handle| (handle, handle.begin_close(handle.options.close_timeout)))
            .collect();
        for (handle, deadline) in closing {
            if handle.engine().end(deadline).is_none() {
                // A child that a hook has forked: its own queues are none of these.
                return;
            }
        }
    }

    /// Closes every queue without waiting, also one that is closing, and forgets them: what is not delivered is dropped as `shutdown`,
    /// with one line on stderr for each queue. For languages in which a program can end without time for [`close`](Self::close).
    pub fn abandon(&self) {
        for handle in self.take() {
            if handle.abandon().is_none() {
                return;
            }
        }
    }

    /// The queues of this process.
    fn take(&self) -> Vec<Arc<Handle>> {
        let mut handles = self.handles.take();
        handles.retain(|handle| handle.current.load().is_of_this_process());
        handles
    }
}

impl fmt::Debug for QueueSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("QueueSet").finish_non_exhaustive()
    }
}
