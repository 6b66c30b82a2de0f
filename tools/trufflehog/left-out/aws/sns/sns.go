// Package sns stands in for Amazon's service of notifications: it compiles, and refuses to connect. See the stand-in for the
// SDK's package aws.
package sns

import (
	"context"
	"errors"
)

// ErrLeftOut is what every use of this client ends with.
var ErrLeftOut = errors.New("this build of trufflehog has no client of Amazon Web Services")

// Options is what the detector sets.
type Options struct {
	APIOptions []any
}

// Client connects to nothing.
type Client struct{}

// NewFromConfig returns a client that connects to nothing.
func NewFromConfig(any, ...func(*Options)) *Client {
	return &Client{}
}

// Publish always returns ErrLeftOut.
func (*Client) Publish(context.Context, *PublishInput) (*PublishOutput, error) {
	return nil, ErrLeftOut
}

// PublishInput is a notification.
type PublishInput struct {
	Message     *string
	PhoneNumber *string
}

// PublishOutput holds nothing.
type PublishOutput struct{}
