// Package jwk stands in for JSON Web Keys in our build of trufflehog: it compiles, and refuses to read them.
//
// Only the verification of found tokens reads keys, and no scan here verifies: the scanner runs trufflehog with
// `--no-verification`. What the detector matches does not depend on it. Written from the names that the detector uses; it holds
// nothing of the library's own code.
package jwk

import (
	"errors"
	"io"
)

// ErrLeftOut is what every use of keys ends with.
var ErrLeftOut = errors.New("this build of trufflehog reads no JSON Web Keys")

// Set is an empty set of keys.
type Set struct{}

// Key cannot be had.
type Key struct{}

// ParseReader always returns ErrLeftOut.
func ParseReader(io.Reader) (Set, error) {
	return Set{}, ErrLeftOut
}

// LookupKeyID finds none.
func (Set) LookupKeyID(string) (Key, bool) {
	return Key{}, false
}

// Export always returns ErrLeftOut.
func Export(Key, any) error {
	return ErrLeftOut
}
