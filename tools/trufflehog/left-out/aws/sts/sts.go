// Package sts stands in for the service of Amazon that says whose a key is: it compiles, and refuses to connect. See the stand-in
// for the SDK's package aws.
package sts

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

// GetCallerIdentity always returns ErrLeftOut.
func (*Client) GetCallerIdentity(context.Context, *GetCallerIdentityInput) (*GetCallerIdentityOutput, error) {
	return nil, ErrLeftOut
}

// GetCallerIdentityInput asks whose the key is.
type GetCallerIdentityInput struct{}

// GetCallerIdentityOutput says whose the key is.
type GetCallerIdentityOutput struct {
	Account *string
	UserId  *string
	Arn     *string
}
