//! `skillgate-scanner github report`: reports a scan of this GitHub Actions run to the worker. It runs no
//! tool.

use super::{EXIT_UNDELIVERED, EXIT_UNKNOWN, job::Job, result_file, step_summary, terminal};
use crate::{
    callback_target::CallbackTarget,
    clock::Clock,
    config::{CallbackSettings, SettingError},
    credentials::CallbackCredentials,
    delivery::{CallbackSender, Client, ClientError, Delivered, RetrySchedule, Undelivered},
    final_callback, git,
    process::deny_memory_access,
    random::unique_id,
};
use skillgate_contract::{
    Provider,
    callback::{Callback, Event},
    text,
};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

/// The error of a failure that is reported without `--error`.
const NO_RESULT: &str = "the run ended without a result";

/// The worker makes three attempts in all. A transient failure is final in the last one only.
const LAST_ATTEMPT: u32 = 3;

/// The arguments of `github report`.
#[derive(Debug, Clone, clap::Args)]
pub struct ReportArgs {
    /// The file of `github scan --result-file`; a missing or unusable file is reported as a failed scan.
    #[arg(value_name = "RESULT-FILE", required_unless_present = "event", requires = "provider")]
    pub result: Option<PathBuf>,
    /// The SHA-256 of the result file, from the output `digest` of the job that wrote it. Without it, or where the file
    /// has another one, the scan is reported as failed.
    #[arg(long, value_name = "SHA256", default_value = "", hide_default_value = true)]
    pub digest: String,
    /// In place of a result: that the scans have started, or failed.
    #[arg(long, value_enum, conflicts_with = "result")]
    pub event: Option<Kind>,
    /// The reason of `--event failed`.
    #[arg(long, value_name = "TEXT", requires = "event")]
    pub error: Option<String>,
    /// The provider, such as semgrep. Without it: each that the run was started for.
    #[arg(long, value_name = "PROVIDER")]
    pub provider: Option<Provider>,
    /// Seconds after which a report that does not arrive is given up.
    #[arg(long, value_name = "SECONDS", default_value_t = 240, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub give_up_after: u64,
}

/// The kinds of callback that need no result file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// The scans have started.
    Started,
    /// The scans have failed.
    Failed,
}

/// Why no callback can be sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum SenderError {
    #[error("{}", lines(.0))]
    Settings(Vec<SettingError>),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("refused: reports may not go where the event says, only to {0}")]
    Elsewhere(String),
}

