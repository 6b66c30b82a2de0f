// Package sentry stands in for the client of Sentry in our build of trufflehog: it compiles, and reports nothing.
//
// trufflehog itself never gives it an address to report to, so that the real client reports nothing either. Written from the
// names that trufflehog's log uses; it holds nothing of the client's own code.
package sentry

import (
	"errors"
	"time"
)

// ErrLeftOut is why there is no client.
var ErrLeftOut = errors.New("this build of trufflehog has no client of Sentry")

// ClientOptions holds nothing.
type ClientOptions struct{}

// Client cannot be had.
type Client struct{}

// NewClient always returns ErrLeftOut.
func NewClient(ClientOptions) (*Client, error) {
	return nil, ErrLeftOut
}

// EventID is what a report would be found by.
type EventID string

// Hub reports nothing.
type Hub struct{}

// CurrentHub returns a hub that reports nothing.
func CurrentHub() Hub {
	return Hub{}
}

// Recover reports nothing, as the real hub does without a client.
func (Hub) Recover(any) *EventID {
	return nil
}

// Flush says, as the real one without a client, that nothing was sent.
func Flush(time.Duration) bool {
	return false
}
