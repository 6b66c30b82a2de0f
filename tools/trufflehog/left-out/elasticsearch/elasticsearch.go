// Package elasticsearch stands in for the Elasticsearch client in our build of trufflehog: it compiles, and refuses to connect.
//
// The real client is 719 of the 2,975 packages of that build and more than a quarter of its CPU time. Only the source of
// `trufflehog elasticsearch` uses it, which no scan here runs: the scanner runs `trufflehog filesystem`. No detector uses it.
// Written from the names that this source uses; it holds nothing of the client's own code.
package elasticsearch

import (
	"errors"
	"net/http"
)

// ErrLeftOut is what every use of this client ends with.
var ErrLeftOut = errors.New("this build of trufflehog has no Elasticsearch client")

// Config is what the source sets before it asks for a client.
type Config struct {
	Addresses    []string
	Username     string
	Password     string
	CloudID      string
	APIKey       string
	ServiceToken string
}

// TypedClient cannot be had.
type TypedClient struct{}

// NewTypedClient always returns ErrLeftOut.
func NewTypedClient(Config) (*TypedClient, error) {
	return nil, ErrLeftOut
}

// Perform always returns ErrLeftOut.
func (*TypedClient) Perform(*http.Request) (*http.Response, error) {
	return nil, ErrLeftOut
}