fn lines(wrong: &[SettingError]) -> String {
    wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Sends the callbacks. Exit code 0: each was accepted, or the worker knows something later already; 3: only
/// results were not delivered in time, or the failure is transient and nothing final is reported; 2: a
/// callback was rejected, or another one than a result was not delivered.
pub async fn run(args: ReportArgs) -> ExitCode {
    deny_memory_access();
    let job = match Job::from_env() {
        Ok(job) => job,
        Err(e) => return wrong(&e.to_string()),
    };
    let sender = match sender(&job, Duration::from_secs(args.give_up_after)) {
        Ok(sender) => sender,
        Err(e) => return wrong(&e.to_string()),
    };
    let providers = match args.provider {
        Some(provider) if !job.asks_for(provider) => {
            terminal::notice(&format!("{provider}: this run was not started for it"));
            return ExitCode::SUCCESS;
        }
        Some(provider) => vec![provider],
        None => job.payload.jobs.iter().map(|job| job.provider).collect(),
    };
    let mut code = 0;
    for provider in providers {
        let callback = callback(&args, &job, provider);
        let if_undelivered = [exit_code(&callback, true), exit_code(&callback, false)];
        let of_this = match report(&sender, callback).await {
            Ok(()) => 0,
            Err(Undelivered::Rejected(_)) => if_undelivered[0],
            Err(Undelivered::GivenUp(_)) => if_undelivered[1],
        };
        // The failure counts more: it is the one that something else must report.
        if code != EXIT_UNKNOWN && of_this != 0 {
            code = of_this;
        }
    }
    ExitCode::from(code)
}

/// How the program ends where a callback was not delivered. After [`EXIT_UNKNOWN`] a later step reports that the
/// scan failed, which is final: never of a result with criticals, also where the worker `refused` it. Without
/// a report, the worker sends that scan again.
fn exit_code(callback: &Callback, refused: bool) -> u8 {
    let later = match &callback.event {
        Event::Result(result) => !refused || result.counts.critical > 0,
        _ => !refused && is_transient(callback),
    };
    if later { EXIT_UNDELIVERED } else { EXIT_UNKNOWN }
}

fn wrong(why: &str) -> ExitCode {
    terminal::notice(why);
    ExitCode::from(EXIT_UNKNOWN)
}

/// The sender of this job's callbacks: to the callback URL of the event, if the settings allow that.
pub(super) fn sender(job: &Job, give_up_after: Duration) -> Result<CallbackSender, SenderError> {
    let settings =
        CallbackSettings::read(|name| std::env::var_os(name)).map_err(SenderError::Settings)?;
    let target = CallbackTarget::parse(&job.payload.callback_url, &settings.callbacks)
        .map_err(|_| SenderError::Elsewhere(settings.callbacks.describe()))?;
    let token_over_tls = matches!(&settings.credentials, CallbackCredentials::ActionsToken(token) if token.needs_tls());
    let client = Client::new(target.origin().is_tls() || token_over_tls)?;
    let steps = [1, 3, 10, 20, 30].map(Duration::from_secs);
    Ok(CallbackSender {
        target,
        client,
        clock: Clock::system(),
        schedule: RetrySchedule::new(steps, give_up_after),
        credentials: settings.credentials,
    })
}

fn callback(args: &ReportArgs, job: &Job, provider: Provider) -> Callback {
    let now = Clock::system().now();
    match (&args.result, args.event) {
        (Some(path), _) => result_file::read(path, &args.digest, job, provider, now),
        (None, Some(Kind::Started)) => job.subject(provider),
        (None, _) => {
            let error = args.error.as_deref().unwrap_or(NO_RESULT).to_owned();
            final_callback::ended(now, job.subject(provider), Err(error))
        }
    }
}

/// Sends one callback and prints its end; whether it was delivered.
pub(super) async fn send(sender: &CallbackSender, callback: Callback) -> bool {
    report(sender, callback).await.is_ok()
}

/// Whether the callback is a transient failure that is not to be reported: without a callback the worker
/// starts another attempt after its time-out, while a reported failure would be final.
fn is_transient(callback: &Callback) -> bool {
    let passing = |error: &str| error.ends_with(git::TRY_AGAIN_LATER);
    matches!(&callback.event, Event::Failed { error } if passing(error))
        && callback.attempt.is_some_and(|attempt| attempt < LAST_ATTEMPT)
}

async fn report(sender: &CallbackSender, mut callback: Callback) -> Result<(), Undelivered> {
    callback.delivery_id = Some(unique_id());
    if !matches!(callback.event, Event::Started)
        && let Some(page) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|page| !page.is_empty())
    {
        step_summary::add(Path::new(&page), &callback);
    }
    if is_transient(&callback) {
        let why = "nothing final is said, so the worker sends the scan again".to_owned();
        if let Event::Failed { error } = &callback.event {
            terminal::notice(&format!("{}: {}: {why}", callback.provider, text::line(error, 300)));
        }
        return Err(Undelivered::GivenUp(why));
    }
    let what = match &callback.event {
        Event::Started => "started".to_owned(),
        Event::Result(result) => result.conclude(false).to_string(),
        Event::Failed { error } => format!("failed: {}", text::line(error, 300)),
    };
    let (said, sent) = match sender.send(&callback).await {
        Ok(Delivered::Accepted) => ("reported".to_owned(), Ok(())),
        Ok(Delivered::Superseded(why)) => (format!("the worker is further: {why}"), Ok(())),
        Err(e) => (e.to_string(), Err(e)),
    };
    terminal::notice(&format!("{}: {what}: {}", callback.provider, text::line(&said, 300)));
    sent
}

#[cfg(test)]
mod tests {
    use super::*;
    use skillgate_contract::{callback::KNOWN_FIELDS, object::JsonObject};

    fn callback(more: &str) -> Callback {
        let body = format!(r#"{{"provider":"semgrep","skillName":"o/t","attempt":1{more}}}"#);
        Callback::read(JsonObject::parse(body.as_bytes(), KNOWN_FIELDS).unwrap()).unwrap()
    }

    #[test]
    fn g46_a_refused_result_with_criticals_never_becomes_a_failure() {
        let result = |criticals: u32| {
            let commit = "a".repeat(40);
            callback(&format!(
                r#","commitSha":"{commit}","criticalCount":{criticals},"highCount":0,"mediumCount":0,"lowCount":0"#
            ))
        };
        let codes = |callback: &Callback| [true, false].map(|refused| exit_code(callback, refused));
        assert_eq!(codes(&result(1)), [EXIT_UNDELIVERED, EXIT_UNDELIVERED]);
        assert_eq!(codes(&result(0)), [EXIT_UNKNOWN, EXIT_UNDELIVERED]);
        let failed = callback(r#","event":"failed","error":"no""#);
        assert_eq!(codes(&failed), [EXIT_UNKNOWN, EXIT_UNKNOWN]);
        let passing = callback(&format!(
            r#","event":"failed","error":"the host is down: {}""#,
            git::TRY_AGAIN_LATER
        ));
        assert_eq!(codes(&passing), [EXIT_UNKNOWN, EXIT_UNDELIVERED]);
    }
}
