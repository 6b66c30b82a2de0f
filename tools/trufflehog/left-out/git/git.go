// Package git stands in for a reader of git repositories in our build of trufflehog: it compiles, and refuses to open one.
//
// Only sources that clone repositories use the real library, and the report `--json-legacy`. No scan here does: the scanner
// fetches by itself, and runs `trufflehog filesystem --json`. No detector uses it. Written from the names that these use; it holds
// nothing of the library's own code.
package git

import (
	"errors"

	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// ErrLeftOut is what every use of this library ends with.
var ErrLeftOut = errors.New("this build of trufflehog opens no git repository: it scans files")

// LogOptions is what the sources set.
type LogOptions struct {
	All bool
}

// PlainOpenOptions is what is set before a repository is opened.
type PlainOpenOptions struct {
	DetectDotGit          bool
	EnableDotGitCommonDir bool
}

// Repository cannot be had.
type Repository struct{}

// PlainOpenWithOptions always returns ErrLeftOut.
func PlainOpenWithOptions(string, *PlainOpenOptions) (*Repository, error) {
	return nil, ErrLeftOut
}

// Branches always returns ErrLeftOut.
func (*Repository) Branches() (Branches, error) {
	return Branches{}, ErrLeftOut
}

// CommitObject always returns ErrLeftOut.
func (*Repository) CommitObject(plumbing.Hash) (*object.Commit, error) {
	return nil, ErrLeftOut
}

// Remote always returns ErrLeftOut.
func (*Repository) Remote(string) (*Remote, error) {
	return nil, ErrLeftOut
}

// Remotes always returns ErrLeftOut.
func (*Repository) Remotes() ([]*Remote, error) {
	return nil, ErrLeftOut
}

// ResolveRevision always returns ErrLeftOut.
func (*Repository) ResolveRevision(plumbing.Revision) (*plumbing.Hash, error) {
	return nil, ErrLeftOut
}

// Branches cannot be had.
type Branches struct{}

// ForEach always returns ErrLeftOut.
func (Branches) ForEach(func(*plumbing.Reference) error) error {
	return ErrLeftOut
}

// Remote cannot be had.
type Remote struct{}

// Config says nothing.
func (*Remote) Config() *config.RemoteConfig {
	return &config.RemoteConfig{}
}
