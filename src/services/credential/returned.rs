//! Tokens that are given back when the work they were for is over, however it ended.

use std::cell::RefCell;
use std::sync::Arc;

use super::Credential;

tokio::task_local! {
    /// Credentials that are used in the work under way.
    static USED: RefCell<Vec<Arc<Credential>>>;
}

/// Does this work, and then gives back the tokens that it got.
pub async fn given_back_after<T>(work: impl Future<Output = T>) -> T {
    let work = async {
        let done = work.await;
        let used = USED.with(RefCell::take);
        for credential in used {
            credential.give_back().await;
        }
        done
    };
    USED.scope(RefCell::default(), work).await
}

/// What tokens this credential gets are given back after the work under way, if that is anybody's to see to.
pub fn to_give_back(credential: &Arc<Credential>) {
    let _ = USED.try_with(|used| used.borrow_mut().push(Arc::clone(credential)));
}
