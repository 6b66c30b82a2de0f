//! D1 as the worker sees it, on SQLite in memory: the very migrations, one transaction a batch,
//! D1's limits, and faults on demand.

mod pool;

use pool::{POOL, Pooled};
use rusqlite::{Connection, StatementStatus, config::DbConfig, types::ValueRef};
use serde_json::{Map, Value as Json};
use skillgate_worker::ports::{Database, DatabaseError, Rows, Statement, Value};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    fs,
    future::poll_fn,
    path::PathBuf,
    task::Poll,
};

/// What D1 binds at most.
const MOST_PARAMS: usize = 100;
/// Text or row, in bytes.
const LONGEST_TEXT: usize = 2_000_000;
/// Statement, in bytes.
const LONGEST_SQL: usize = 100_000;
/// D1 takes integers as doubles: this many bits are exact.
const EXACT_BITS: u32 = 53;

/// Indexes that a statement may read from end to end, and why that is little.
const WHOLE_INDEX: [(&str, &str); 5] = [
    ("entry_active", "the public list is every active entry"),
    ("skill_stale_in_kv", "partial: only skills whose KV projection is stale, 30 at a time"),
    ("entry_proposed", "a hundred at most"),
    ("puller_waiting_by_time", "as many as the hourly limit at most"),
    ("scan_deadline", "partial: only active scans"),
];

/// The steps that read what a statement itself has named in its `WITH`.
const NAMED_SUBQUERIES: [&str; 13] = [
    "SCAN free",
    "SCAN f",
    "SCAN last",
    "SCAN l",
    "SCAN turns",
    "SCAN t",
    "SCAN chosen",
    "SCAN c",
    "SCAN due",
    "SCAN ordered",
    "SCAN taken",
    "SCAN oldest",
    "SCAN pullers",
];

/// How a batch fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Half of its statements run, then it is rolled back.
    Halfway,
    /// It is committed, and the reply is lost.
    ReplyLost,
}

/// Where several requests at once hand control to each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Turns {
    /// Nowhere.
    #[default]
    None,
    /// At each call of D1 and KV.
    Calls,
    /// A callback does three things: it writes its row, reads all rows, and puts what it read.
    Steps,
}

/// The database.
#[derive(Debug)]
pub(crate) struct Sqlite {
    connection: RefCell<Pooled>,
    /// Batches to go until one fails.
    fault: Cell<Option<(usize, Fault)>>,
    down: Cell<bool>,
    turns: Cell<Turns>,
    /// What the database says of its size.
    pub(crate) size: Cell<Option<i64>>,
    /// Every statement that ran.
    pub(crate) ran: RefCell<Vec<&'static str>>,
    explains: Cell<bool>,
    plans: RefCell<BTreeMap<&'static str, Vec<String>>>,
}

/// Hands control back once, as any real request to a store does.
pub(crate) async fn yield_once() {
    let mut yielded = false;
    poll_fn(
        |_| if std::mem::replace(&mut yielded, true) { Poll::Ready(()) } else { Poll::Pending },
    )
    .await;
}

/// Name and text of every migration, in the order of their names.
pub(crate) fn migrations() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/d1-migrations");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let read = |file: &PathBuf| {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(file).unwrap())
    };
    files.iter().map(read).collect()
}

impl Sqlite {
    pub(crate) fn new() -> Self {
        Self {
            connection: RefCell::new(POOL.get()),
            fault: Cell::new(None),
            down: Cell::new(false),
            turns: Cell::new(Turns::None),
            size: Cell::new(None),
            ran: RefCell::default(),
            explains: Cell::new(false),
            plans: RefCell::default(),
        }
    }

    /// The n-th batch from now fails; 0 is the next.
    pub(crate) fn fail_at(&self, n: usize, fault: Fault) {
        self.fault.set(Some((n, fault)));
    }

    /// No fault is waiting any more.
    pub(crate) fn heal(&self) {
        self.fault.set(None);
        self.down.set(false);
    }

    /// Every batch fails from now on.
    pub(crate) fn go_down(&self) {
        self.down.set(true);
    }

    /// Where several requests take turns.
    pub(crate) fn take_turns(&self, turns: Turns) {
        self.turns.set(turns);
    }

    /// Asks for the plan of every statement from now on: the one for its very parameters, as D1 makes it.
    pub(crate) fn explain(&self) {
        let qpsg = DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG;
        self.connection.borrow().set_db_config(qpsg, false).unwrap();
        self.explains.set(true);
    }

