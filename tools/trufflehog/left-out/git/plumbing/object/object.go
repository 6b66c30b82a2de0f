// Package object stands in for the objects of a git repository. See the stand-in for package git.
package object

import (
	"errors"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// ErrLeftOut is what every use of an object ends with.
var ErrLeftOut = errors.New("this build of trufflehog opens no git repository: it scans files")

// Errors that nobody returns.
var (
	ErrFileNotFound   = errors.New("file not found")
	ErrParentNotFound = errors.New("parent not found")
)

// Signature is who made a commit, and when.
type Signature struct {
	When time.Time
}

// Commit cannot be had.
type Commit struct {
	Hash      plumbing.Hash
	Committer Signature
	Message   string
}

// File always returns ErrLeftOut.
func (*Commit) File(string) (*File, error) {
	return nil, ErrLeftOut
}

// IsAncestor always returns ErrLeftOut.
func (*Commit) IsAncestor(*Commit) (bool, error) {
	return false, ErrLeftOut
}

// MergeBase always returns ErrLeftOut.
func (*Commit) MergeBase(*Commit) ([]*Commit, error) {
	return nil, ErrLeftOut
}

// Parent always returns ErrLeftOut.
func (*Commit) Parent(int) (*Commit, error) {
	return nil, ErrLeftOut
}

// File cannot be had.
type File struct{}

// Contents always returns ErrLeftOut.
func (*File) Contents() (string, error) {
	return "", ErrLeftOut
}
