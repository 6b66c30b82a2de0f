// Package http stands in for the SDK's HTTP client: it compiles, and connects to nothing.
package http

import (
	"net"
	"net/http"
	"time"
)

// BuildableClient holds nothing.
type BuildableClient struct{}

// NewBuildableClient returns a client that connects to nothing.
func NewBuildableClient() *BuildableClient {
	return &BuildableClient{}
}

// WithTimeout sets nothing.
func (c *BuildableClient) WithTimeout(time.Duration) *BuildableClient {
	return c
}

// WithDialerOptions sets nothing.
func (c *BuildableClient) WithDialerOptions(...func(*net.Dialer)) *BuildableClient {
	return c
}

// WithTransportOptions sets nothing.
func (c *BuildableClient) WithTransportOptions(...func(*http.Transport)) *BuildableClient {
	return c
}
