//! Pinned packages of the agent world, which are taken for honest: their list, their download, the skills in them.
//!
//! They come through the package clients into the cache, are checked against the pinned digest and unpacked. Nothing of them is
//! installed, imported or run: npm runs no script of a packed package, and pip only downloads wheels, which need no build.

use super::{DetectionError, Files};
use crate::files::{self, FileError, failed};
use crate::process;
use crate::ui::{Step, Ui};
use crate::workspace::Workspace;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The list, from the root of the repository.
const LIST: &str = "tools/detection/packages.tsv";
const SKILL: &str = "SKILL.md";
/// A larger file is no text of a skill; the scanner's own limits are tested elsewhere.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// Where a package comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registry {
    /// npm's.
    Npm,
    /// Python's.
    Pypi,
}

/// One pinned package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Where it comes from.
    pub registry: Registry,
    /// Its name there.
    pub name: String,
    /// Its exact version.
    pub version: String,
    /// Of the file that the registry serves, in hex.
    pub sha256: String,
    /// As it says itself.
    pub licence: String,
}

/// The list of packages.
///
/// # Errors
/// When it cannot be read, or a line is not five columns.
pub fn list(workspace: &Workspace) -> Result<Vec<Package>, DetectionError> {
    let text = files::read(&workspace.root().join(LIST))?;
    parse(&String::from_utf8_lossy(&text))
}

fn parse(text: &str) -> Result<Vec<Package>, DetectionError> {
    let lines = (1..).zip(text.lines()).filter(|(_, text)| !text.starts_with('#'));
    lines
        .map(|(line, text)| {
            let package = match text.split('\t').collect::<Vec<_>>().as_slice() {
                [registry, name, version, sha256, licence] => match *registry {
                    "npm" => Ok(Registry::Npm),
                    "pypi" => Ok(Registry::Pypi),
                    _ => Err("the registry is neither npm nor pypi"),
                }
                .map(|registry| Package {
                    registry,
                    name: (*name).to_owned(),
                    version: (*version).to_owned(),
                    sha256: (*sha256).to_owned(),
                    licence: (*licence).to_owned(),
                }),
                _ => Err("there are not five columns with tabs between them"),
            };
            package.map_err(|problem| DetectionError::PackageList { line, problem })
        })
        .collect()
}

/// Gets a package into `cache`, unless it is there, and reads its files.
///
/// # Errors
/// When the client fails, or what it brings is not what was pinned.
pub fn files_of(
    ui: &Ui,
    workspace: &Workspace,
    cache: &Path,
    package: &Package,
) -> Result<Files, DetectionError> {
    let folder = cache.join(&package.sha256);
    if !folder.is_dir() {
        files::create_dir(cache)?;
        let made = tempfile::tempdir_in(cache).map_err(failed("make a folder in", cache))?;
        get(ui, workspace, package, made.path())?;
        files::rename(&made.path().join("content"), &folder)?;
    }
    let mut found = Files::new();
    walk(&folder, &mut found)?;
    // npm wraps what it packs in one folder.
    for (path, _) in &mut found {
        if let (Registry::Npm, Some((_, inside))) = (package.registry, path.split_once('/')) {
            *path = inside.to_owned();
        }
    }
    found.sort();
    Ok(found)
}

