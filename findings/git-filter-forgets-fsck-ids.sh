#!/usr/bin/env bash
# Package:  git 1:2.39.5-0+deb12u3 (Debian 12)
# Input:    a repository with one commit whose author line lacks the blank before "<", as an old importer wrote it. It is fetched with
#           transfer.fsckObjects=true and fetch.fsck.missingSpaceBeforeEmail=ignore, once as it is and once with --filter=blob:limit=1m.
# Expected: both fetches succeed, since the message is set to be ignored.
# Seen:     the fetch without a filter succeeds; the one with a filter fails with "missingSpaceBeforeEmail".
# Why:      with a filter the pack is checked by `index-pack --fsck-objects` without the ids; without one, `--strict=<ids>` is passed on.
# Matters:  a client that fetches parts of repositories cannot let single messages pass by these settings: it refuses honest old histories.
source "$(dirname "$0")/lib.sh"

(cd "$work" && apt-get download git=1:2.39.5-0+deb12u3 && dpkg -x git_*.deb git) >/dev/null 2>&1 || {
  echo "this needs Debian 12 (apt-get download of git 1:2.39.5-0+deb12u3)" >&2
  exit 2
}
export GIT_EXEC_PATH="$work/git/usr/lib/git-core" GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null HOME="$work" LC_ALL=C
git() { "$work/git/usr/bin/git" "$@"; }
expect version "git version 2.39.5" "$(git --version)"

git init --quiet --bare "$work/source"
git -C "$work/source" config uploadpack.allowFilter true
tree=$(git -C "$work/source" mktree </dev/null)
commit=$(printf 'tree %s\nauthor Old Importer<importer@example.invalid> 1000000000 +0000\ncommitter A B <a@example.invalid> 1000000000 +0000\n\nImport\n' "$tree" |
  git -C "$work/source" hash-object -t commit -w --literally --stdin)
git -C "$work/source" update-ref refs/heads/main "$commit"
git -C "$work/source" symbolic-ref HEAD refs/heads/main

# fetch NAME [OPTION…]: "fetched", or the id that git's check names.
fetch() {
  local into="$work/$1"
  shift
  git init --quiet --bare "$into"
  if said=$(git -C "$into" -c transfer.fsckObjects=true -c fetch.fsck.missingSpaceBeforeEmail=ignore fetch --quiet "$@" "file://$work/source" HEAD 2>&1); then
    echo fetched
  else
    grep -o -m 1 missingSpaceBeforeEmail <<<"$said"
  fi
}
expect "without a filter" fetched "$(fetch plain)"
expect "with --filter=blob:limit=1m, \"fetched\" is right" missingSpaceBeforeEmail "$(fetch filtered --filter=blob:limit=1m)"
