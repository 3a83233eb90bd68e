//! A schema of its own on PostgreSQL for a test, at `REDRESS_TEST_POSTGRES`.

use sqlx::Executor;
use sqlx::postgres::{PgPool, PgPoolOptions};
use std::time::Duration;

/// An empty schema; `url` leads stores and servers into it.
pub(crate) struct Schema {
    pub(crate) url: String,
    name: String,
    pool: PgPool,
}

impl Schema {
    /// Makes one; `None` where no PostgreSQL answers, which is an error in CI only.
    pub(crate) async fn new(of: &str) -> Option<Self> {
        let url = std::env::var("REDRESS_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/test".into());
        let name = format!("{of}_{}", std::process::id());
        let options = PgPoolOptions::new().acquire_timeout(Duration::from_secs(3)).max_connections(1);
        let pool = match options.connect(&url).await {
            Ok(pool) => pool,
            Err(error) => {
                assert!(std::env::var("CI").is_err(), "CI needs PostgreSQL at {url}: {error}");
                eprintln!("skipped: no PostgreSQL at {url} ({error}); set REDRESS_TEST_POSTGRES to run this");
                return None;
            }
        };
        let mark = if url.contains('?') { '&' } else { '?' };
        let url = format!("{url}{mark}options=-c%20search_path%3D{name}");
        let schema = Self { url, name, pool };
        schema.run("DROP SCHEMA IF EXISTS NAME CASCADE").await;
        schema.run("CREATE SCHEMA NAME").await;
        Some(schema)
    }

    /// Runs a statement; `NAME` in it is the schema's.
    pub(crate) async fn run(&self, sql: &str) {
        let sql = sql.replace("NAME", &self.name);
        self.pool.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await.expect("the statement runs");
    }

    /// Takes it away with everything in it.
    pub(crate) async fn remove(self) {
        self.run("DROP SCHEMA NAME CASCADE").await;
    }
}
