//! Weak list: objects that are to be told of something for as long as they live. It does not keep them alive.

use std::sync::{Arc, Weak};

use arc_swap::ArcSwapOption;

/// Swapped without a lock, as in `process`: a forked child may find any lock held by a thread that was not copied.
pub(super) struct WeakList<T> {
    members: ArcSwapOption<Vec<Weak<T>>>,
}

impl<T> WeakList<T> {
    pub(super) const fn new() -> Self {
        Self {
            members: ArcSwapOption::const_empty(),
        }
    }

    pub(super) fn add(&self, member: &Arc<T>) {
        self.members.rcu(|known| {
            let known = known.iter().flat_map(|members| members.iter());
            let mut members: Vec<_> = known.filter(|member| member.strong_count() > 0).cloned().collect();
            members.push(Arc::downgrade(member));
            Some(Arc::new(members))
        });
    }

    /// The members that still live.
    pub(super) fn alive(&self) -> Vec<Arc<T>> {
        alive(self.members.load().as_deref())
    }

    /// The members that still live; afterwards the list is empty.
    pub(super) fn take(&self) -> Vec<Arc<T>> {
        alive(self.members.swap(None).as_deref())
    }
}

fn alive<T>(members: Option<&Vec<Weak<T>>>) -> Vec<Arc<T>> {
    members.into_iter().flatten().filter_map(Weak::upgrade).collect()
}

impl<T> Default for WeakList<T> {
    fn default() -> Self {
        Self::new()
    }
}
