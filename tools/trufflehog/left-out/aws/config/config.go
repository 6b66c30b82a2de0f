// Package config stands in for the configuration of the SDK of Amazon Web Services: see the stand-in for its package aws.
package config

import (
	"context"
	"errors"
)

// ErrLeftOut is what every use of the SDK ends with: each begins with a configuration.
var ErrLeftOut = errors.New("this build of trufflehog has no client of Amazon Web Services")

// HTTPClient is anything that the SDK would connect with.
type HTTPClient any

// Config cannot be had.
type Config struct{}

// LoadDefaultConfig always returns ErrLeftOut.
func LoadDefaultConfig(context.Context, ...any) (Config, error) {
	return Config{}, ErrLeftOut
}

// WithRegion sets nothing.
func WithRegion(string) any {
	return nil
}

// WithHTTPClient sets nothing.
func WithHTTPClient(HTTPClient) any {
	return nil
}

// WithCredentialsProvider sets nothing.
func WithCredentialsProvider(any) any {
	return nil
}
