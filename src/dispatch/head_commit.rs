//! Resolves the HEAD of a repository on GitHub before its first scan.

use crate::{
    app::App,
    config::knows,
    log::{LogEvent, Value},
    ports::{Call, Outbound, Ports},
};
use skillgate_contract::{CommitSha, RepoUrl, text};

/// The commit that a repository's HEAD stands for, so that every tool scans the same one. `None`
/// without a token, for another host, and where GitHub does not tell: then the first scanner's
/// HEAD is taken.
///
/// <https://docs.github.com/en/rest/commits/commits#get-a-commit>, whose `sha` media type is the
/// bare 40 digits.
pub(crate) async fn head_commit<P: Ports>(app: &App<P>, repo: &RepoUrl) -> Option<CommitSha> {
    let api = &app.config.github_api_url;
    let token = app.config.github_token.as_ref().filter(|_| knows(api, repo))?;
    let (owner, name) = (repo.owner(), repo.repo());
    let url = format!("{api}/repos/{owner}/{name}/commits/HEAD");
    let headers = [("accept", "application/vnd.github.sha")];
    let bearer = Some(token.expose());
    let call = Call { url: &url, bearer, headers: &headers, json: None };
    let why = match app.ports.outbound().call(call).await {
        Ok(reply) if reply.status == 200 => match reply.body.trim().parse() {
            Ok(sha) => return Some(sha),
            Err(_) => "GitHub answered something that is no commit".to_owned(),
        },
        Ok(reply) => format!("GitHub answered {}", reply.status),
        Err(why) => text::line(&why, 200),
    };
    app.log(LogEvent::CommitUnresolved, &[("repo", Value::Text(repo))], &why);
    None
}
