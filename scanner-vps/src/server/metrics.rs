//! The metrics of `GET /metrics`, in the OpenMetrics text format.

use crate::delivery::DeliveryQueue;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use skillgate_contract::{Provider, ScanStatus};
use std::time::Duration;

/// The media type of [`Metrics::render`].
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds in seconds: from a small commit to the time limits of fetch and tool together.
const DURATION_BUCKETS: [f64; 11] =
    [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_200.0];

/// How a scan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ScanOutcomeLabel {
    Pass,
    Fail,
    Incomplete,
    Error,
    Stopped,
    Deferred,
}

impl ScanOutcomeLabel {
    const ALL: [Self; 6] =
        [Self::Pass, Self::Fail, Self::Incomplete, Self::Error, Self::Stopped, Self::Deferred];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Incomplete => "incomplete",
            Self::Error => "error",
            Self::Stopped => "stopped",
            Self::Deferred => "deferred",
        }
    }

    pub(super) const fn of(status: ScanStatus) -> Self {
        match status {
            ScanStatus::Pass => Self::Pass,
            ScanStatus::Fail => Self::Fail,
            ScanStatus::Incomplete => Self::Incomplete,
            ScanStatus::Pending
            | ScanStatus::Running
            | ScanStatus::Error
            | ScanStatus::TimedOut => Self::Error,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ScanLabels {
    provider: &'static str,
    outcome: &'static str,
}

/// What the queue counts.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    scans: Family<ScanLabels, Counter>,
    durations: Family<ScanLabels, Histogram>,
    active: Gauge,
    queued: Gauge,
}

impl Metrics {
    /// All counters at zero. Each pair of provider and outcome exists from the start.
    pub(super) fn new(delivery_queue: &DeliveryQueue) -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            scans: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(DURATION_BUCKETS)),
            active: Gauge::default(),
            queued: Gauge::default(),
        };
        for provider in Provider::ALL {
            for outcome in ScanOutcomeLabel::ALL {
                drop(metrics.scans.get_or_create(&labels(provider, outcome)));
            }
        }
        let Self { registry, scans, durations, active, queued } = &mut metrics;
        registry.register("skillgate_scans", "Scans that ended", scans.clone());
        registry.register(
            "skillgate_scan_duration_seconds",
            "Time that scans ran, from their start to their end",
            durations.clone(),
        );
        registry.register("skillgate_scans_active", "Scans that are running", active.clone());
        registry.register("skillgate_scans_queued", "Scans that wait", queued.clone());
        delivery_queue.register_metrics(registry);
        metrics
    }

    /// Counts a scan that ended; `ran` is how long it ran, for one that was started.
    pub(super) fn ended(
        &self,
        provider: Provider,
        outcome: ScanOutcomeLabel,
        ran: Option<Duration>,
    ) {
        let labels = labels(provider, outcome);
        self.scans.get_or_create(&labels).inc();
        if let Some(ran) = ran {
            self.durations.get_or_create(&labels).observe(ran.as_secs_f64());
        }
    }

    pub(super) fn render(&self, active: usize, queued: usize) -> String {
        self.active.set(gauge(active));
        self.queued.set(gauge(queued));
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut out, &self.registry);
        out
    }
}

const fn labels(provider: Provider, outcome: ScanOutcomeLabel) -> ScanLabels {
    ScanLabels { provider: provider.as_str(), outcome: outcome.as_str() }
}

fn gauge(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
