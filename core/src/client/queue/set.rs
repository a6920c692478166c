//! Set: queues that are to be closed at the end of a program. It does not keep them alive.

use std::fmt;
use std::sync::{Arc, Weak};

use arc_swap::ArcSwapOption;

use super::{Handle, Queue};

/// Queues to be closed together, for languages that end a program without dropping what is left.
///
/// ```
/// use hogwire::{Client, Config, CreateEvent, QueueOptions, QueueSet, testing::RecordingTransport};
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
    // Swapped without a lock, as in `process`: a forked child may find any lock held by a thread that was not copied.
    handles: ArcSwapOption<Vec<Weak<Handle>>>,
}

impl QueueSet {
    /// An empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            handles: ArcSwapOption::const_empty(),
        }
    }

    /// Remembers a queue for as long as anybody has it.
    pub fn add(&self, queue: &Queue) {
        self.handles.rcu(|known| {
            let known = known.iter().flat_map(|handles| handles.iter());
            let mut handles: Vec<_> = known.filter(|handle| handle.strong_count() > 0).cloned().collect();
            handles.push(Arc::downgrade(&queue.handle));
            Some(Arc::new(handles))
        });
    }

    /// Closes every queue, all at once, each for at most its `close_timeout`, and forgets them. Afterwards no thread of theirs runs any
    /// more, but for requests that are stuck. In a forked child, only queues it has used itself.
    pub fn close(&self) {
        let known = self.handles.swap(None);
        let known = known.iter().flat_map(|handles| handles.iter());
        let open: Vec<_> = known
            .filter_map(Weak::upgrade)
            .filter(|handle| handle.current.load().is_of_this_process())
            .collect();
        let closing: Vec<_> = open
            .iter()
            .map(|handle| (handle, handle.begin_close(handle.options.close_timeout)))
            .collect();
        for (handle, deadline) in closing {
            let _ = handle.end_close(deadline);
            handle.engine().see_off(deadline);
        }
    }
}

impl fmt::Debug for QueueSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("QueueSet").finish_non_exhaustive()
    }
}
