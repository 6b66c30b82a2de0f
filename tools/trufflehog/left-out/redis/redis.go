// Package redis stands in for the client of Redis in our build of trufflehog: it compiles, and refuses to connect.
//
// Only the verification of found Redis addresses uses the real client, and no scan here verifies: the scanner runs trufflehog
// with `--no-verification`. What the detector matches does not depend on it. Written from the names that the detector uses; it
// holds nothing of the client's own code.
package redis

import "errors"

// ErrLeftOut is what every use of this client ends with.
var ErrLeftOut = errors.New("this build of trufflehog has no Redis client")

// Options cannot be had.
type Options struct{}

// ParseURL always returns ErrLeftOut.
func ParseURL(string) (*Options, error) {
	return nil, ErrLeftOut
}

// Client connects to nothing.
type Client struct{}

// NewClient returns a client that connects to nothing.
func NewClient(*Options) *Client {
	return &Client{}
}

// Ping asks nothing.
func (*Client) Ping() *StatusCmd {
	return &StatusCmd{}
}

// StatusCmd is a question that was not asked.
type StatusCmd struct{}

// Result always returns ErrLeftOut.
func (*StatusCmd) Result() (string, error) {
	return "", ErrLeftOut
}
