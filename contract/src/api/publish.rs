//! Bodies and answers of publishing a skill, and of scanning it again.

use crate::{
    CommitSha, Provider, RepoUrl, ScanId, ScanStatus, SkillName, SkillPath,
    object::{FieldError, FieldReader, JsonObject},
    text,
};
use serde::{Deserialize, Serialize};

/// The body of `POST /api/v1/admin/skills/publish`: a skill to publish and to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct PublishRequest {
    /// The skill's full name.
    pub name: SkillName,
    /// Where its code is.
    pub repo_url: RepoUrl,
    /// The commit that people install; without it, the first scanner's HEAD.
    pub commit_sha: Option<CommitSha>,
    /// The registry's own word for this release.
    #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
    pub version: Option<String>,
    /// The folder of the skill, in a repository of many.
    pub skill_path: Option<SkillPath>,
    /// Which tools to run; all of them where none is named.
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Providers>"))]
    pub providers: Vec<Provider>,
    /// The name may move to another repository.
    #[cfg_attr(feature = "schema", schemars(rename = "move", with = "Option<bool>"))]
    pub move_source: bool,
}

impl PublishRequest {
    /// The fields of the request; each may stand in the body once.
    pub const KNOWN_FIELDS: &'static [&'static str] =
        &["name", "repoUrl", "commitSha", "version", "skillPath", "providers", "move"];

    /// Reads a request's body.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn read(object: JsonObject<'_>) -> Result<Self, Vec<FieldError>> {
        let mut r = FieldReader::new(object);
        let name = r.required("name");
        let repo_url = r.required("repoUrl");
        let commit_sha = r.optional("commitSha");
        let version: Option<String> = r.json("version", "a string");
        if version.as_ref().is_some_and(|v| v.chars().count() > 100) {
            r.fault("/version", "must be at most 100 characters");
        }
        let skill_path = r.optional("skillPath");
        let providers = read_providers(&mut r);
        let move_source = r.json("move", "true or false").unwrap_or(false);
        let request = (|| {
            Some(Self {
                name: name?,
                repo_url: repo_url?,
                commit_sha,
                version: version.map(|v| text::line(&v, 100)),
                skill_path,
                providers,
                move_source,
            })
        })();
        r.finish(request)
    }
}

/// The body of `POST /api/v1/admin/scan-external`: a published skill to scan again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct ScanAgainRequest {
    /// The skill's full name.
    pub name: SkillName,
    /// Which tools to run again: the one that was named, else all of them.
    #[cfg_attr(feature = "schema", schemars(rename = "provider", with = "Option<Provider>"))]
    pub providers: Vec<Provider>,
    /// A scan that is under way is ended, and a new one made.
    #[cfg_attr(feature = "schema", schemars(with = "Option<bool>"))]
    pub force: bool,
}

impl ScanAgainRequest {
    /// The fields of the request; each may stand in the body once.
    pub const KNOWN_FIELDS: &'static [&'static str] = &["name", "provider", "force"];

    /// Reads a request's body.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn read(object: JsonObject<'_>) -> Result<Self, Vec<FieldError>> {
        let mut r = FieldReader::new(object);
        let name = r.required("name");
        let provider: Option<Provider> = r.optional("provider");
        let providers = provider.map_or_else(|| Provider::ALL.to_vec(), |one| vec![one]);
        let force = r.json("force", "true or false").unwrap_or(false);
        let request = (|| Some(Self { name: name?, providers, force }))();
        r.finish(request)
    }
}

fn read_providers(r: &mut FieldReader<'_>) -> Vec<Provider> {
    let Some(names) = r.strings("providers", "a list of provider names") else {
        return Provider::ALL.to_vec();
    };
    if names.is_empty() {
        r.fault("/providers", "must name at least one provider");
    }
    let mut providers = Vec::new();
    for (index, name) in names.iter().take(Provider::COUNT + 1).enumerate() {
        match name.parse() {
            Ok(provider) if providers.contains(&provider) => {
                r.fault(format!("/providers/{index}"), "stands there twice");
            }
            Ok(provider) => providers.push(provider),
            Err(why) => r.fault(format!("/providers/{index}"), why),
        }
    }
    Provider::ALL.into_iter().filter(|provider| providers.contains(provider)).collect()
}

/// What became of one provider's scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Dispatch {
    /// Written down, within the budget, and on its way to a scanner.
    Dispatched,
    /// One is active already.
    Skipped,
    /// Waits: over the budget, or for a scanner that pulls.
    Queued,
    /// The last attempt to send it failed; it is sent again.
    Retrying,
}

/// `202` of a publish or a re-scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PublishAnswer {
    /// The skill as it now stands.
    pub skill: PublishedSkill,
    /// One for each provider asked for.
    pub scans: Vec<DispatchedScan>,
}

/// A skill as a publish left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PublishedSkill {
    /// The skill's full name.
    pub name: SkillName,
    /// Where its code is, normalised.
    pub repo_url: RepoUrl,
    /// The published commit; null until a scanner has resolved it.
    pub commit_sha: Option<CommitSha>,
    /// The registry's own word for this release.
    pub version: Option<String>,
    /// The folder of the skill, in a repository of many; else null.
    pub skill_path: Option<SkillPath>,
}

/// One provider's scan, as a publish left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DispatchedScan {
    /// The provider that the scan is of.
    pub provider: Provider,
    /// The scan's id.
    pub scan_id: ScanId,
    /// The scan's status after this call.
    pub status: ScanStatus,
    /// What this call did for it.
    pub dispatch: Dispatch,
    /// Why it is being retried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
