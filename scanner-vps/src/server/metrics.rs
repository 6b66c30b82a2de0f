//! Counts of what happened, in Prometheus' text format.

use crate::delivery::DeliveryCounts;
use skillgate_contract::{Provider, ScanStatus};
use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
};

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

/// Scans that ended, since the start.
#[derive(Debug, Default)]
pub(super) struct Metrics(Mutex<BTreeMap<(&'static str, ScanOutcomeLabel), u64>>);

impl Metrics {
    pub(super) fn ended(&self, provider: Provider, ending: ScanOutcomeLabel) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((provider.as_str(), ending)).or_default() += 1;
    }

    pub(super) fn render(&self, active: usize, queued: usize, sent: DeliveryCounts) -> String {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut out = String::new();
        head(&mut out, "skillgate_scans_total", "counter", "Scans that ended.");
        for provider in Provider::ALL.map(Provider::as_str) {
            for ending in ScanOutcomeLabel::ALL {
                let n = counts.get(&(provider, ending)).copied().unwrap_or_default();
                let ending = ending.as_str();
                line(
                    &mut out,
                    "skillgate_scans_total",
                    &format!("{{provider=\"{provider}\",outcome=\"{ending}\"}}"),
                    n,
                );
            }
        }
        for (name, help, n) in [
            ("skillgate_scans_active", "Scans that run.", count(active)),
            ("skillgate_scans_queued", "Scans that wait.", count(queued)),
            ("skillgate_deliveries_pending", "Reports that have not arrived.", sent.pending),
        ] {
            head(&mut out, name, "gauge", help);
            line(&mut out, name, "", n);
        }
        let name = "skillgate_deliveries_total";
        head(
            &mut out,
            name,
            "counter",
            "Reports that arrived or were refused, and repeated tries.",
        );
        for (outcome, n) in
            [("delivered", sent.delivered), ("retried", sent.retried), ("rejected", sent.rejected)]
        {
            line(&mut out, name, &format!("{{outcome=\"{outcome}\"}}"), n);
        }
        out
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(out: &mut String, name: &str, labels: &str, n: u64) {
    let _ = writeln!(out, "{name}{labels} {n}");
}
