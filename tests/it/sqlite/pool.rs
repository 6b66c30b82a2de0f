//! Migrated databases that tests use one after another.
//!
//! Migrating a new database and preparing the worker's statements takes longer than most tests. So all that a test does happens
//! inside one outer transaction, which is rolled back when the test is over: the next one finds tables, sequences and schema
//! as the migrations left them, and the statements still prepared. No two tests use one database at the same time.

use super::migrations;
use rusqlite::{Connection, config::DbConfig};
use std::{
    ops::{Deref, DerefMut},
    sync::{Mutex, PoisonError},
    thread,
};

/// Prepared statements that a connection keeps: more than the worker has.
const STATEMENTS: usize = 1_000;

/// Databases that no test uses at present.
pub(super) static POOL: Pool = Pool(Mutex::new(Vec::new()));

/// Migrated databases, outside any transaction.
#[derive(Debug)]
pub(super) struct Pool(Mutex<Vec<Connection>>);

/// A migrated database inside its outer transaction; it goes back to its pool.
#[derive(Debug)]
pub(super) struct Pooled {
    /// `None` only while it is dropped.
    connection: Option<Connection>,
    pool: &'static Pool,
}

impl Pool {
    /// A database as the migrations leave it.
    pub(super) fn get(&'static self) -> Pooled {
        let free = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = free.unwrap_or_else(migrated);
        // Else SQLite prepares a statement anew for each set of parameters, lest another plan suits these better.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).unwrap();
        connection.execute_batch("BEGIN").unwrap();
        Pooled { connection: Some(connection), pool: self }
    }
}

fn migrated() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    for (_, migration) in migrations() {
        connection.execute_batch(&migration).unwrap();
    }
    connection
}

impl Deref for Pooled {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().unwrap()
    }
}

impl DerefMut for Pooled {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().unwrap()
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        // Where SQLite itself has ended the outer transaction, what was written has stayed: such a database is not used again.
        let is_inside = !connection.is_autocommit() && !thread::panicking();
        if is_inside && connection.execute_batch("ROLLBACK").is_ok() {
            self.pool.0.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}

mod tests {
    use super::*;

    fn dump(connection: &Connection) -> String {
        let all = |sql: &str| super::super::rows(connection, sql, &[]).unwrap();
        let mut dump = String::new();
        for part in all("SELECT type, name, sql FROM sqlite_master ORDER BY type, name") {
            dump.push_str(&format!("{part}\n"));
            if part["type"] == "table" {
                let table = part["name"].as_str().unwrap();
                dump.push_str(&format!("{:?}\n", all(&format!("SELECT * FROM {table}"))));
            }
        }
        dump
    }

    #[test]
    fn a_database_that_is_used_again_is_as_the_migrations_left_it() {
        static OWN: Pool = Pool(Mutex::new(Vec::new()));
        let fresh = dump(&migrated());
        let mut used = OWN.get();
        for change in [
            "ALTER TABLE blocklist_revision RENAME TO gone",
            "UPDATE gone SET revision = revision + 1",
            "INSERT INTO audit_event (at, actor, action, detail) VALUES (1, 'a', 'b', '{}')",
        ] {
            let savepoint = used.savepoint().unwrap();
            savepoint.execute_batch(change).unwrap();
            savepoint.commit().unwrap();
        }
        assert_ne!(dump(&used), fresh);
        drop(used);
        assert_eq!(OWN.0.lock().unwrap().len(), 1);
        assert_eq!(dump(&OWN.get()), fresh);
    }

    #[test]
    fn a_database_whose_transaction_is_over_is_not_used_again() {
        static OWN: Pool = Pool(Mutex::new(Vec::new()));
        let used = OWN.get();
        used.execute_batch("COMMIT").unwrap();
        drop(used);
        assert!(OWN.0.lock().unwrap().is_empty());
    }
}
