//! The metrics of deliveries.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use std::time::Duration;

/// Upper bounds in seconds: from one fast attempt to the day after which a callback is given up.
const DURATION_BUCKETS: [f64; 11] =
    [0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 21_600.0, 86_400.0];

/// How a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Delivered,
    Rejected,
}

/// How one attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    Succeeded,
    Failed,
    Rejected,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabel {
    result: &'static str,
}

/// Counters of attempts and deliveries. Clones share the counters.
#[derive(Debug, Clone)]
pub(super) struct DeliveryMetrics {
    pending: Gauge,
    attempts: Family<ResultLabel, Counter>,
    deliveries: Family<OutcomeLabel, Counter>,
    duration: Histogram,
}

impl Outcome {
    const ALL: [Self; 2] = [Self::Delivered, Self::Rejected];

    const fn label(self) -> OutcomeLabel {
        let outcome = match self {
            Self::Delivered => "delivered",
            Self::Rejected => "rejected",
        };
        OutcomeLabel { outcome }
    }
}

impl Attempt {
    const ALL: [Self; 3] = [Self::Succeeded, Self::Failed, Self::Rejected];

    const fn label(self) -> ResultLabel {
        let result = match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
        };
        ResultLabel { result }
    }
}

impl DeliveryMetrics {
    /// All counters at zero. Each label value exists from the start, so that a rate has a beginning.
    pub(super) fn new() -> Self {
        let metrics = Self {
            pending: Gauge::default(),
            attempts: Family::default(),
            deliveries: Family::default(),
            duration: Histogram::new(DURATION_BUCKETS),
        };
        for attempt in Attempt::ALL {
            drop(metrics.attempts.get_or_create(&attempt.label()));
        }
        for outcome in Outcome::ALL {
            drop(metrics.deliveries.get_or_create(&outcome.label()));
        }
        metrics
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "skillgate_deliveries_pending",
            "Callbacks that are not delivered yet",
            self.pending.clone(),
        );
        registry.register(
            "skillgate_deliveries",
            "Callbacks that were delivered, or that were rejected or given up",
            self.deliveries.clone(),
        );
        registry.register(
            "skillgate_delivery_attempts",
            "Attempts to send a callback, heartbeats included",
            self.attempts.clone(),
        );
        registry.register(
            "skillgate_delivery_duration_seconds",
            "Time from the creation of a callback to its delivery",
            self.duration.clone(),
        );
    }

    pub(super) fn set_pending(&self, pending: u64) {
        self.pending.set(i64::try_from(pending).unwrap_or(i64::MAX));
    }

    pub(super) fn attempted(&self, attempt: Attempt) {
        self.attempts.get_or_create(&attempt.label()).inc();
    }

    /// Counts a delivery that ended at this age. Dead letters are not in the histogram.
    pub(super) fn ended(&self, outcome: Outcome, age: Duration) {
        self.deliveries.get_or_create(&outcome.label()).inc();
        if outcome == Outcome::Delivered {
            self.duration.observe(age.as_secs_f64());
        }
    }

    pub(super) fn count(&self, outcome: Outcome) -> u64 {
        self.deliveries.get_or_create(&outcome.label()).get()
    }
}
