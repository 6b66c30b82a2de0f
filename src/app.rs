//! The worker as a whole: a request in, an answer out, and what is done once it has been sent.

use crate::{
    config::Config,
    error::AppError,
    handlers,
    http::{Body, CachePolicy, Method, Request, Response},
    manners, pages,
    ports::Ports,
    route::{Route, route},
    store::{EndOfScan, LeasedScan, Scheduling, Store},
};
use skillgate_contract::{ScanId, SkillName, signature::MAX_BODY_BYTES};

/// The worker: its settings and its ports.
#[derive(Debug)]
pub struct App<P> {
    /// The settings; with a wrong one, nothing is served.
    pub config: Config,
    /// The world.
    pub ports: P,
}

/// An answer, and the scans to send once it is on its way.
#[derive(Debug)]
pub struct Handled {
    /// What the caller gets.
    pub response: Response,
    /// Leased scans for [`App::send`]. Should this never run, their lease ends and they are sent
    /// by the next cron run.
    pub to_send: Vec<LeasedScan>,
}

impl From<Response> for Handled {
    fn from(response: Response) -> Self {
        Self { response, to_send: Vec::new() }
    }
}

impl<P: Ports> App<P> {
    /// The database in the words of the product.
    pub(crate) fn store(&self) -> Store<'_, P::Database> {
        Store(self.ports.database())
    }

    /// Says that the hour's limit on automatic blocklist entries held one back; `by` is what made it, if anything
    /// but the publish did.
    pub(crate) fn alarm_proposed(&self, skill: &SkillName, by: &str) {
        self.ports.log(&format!(
            "ALARM blocklist.breaker: too many automatic entries within the hour; {skill} is only proposed{by}"
        ));
    }

    /// A token that names one write.
    pub(crate) fn token(&self) -> String {
        self.new_id().to_string()
    }

    /// The id of a new scan.
    pub(crate) fn new_id(&self) -> ScanId {
        ScanId::from_random(self.ports.random())
    }

    /// How scans are sent, as of now.
    pub(crate) fn scheduling(&self) -> Scheduling {
        Scheduling {
            now: self.ports.now(),
            sends: self.config.sends(),
            budget_per_hour: self.config.budget_per_hour,
            timeout_ms: self.config.pending_timeout_ms,
        }
    }

    /// What comes with the end of a scan, as of now.
    pub(crate) fn end_of_scan(&self) -> EndOfScan {
        EndOfScan {
            next_scan: self.new_id(),
            scheduling: self.scheduling(),
            most_blocks_per_hour: self.config.auto_blocks_per_hour,
        }
    }

    /// Answers a request.
    pub async fn handle(&self, request: &Request) -> Handled {
        let id = self.token();
        let mut handled = match self.answer(request).await {
            Ok(handled) => handled,
            Err(error) => {
                if let Some(line) = error.log_line() {
                    self.ports.log(&line);
                }
                manners::refuse(request, error, &id).into()
            }
        };
        let https = self.config.platform_url.starts_with("https://");
        manners::finish(&mut handled.response, request, id, https);
        handled
    }

    async fn answer(&self, request: &Request) -> Result<Handled, AppError> {
        if request.method == Method::Options {
            return manners::options(request).map(Handled::from);
        }
        let route = route(request.method, &request.path)?;
        if request.body == Body::TooLarge {
            return Err(AppError::TooLarge(MAX_BODY_BYTES));
        }
        match route {
            Route::Publish => handlers::publish::publish(self, request).await,
            Route::ScanAgain => handlers::scan_again::scan_again(self, request).await,
            Route::Dispatches => {
                handlers::dispatches::dispatches(self, request).await.map(Handled::from)
            }
            Route::ScanResults => handlers::scan_results::receive(self, request).await,
            Route::Pending => handlers::queue::pending(self, request).await.map(Handled::from),
            Route::Claim => handlers::queue::claim(self, request).await.map(Handled::from),
            Route::Heartbeat => handlers::queue::heartbeat(self, request).await.map(Handled::from),
            Route::Release => handlers::queue::release(self, request).await.map(Handled::from),
            Route::Security(name) => {
                handlers::security::security(self, &name).await.map(Handled::from)
            }
            Route::SecurityOf(name, provider) => {
                handlers::security::security_of(self, request, &name, provider)
                    .await
                    .map(Handled::from)
            }
            Route::Blocklist => handlers::blocklist::list(self, request).await.map(Handled::from),
            Route::BlocklistCheck => {
                handlers::blocklist::check(self, request).await.map(Handled::from)
            }
            Route::History(name) => {
                handlers::history::history(self, request, &name).await.map(Handled::from)
            }
            Route::Entries => {
                handlers::admin_blocklist::entries(self, request).await.map(Handled::from)
            }
            Route::AddEntry => {
                handlers::admin_blocklist::add(self, request).await.map(Handled::from)
            }
            Route::LiftEntry(id) => {
                handlers::admin_blocklist::lift(self, request, &id).await.map(Handled::from)
            }
            Route::AuditEvents => {
                handlers::audit_events::events(self, request).await.map(Handled::from)
            }
            Route::Badge(name, provider) => {
                let badge = handlers::badge::badge(self, request, name.as_ref(), &provider);
                badge.await.map(Handled::from)
            }
            Route::Search => handlers::search::search(self, request).await.map(Handled::from),
            Route::Installed(name) => Ok(handlers::installs::installed(self, &name).await.into()),
            Route::InstalledMany => {
                handlers::installs::installed_many(self, request).await.map(Handled::from)
            }
            Route::OpenApi => handlers::openapi::document(self).await.map(Handled::from),
            Route::Docs => handlers::openapi::page(self).await.map(Handled::from),
            Route::Health => handlers::health::health(self).await.map(Handled::from),
            Route::Audits(view) => {
                handlers::audits::lists(self, request, view).await.map(Handled::from)
            }
            Route::Skill(name) => handlers::skill::skill(self, &name).await.map(Handled::from),
            Route::RulesPage => Ok(pages::respond(
                200,
                pages::rules::rules(&self.config.platform_url),
                CachePolicy::Revalidate,
            )
            .into()),
            Route::AdminPage => handlers::admin_page::page(self).await.map(Handled::from),
            Route::SkillPage(name, tab) => {
                handlers::report::page(self, request, &name, tab).await.map(Handled::from)
            }
        }
    }
}
