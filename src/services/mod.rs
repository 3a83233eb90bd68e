//! Verbs: only here pure logic meets the store. One message travels `turn` → `think` → `turn` → the store's writer → `hub`.

pub mod account_acts;
pub mod analyst;
pub mod calls;
pub mod desk;
pub mod encoding;
pub mod endpoint;
pub mod evidence;
pub mod floor;
mod helped;
pub mod helper;
pub mod hub;
pub mod identity;
pub mod intake;
pub mod keeper;
mod languages;
mod nodes;
pub mod oidc;
pub mod ops;
pub mod packet;
pub mod queue;
mod reading;
pub mod rehearsal;
mod reopen;
pub mod replies;
pub mod script;
pub mod signin;
pub mod simulated;
pub mod suggest;
pub mod sweep;
pub mod telling;
pub mod think;
mod translated;
pub mod turn;
pub mod uploads;
pub mod waiting;
pub mod webhook;

use crate::catalog::LiveCatalog;
use crate::domain::account::Account;
use crate::domain::ids::{ConversationId, CustomerId};
use crate::domain::merchants::Merchants;
use crate::domain::time::Clock;
use crate::store::{Committed, Row, Store, StoreError, Unit};
use arc_swap::ArcSwap;
use encoding::Encoding;
use helper::Helper;
use hub::Hub;
use identity::Identities;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;
use uploads::Uploads;

/// What reads messages beside the words alone.
pub struct Readers {
    /// The encoder's thread.
    pub encoding: Encoding,
    /// The language model, if there is one.
    pub helper: Helper,
}

/// Everything that the verbs need, built once.
pub struct Service {
    /// The database.
    pub store: Store,
    /// The content.
    pub catalog: Arc<LiveCatalog>,
    /// The server's idea of now.
    pub clock: Arc<Clock>,
    /// Rooms and caches.
    pub hub: Arc<Hub>,
    /// All stores.
    pub merchants: ArcSwap<Merchants>,
    /// Keys.
    pub identities: Identities,
    /// The waiting list.
    pub queue: queue::Queue,
    /// Turns that run beside their socket; shutdown waits for them.
    pub tasks: TaskTracker,
    /// The encoder's thread.
    pub encoding: Encoding,
    /// The language model, if there is one.
    pub helper: Helper,
    /// Files that customers hand in.
    pub uploads: Uploads,
    /// Edits of the content that are tried out.
    pub trials: ops::Trials,
    locks: Locks,
    /// Timers are run by one task at a time on this node, so that they keep their order.
    keeping: Mutex<()>,
    /// The list and the floor are run by one task at a time on this node.
    routing: Mutex<()>,
    /// Alerts of other nodes that this one has passed on, by their ids, for as long as they can be read.
    heard: Mutex<HashSet<String>>,
    /// The name of this node among several, new with every start.
    pub node: String,
    /// Whether the simulated provider and carrier of the demo answer.
    simulated: AtomicBool,
}

impl Service {
    /// Puts the parts together.
    ///
    /// # Errors
    /// When the merchants cannot be read.
    pub async fn new(
        store: Store,
        catalog: Arc<LiveCatalog>,
        clock: Arc<Clock>,
        hub: Arc<Hub>,
        identities: Identities,
        readers: Readers,
        uploads: Uploads,
    ) -> Result<Arc<Self>, StoreError> {
        let service = Self {
            store,
            catalog,
            clock,
            hub,
            merchants: ArcSwap::from_pointee(Merchants::default()),
            identities,
            queue: queue::Queue::default(),
            tasks: TaskTracker::new(),
            encoding: readers.encoding,
            helper: readers.helper,
            uploads,
            trials: ops::Trials::default(),
            locks: Locks::default(),
            keeping: Mutex::new(()),
            routing: Mutex::new(()),
            heard: Mutex::default(),
            node: uuid::Uuid::new_v4().to_string(),
            simulated: AtomicBool::new(false),
        };
        service.reload_merchants().await?;
        Ok(Arc::new(service))
    }

    /// Reads all stores again (after an import).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reload_merchants(&self) -> Result<(), StoreError> {
        self.merchants.store(Arc::new(Merchants::of(self.store.merchants().await?)));
        self.hub.forget_accounts();
        Ok(())
    }

    /// A conversation's row: remembered, or read. The fence notices when the memory is too old.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn row(&self, id: &ConversationId) -> Result<Option<Arc<Row>>, StoreError> {
        if let Some(row) = self.hub.row(id) {
            return Ok(Some(row));
        }
        let row = self.store.conversation(id).await?.map(Arc::new);
        if let Some(row) = &row {
            self.hub.remember_row(Arc::clone(row));
        }
        Ok(row)
    }

    /// Commits a unit of work. A conversation that was erased is forgotten here, too: whoever comes next finds none.
    async fn commit(&self, unit: Unit) -> Result<Committed, StoreError> {
        let id = unit.row.id.clone();
        let committed = self.store.commit(unit).await;
        if matches!(committed, Err(StoreError::Gone)) {
            self.hub.forget_row(&id);
        }
        committed
    }

    /// A customer's account: remembered, or read. The fence notices when the memory is too old.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn account(&self, id: &CustomerId) -> Result<Option<Arc<Account>>, StoreError> {
        if let Some(account) = self.hub.account(id) {
            return Ok(Some(account));
        }
        let account = self.store.account(id).await?.map(Arc::new);
        if let Some(account) = &account {
            self.hub.remember_account(Arc::clone(account));
        }
        Ok(account)
    }
}

/// One lock a conversation, in effect: stripes, so that nothing grows. It only saves wasted thinking; the fence keeps the promise.
struct Locks(Vec<Mutex<()>>);

impl Default for Locks {
    fn default() -> Self {
        Self((0..4096).map(|_| Mutex::new(())).collect())
    }
}

impl Locks {
    async fn lock(&self, id: &ConversationId) -> tokio::sync::MutexGuard<'_, ()> {
        use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(id);
        self.0[usize::try_from(hash % self.0.len() as u64).unwrap_or(0)].lock().await
    }
}
