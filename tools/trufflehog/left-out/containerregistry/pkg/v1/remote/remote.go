// Package remote stands in for the client of a container registry: it compiles, and refuses to connect.
package remote

import (
	"net/http"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Option is a setting that nothing reads.
type Option struct{}

// WithTransport sets nothing.
func WithTransport(http.RoundTripper) Option {
	return Option{}
}

// WithAuth sets nothing.
func WithAuth(any) Option {
	return Option{}
}

// WithAuthFromKeychain sets nothing.
func WithAuthFromKeychain(any) Option {
	return Option{}
}

// Image always returns name.ErrLeftOut.
func Image(name.Reference, ...Option) (v1.Image, error) {
	return nil, name.ErrLeftOut
}
