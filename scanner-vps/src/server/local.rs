//! The runner that scans with the tools of this machine.

use super::runner::{ScanFailure, ScanRunner};
use crate::{
    exec,
    scan::{self, Limits, ScanJob, ScanOutcome},
    tools::{Toolbox, version},
};
use serde_json::{Map, Value, json};
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, oneshot},
    time::timeout,
};
use tracing::Instrument as _;

/// Scans with the tools of this machine.
#[derive(Debug)]
pub struct LocalScanner {
    toolbox: Arc<Toolbox>,
    limits: Limits,
    versions: Arc<OnceLock<Value>>,
    threads: Threads,
}

impl LocalScanner {
    /// A runner that starts these tools within these limits, for at most `max_concurrent` scans at once.
    #[must_use]
    pub fn new(toolbox: Toolbox, limits: Limits, max_concurrent: usize) -> Self {
        let threads = Threads::new(max_concurrent);
        Self { toolbox: Arc::new(toolbox), limits, versions: Arc::default(), threads }
    }

    /// Asks the tools for their versions, in the background: the first start of some takes seconds.
    pub(super) fn ask_versions(&self) {
        let (toolbox, versions) = (Arc::clone(&self.toolbox), Arc::clone(&self.versions));
        let work_dir = self.limits.work_dir.clone();
        tokio::spawn(async move {
            let _ = versions.set(version::of_all(&toolbox, &work_dir).await);
        });
    }
}

/// The threads of scans: a permit for each scan that may run at once, which its thread keeps to its end. So what goes
/// on after a deadline takes the place of another scan, and no more than so many ever take the processor.
#[derive(Debug)]
struct Threads(Arc<Semaphore>);

impl Threads {
    fn new(max_concurrent: usize) -> Self {
        Self(Arc::new(Semaphore::new(max_concurrent.clamp(1, Semaphore::MAX_PERMITS))))
    }

    /// Runs a scan on a thread of its own, because judging what was found takes the processor for a while,
    /// and heartbeats must not wait for that. It ends with this future, at the deadline at the latest: a
    /// judgement that goes on then is left to itself, and nothing waits for it but a scan that needs its place, at most
    /// for another `deadline`.
    async fn run<F>(&self, deadline: Duration, scan: F) -> Result<ScanOutcome, ScanFailure>
    where
        F: Future<Output = Result<ScanOutcome, ScanFailure>> + Send + 'static,
    {
        let permit = timeout(deadline, Arc::clone(&self.0).acquire_owned()).await;
        let Ok(Ok(permit)) = permit else {
            return Err(ScanFailure::transient("earlier scans still take the processor"));
        };
        // Dropped with this future: then the scan is dropped too, which ends its processes.
        let (_alive, gone) = oneshot::channel::<()>();
        let runtime = Handle::current();
        let span = tracing::Span::current();
        let thread = tokio::task::spawn_blocking(move || {
            let _until_it_ends = permit;
            runtime.block_on(
                async {
                    tokio::select! {
                        biased;
                        _ = gone => Err(ScanFailure::new("the scan was aborted")),
                        ended = scan => ended,
                    }
                }
                .instrument(span),
            )
        });
        match timeout(deadline, thread).await {
            Ok(Ok(ended)) => ended,
            Ok(Err(_)) => Err(ScanFailure::new("the scanner failed during this scan")),
            Err(_) => {
                let minutes = deadline.as_secs() / 60;
                Err(ScanFailure::new(format!("the scan took longer than {minutes} minutes")))
            }
        }
    }
}

impl ScanRunner for LocalScanner {
    async fn scan(&self, job: ScanJob) -> Result<ScanOutcome, ScanFailure> {
        let (toolbox, limits) = (Arc::clone(&self.toolbox), self.limits.clone());
        let scan = async move {
            scan::scan(&job, &toolbox, &limits, &|_| {})
                .await
                .map_err(|e| ScanFailure { why: e.to_string(), is_transient: e.is_transient() })
        };
        self.threads.run(self.limits.scan_wall, scan).await
    }

    fn tools(&self) -> Value {
        if let Some(versions) = self.versions.get() {
            return versions.clone();
        }
        let programs = self.toolbox.programs();
        let found = programs.map(|(program, path)| {
            (program.name.to_owned(), json!({"found": path.found().is_ok()}))
        });
        found.collect::<Map<_, _>>().into()
    }

    fn isolation(&self) -> Option<String> {
        Some(exec::ISOLATION.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::atomic::{AtomicBool, Ordering},
        time::Instant,
    };

    const SHORT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn g47_a_scan_ends_at_its_deadline_whether_it_waits_or_computes() {
        let (began, threads) = (Instant::now(), Threads::new(2));
        let waits = threads.run(SHORT, async {
            std::future::pending::<()>().await;
            unreachable!()
        });
        assert!(waits.await.unwrap_err().why.contains("took longer"));
        // What never yields, as judging a large output.
        let computes = threads.run(SHORT, async {
            std::thread::sleep(Duration::from_secs(2));
            Err(ScanFailure::new("too late"))
        });
        assert!(computes.await.unwrap_err().why.contains("took longer"));
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn g47_heartbeats_go_on_while_a_scan_computes() {
        // One thread serves here: a scan on it would hold the beat up.
        let threads = Threads::new(1);
        let computes = threads.run(Duration::from_secs(30), async {
            std::thread::sleep(Duration::from_millis(500));
            Err(ScanFailure::new("done"))
        });
        let beat = async {
            let began = Instant::now();
            tokio::time::sleep(SHORT).await;
            began.elapsed()
        };
        let (ended, beat) = tokio::join!(computes, beat);
        assert_eq!(ended.unwrap_err().why, "done");
        assert!(beat < Duration::from_millis(400), "{beat:?}");
    }

    #[tokio::test]
    async fn g47_what_goes_on_after_its_deadline_takes_the_place_of_another_scan() {
        let threads = Threads::new(1);
        let computes = async {
            std::thread::sleep(Duration::from_millis(400));
            Err(ScanFailure::new("too late"))
        };
        assert!(threads.run(SHORT, computes).await.unwrap_err().why.contains("took longer"));
        let next = || async { Err(ScanFailure::new("it ran")) };
        let refused = threads.run(SHORT, next()).await.unwrap_err();
        assert!(refused.is_transient && refused.why != "it ran", "{refused}");
        let ran = threads.run(Duration::from_secs(10), next()).await.unwrap_err();
        assert_eq!(ran.why, "it ran", "the place is free once the thread has ended");
    }

    struct Dropped(Arc<AtomicBool>);

    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    #[tokio::test]
    async fn an_aborted_scan_is_dropped_with_its_processes() {
        let dropped = Arc::new(AtomicBool::new(false));
        let guard = Dropped(Arc::clone(&dropped));
        let threads = Threads::new(1);
        let scan = tokio::spawn(async move {
            let scan = async move {
                let _guard = guard;
                std::future::pending::<()>().await;
                unreachable!()
            };
            threads.run(Duration::from_secs(60), scan).await
        });
        tokio::time::sleep(SHORT).await;
        scan.abort();
        let _ = scan.await;
        for _ in 0..200 {
            if dropped.load(Ordering::SeqCst) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the scan goes on");
    }
}
