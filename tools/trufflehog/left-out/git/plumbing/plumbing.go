// Package plumbing stands in for names of objects of git. See the stand-in for package git.
package plumbing

import (
	"encoding/hex"
	"errors"
)

// ErrReferenceNotFound is one that nobody returns.
var ErrReferenceNotFound = errors.New("reference not found")

// Hash is the name of an object.
type Hash [20]byte

// NewHash reads hexadecimal digits.
func NewHash(text string) Hash {
	var hash Hash
	bytes, _ := hex.DecodeString(text)
	copy(hash[:], bytes)
	return hash
}

// IsHash says whether `text` is a name in hexadecimal digits.
func IsHash(text string) bool {
	bytes, err := hex.DecodeString(text)
	return err == nil && len(bytes) == len(Hash{})
}

// String returns hexadecimal digits.
func (h Hash) String() string {
	return hex.EncodeToString(h[:])
}

// Revision names a commit.
type Revision string

// ReferenceName is the name of a branch.
type ReferenceName string

// String returns the name.
func (n ReferenceName) String() string {
	return string(n)
}

// Reference is a branch.
type Reference struct{}

// Name says nothing.
func (*Reference) Name() ReferenceName {
	return ""
}