/// Downloads, checks and unpacks into the folder `content` of `dir`.
fn get(
    ui: &Ui,
    workspace: &Workspace,
    package: &Package,
    dir: &Path,
) -> Result<(), DetectionError> {
    let Package { registry, name, version, sha256, .. } = package;
    let step = ui.step(format!("{name} {version}: downloading"));
    let log = workspace.log_file("packages");
    let (download, content) = (dir.join("download"), dir.join("content"));
    files::create_dir(&download)?;
    files::create_dir(&content)?;
    let mut client = match registry {
        Registry::Npm => {
            let mut npm = Command::new("npm");
            npm.args(["pack", "--ignore-scripts", "--silent", "--pack-destination"]);
            npm.arg(&download).arg(format!("{name}@{version}"));
            npm
        }
        Registry::Pypi => {
            let mut pip = Command::new("python3");
            pip.args(["-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]);
            pip.args(["--disable-pip-version-check", "--no-input", "--dest"]);
            pip.arg(&download).arg(format!("{name}=={version}"));
            pip
        }
    };
    client.current_dir(&download);
    process::run(&mut client, &log, &step)?;
    let came = files::list(&download)?;
    let [archive] = came.as_slice() else {
        let package = format!("{name} {version}");
        return Err(DetectionError::Download { package, files: came.len() });
    };
    let found = hex::encode(Sha256::digest(files::read(archive)?));
    if found != *sha256 {
        let (package, pinned) = (format!("{name} {version}"), sha256.clone());
        return Err(DetectionError::Integrity { package, found, pinned });
    }
    unpack(*registry, archive, &content, &log, &step)?;
    step.done();
    Ok(())
}

fn unpack(
    registry: Registry,
    archive: &Path,
    content: &Path,
    log: &Path,
    step: &Step,
) -> Result<(), DetectionError> {
    let mut unpack = match registry {
        Registry::Npm => {
            let mut tar = Command::new("tar");
            tar.args(["--extract", "--gzip", "--no-same-owner", "--no-same-permissions", "--file"]);
            tar.arg(archive).arg("--directory");
            tar
        }
        Registry::Pypi => {
            let mut zip = Command::new("python3");
            zip.args(["-m", "zipfile", "-e"]).arg(archive);
            zip
        }
    };
    unpack.arg(content);
    Ok(process::run(&mut unpack, log, step)?)
}

/// Every regular file below `root` by its path; links are left out, and so is what is too large.
fn walk(root: &Path, found: &mut Files) -> Result<(), FileError> {
    let mut waiting = vec![root.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for path in files::list(&folder)? {
            let kind = fs::symlink_metadata(&path).map_err(failed("read", &path))?;
            if kind.is_dir() {
                waiting.push(path);
            } else if kind.is_file() && kind.len() <= MAX_FILE_BYTES {
                found.push((relative(&path, root), files::read(&path)?));
            }
        }
    }
    Ok(())
}

fn relative(path: &Path, root: &Path) -> String {
    let inside: PathBuf = path.strip_prefix(root).unwrap_or(path).to_path_buf();
    inside.to_string_lossy().into_owned()
}

/// The skills of a package: each folder with a `SKILL.md`, with all below it that is in no other skill; and the rest as one.
#[must_use]
pub fn skills(package: Files) -> Vec<(String, Files)> {
    let folder = |path: &str| path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let roots: Vec<_> = package
        .iter()
        .filter(|(path, _)| name(path) == SKILL)
        .map(|(path, _)| folder(path))
        .collect();
    let mut skills: BTreeMap<String, Files> = BTreeMap::new();
    for (path, content) in package {
        let own = folder(&path);
        let root = ancestors(&own).find(|folder| roots.iter().any(|root| root == folder));
        let root = root.unwrap_or_default().to_owned();
        let inside = path.strip_prefix(root.as_str()).unwrap_or(&path).trim_start_matches('/');
        skills.entry(root).or_default().push((inside.to_owned(), content));
    }
    skills.into_iter().collect()
}

/// A folder and those around it, the innermost first, without the root.
fn ancestors(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |folder| Some(folder.rsplit_once('/')?.0))
        .filter(|folder| !folder.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_this_repository_pins_each_package_once() {
        let workspace = Workspace::around(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let packages = list(&workspace).unwrap();
        assert!(packages.len() >= 20);
        for package in &packages {
            assert_eq!(package.sha256.len(), 64, "{}", package.name);
            assert!(package.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()));
            assert!(!package.licence.is_empty(), "{}", package.name);
            let same = packages.iter().filter(|other| other.name == package.name);
            assert_eq!(same.count(), 1, "{}", package.name);
        }
    }

    #[test]
    fn a_line_of_another_form_is_named() {
        let said = |text| parse(text).unwrap_err().to_string();
        assert!(said("# a\nnpm\tx\t1\n").contains("packages.tsv:2: there are not five"));
        assert!(said("gem\tx\t1\ta\tMIT\n").contains(":1: the registry"));
    }

    #[test]
    fn a_skill_is_its_folder_without_the_skills_in_it() {
        let paths = ["README.md", "a/SKILL.md", "a/x/y.sh", "a/b/SKILL.md", "a/b/z.py", "lib/i.js"];
        let package = paths.map(|path| (path.to_owned(), Vec::new())).to_vec();
        let found: Vec<_> = skills(package)
            .into_iter()
            .map(|(root, files)| {
                (root, files.into_iter().map(|(path, _)| path).collect::<Vec<_>>())
            })
            .collect();
        let expected = [
            ("", vec!["README.md", "lib/i.js"]),
            ("a", vec!["SKILL.md", "x/y.sh"]),
            ("a/b", vec!["SKILL.md", "z.py"]),
        ];
        let expected = expected.map(|(root, files)| {
            (root.to_owned(), files.into_iter().map(str::to_owned).collect::<Vec<_>>())
        });
        assert_eq!(found, expected);
    }
}