    /// The first column of the first row.
    pub(crate) fn one<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        let connection = self.connection.borrow();
        let mut statement = connection.prepare_cached(sql).unwrap();
        statement.query_row([], |row| row.get(0)).unwrap()
    }

    /// Runs SQL as somebody with a console would.
    pub(crate) fn execute(&self, sql: &str) -> rusqlite::Result<usize> {
        self.connection.borrow().execute(sql, [])
    }

    /// All rows of a query.
    pub(crate) fn query(&self, sql: &str) -> Rows {
        rows(&self.connection.borrow(), sql, &[]).unwrap()
    }

    /// Every row of every table.
    pub(crate) fn dump(&self) -> String {
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
        let mut dump = String::new();
        for table in self.query(tables) {
            let table = table["name"].as_str().unwrap();
            for row in self.query(&format!("SELECT * FROM {table} ORDER BY 1")) {
                dump.push_str(&format!("{table} {row}\n"));
            }
        }
        dump
    }

    /// Statements whose plan reads a whole table, or a whole index that is not known to be short.
    pub(crate) fn full_scans(&self) -> BTreeSet<String> {
        let reads_all = |step: &str| {
            step.starts_with("SCAN ")
                && !step.starts_with("SCAN CONSTANT ROW")
                // The steps inside are judged by themselves.
                && !step.starts_with("SCAN (subquery-")
                && !NAMED_SUBQUERIES.contains(&step)
                // The elements of one JSON value, which is bounded where it is written.
                && !step.contains(" VIRTUAL TABLE INDEX ")
                && !WHOLE_INDEX.iter().any(|(index, _)| step.ends_with(&format!("INDEX {index}")))
        };
        let plans = self.plans.borrow();
        plans
            .iter()
            .filter_map(|(sql, steps)| {
                let step = steps.iter().find(|step| reads_all(step))?;
                Some(format!("{step}\n{sql}\n"))
            })
            .collect()
    }

    /// Begins to count the steps of SQLite's machine: a measure of the rows that are read, with or without a result.
    pub(crate) fn count_steps(&self) {
        STEPS.set(0);
    }

    /// The steps since.
    pub(crate) fn steps(&self) -> i32 {
        STEPS.get()
    }

    /// How many different statements have run.
    pub(crate) fn distinct_statements(&self) -> BTreeSet<&'static str> {
        self.plans.borrow().keys().copied().collect()
    }

    fn note_plan(&self, statement: &Statement) {
        let mut plans = self.plans.borrow_mut();
        if !plans.contains_key(statement.sql) {
            let explain = format!("EXPLAIN QUERY PLAN {}", statement.sql);
            let steps = rows(&self.connection.borrow(), &explain, &statement.params).unwrap();
            let steps = steps.iter().map(|step| step["detail"].as_str().unwrap().to_owned());
            plans.insert(statement.sql, steps.collect());
        }
    }

    fn run(&self, statements: &[Statement]) -> Result<Vec<Rows>, String> {
        let fault = self.fault.take();
        let fault = match fault {
            Some((0, fault)) => Some(fault),
            Some((n, fault)) => {
                self.fault.set(Some((n - 1, fault)));
                None
            }
            None => None,
        };
        if self.down.get() {
            return Err("D1_ERROR: Network connection lost".to_owned());
        }
        for statement in statements {
            within_limits(statement)?;
            if self.explains.get() {
                self.note_plan(statement);
            }
            self.ran.borrow_mut().push(statement.sql);
        }
        let mut connection = self.connection.borrow_mut();
        let transaction = connection.savepoint().map_err(|e| e.to_string())?;
        let most = if fault == Some(Fault::Halfway) { statements.len() / 2 } else { usize::MAX };
        let mut results = Vec::new();
        for statement in statements.iter().take(most) {
            let result = rows(&transaction, statement.sql, &statement.params);
            results.push(result.map_err(|e| format!("{e} in {}", statement.sql))?);
        }
        if fault == Some(Fault::Halfway) {
            return Err("D1_ERROR: storage caused object to be reset".to_owned());
        }
        transaction.commit().map_err(|e| e.to_string())?;
        match fault {
            Some(_) => Err("D1_ERROR: Network connection lost".to_owned()),
            None => Ok(results),
        }
    }
}

impl Database for Sqlite {
    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, DatabaseError> {
        let first = statements.first().map_or("", |statement| statement.sql);
        // A result's own batch, and the read that each round of a drain begins with.
        let step = first.starts_with("UPDATE external_scan_result\nSET status = ?6")
            || first.starts_with("UPDATE skill SET kv_") && statements.len() > 1;
        if self.turns.get() == Turns::Calls || self.turns.get() == Turns::Steps && step {
            yield_once().await;
        }
        self.run(&statements).map_err(DatabaseError)
    }

    fn size(&self) -> Option<i64> {
        self.size.get()
    }
}

fn within_limits(statement: &Statement) -> Result<(), String> {
    if statement.params.len() > MOST_PARAMS {
        return Err("D1_ERROR: too many SQL variables".to_owned());
    }
    if statement.sql.len() > LONGEST_SQL {
        return Err("D1_ERROR: statement too long".to_owned());
    }
    for param in &statement.params {
        match param {
            Value::Int(number) if number.unsigned_abs() >> EXACT_BITS != 0 => {
                return Err(format!("D1 would round {number}"));
            }
            Value::Text(text) if text.len() > LONGEST_TEXT => {
                return Err("D1_ERROR: string or blob too big: SQLITE_TOOBIG".to_owned());
            }
            Value::Null | Value::Int(_) | Value::Text(_) => {}
        }
    }
    Ok(())
}

thread_local! {
    /// Steps of SQLite's machine since [`Sqlite::count_steps`].
    static STEPS: Cell<i32> = const { Cell::new(0) };
}

/// Runs one statement: rows as objects by column name, as D1 gives them.
pub(crate) fn rows(connection: &Connection, sql: &str, params: &[Value]) -> rusqlite::Result<Rows> {
    let mut statement = connection.prepare_cached(sql)?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let params = params.iter().map(|param| match param {
        Value::Null => rusqlite::types::Value::Null,
        Value::Int(number) => (*number).into(),
        Value::Text(text) => text.clone().into(),
    });
    let mut found = statement.query(rusqlite::params_from_iter(params))?;
    let mut rows = Rows::new();
    while let Some(row) = found.next()? {
        let mut object = Map::new();
        for (at, column) in columns.iter().enumerate() {
            let value = match row.get_ref(at)? {
                ValueRef::Null => Json::Null,
                ValueRef::Integer(number) => number.into(),
                ValueRef::Real(number) => number.into(),
                ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
                ValueRef::Blob(_) => panic!("no column holds a blob"),
            };
            object.insert(column.clone(), value);
        }
        rows.push(object.into());
    }
    drop(found);
    STEPS.set(STEPS.get() + statement.reset_status(StatementStatus::VmStep));
    Ok(rows)
}
