//! Statements that take many rows at once: `$1` is a JSON array of arrays, `j.value ->> N` is column N of a row.
//!
//! This is the only place where the two databases read differently: how a JSON array becomes rows.

use super::Backend;

/// The same statement for both databases.
pub(super) struct Batch {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

impl Batch {
    pub(super) fn on(&self, backend: Backend) -> &'static str {
        match backend {
            Backend::Sqlite => self.sqlite,
            Backend::Postgres => self.postgres,
        }
    }
}

/// `batch!("SELECT … FROM", "WHERE …")`: the rows stand between the two parts. A third part is for PostgreSQL only.
macro_rules! batch {
    ($before:literal, $after:literal $(, $postgres_only:literal)?) => {
        $crate::store::sql::Batch {
            sqlite: concat!($before, " json_each($1) AS j ", $after),
            postgres: concat!($before, " jsonb_array_elements(CAST($1 AS jsonb)) AS j(value) ", $after $(, " ", $postgres_only)?),
        }
    };
}
pub(super) use batch;
