//! What crosses the wire between the worker, its scanners and the installer.
//!
//! In scope: the words of the product as types that are parsed once ([`SkillName`], [`RepoUrl`],
//! [`CommitSha`], [`ScanId`], [`Provider`], [`Severity`], [`ScanStatus`]), the signed callback
//! ([`callback`]), its signature ([`signature`]), score and verdict ([`score`]), the scanner's
//! request ([`scan_request`]), what starts a run on GitHub Actions ([`github`]), the audience of
//! its token ([`oidc`]), the shapes that the worker answers ([`api`]) and scans as SARIF
//! ([`sarif`]). Beside them stand the pure values that both ends compute: delays between tries
//! ([`backoff`]), fingerprints ([`Finding::database_fingerprint`]), [`percent`]-encoding, [`host`]
//! names, a redacted [`Secret`], the names of renamed settings ([`renamed_setting`]), and where the rules are explained ([`rule_page`]).
//!
//! Out of scope: I/O, clocks, environment, storage, HTML. Time is always an argument. Neither the
//! worker nor the scanner has a second copy of anything in here.

pub mod api;
mod autorun;
pub mod backoff;
pub mod callback;
mod commit;
mod finding;
mod fingerprint;
pub mod github;
pub mod host;
pub mod json;
pub mod member;
mod name;
pub mod object;
pub mod oidc;
pub mod part;
pub mod percent;
mod provider;
pub mod renamed_setting;
mod repo;
pub mod rule_page;
pub mod sarif;
mod scan_id;
pub mod scan_request;
#[cfg(feature = "schema")]
pub mod schema;
pub mod score;
mod secret;
mod severity;
pub mod signature;
mod status;
pub mod text;
mod time;

pub use autorun::{AutoRun, CappedAutoRun, Gate, MAX_AUTO_RUN, When, cap_auto_run};
pub use commit::{CommitSha, CommitShaError};
pub use finding::{
    CappedFindings, ChainStep, Finding, MAX_FINDINGS, MAX_STRING_CHARS, cap_findings,
};
pub use name::{SkillName, SkillNameError, SkillPath, SkillPathError};
pub use provider::{History, Provider, ProviderSpec, Reads, UnknownProvider};
pub use repo::{HostPolicy, RepoUrl, RepoUrlError};
pub use scan_id::{ScanId, ScanIdError};
pub use score::{Counts, Verdict};
pub use secret::Secret;
pub use severity::{Severity, UnknownSeverity};
pub use status::{InstallerStatus, InstallerVerdict, ScanStatus, UnknownStatus};
pub use time::Millis;
