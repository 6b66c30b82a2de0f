// Package v1 stands in for container images in our build of trufflehog: it compiles, and there is no image.
//
// Only the source of `trufflehog docker` uses the real client, which no scan here runs: the scanner runs `trufflehog filesystem`.
// No detector uses it. Written from the names that this source uses; it holds nothing of the client's own code.
package v1

import "io"

// Image is one that cannot be had.
type Image interface {
	Layers() ([]Layer, error)
	ConfigFile() (*ConfigFile, error)
}

// Layer is a part of an image.
type Layer interface {
	Digest() (Hash, error)
	Compressed() (io.ReadCloser, error)
}

// Hash is the digest of a layer.
type Hash struct{}

// String says that there is none.
func (Hash) String() string {
	return ""
}

// ConfigFile is what an image says of itself.
type ConfigFile struct {
	History []History
}

// History is one step of an image's making.
type History struct {
	CreatedBy  string
	EmptyLayer bool
}
