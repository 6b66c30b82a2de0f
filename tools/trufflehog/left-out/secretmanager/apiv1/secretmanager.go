// Package secretmanager stands in for the client of Google's Secret Manager in our build of trufflehog: it compiles, and
// refuses to connect.
//
// Only a helper of trufflehog's own tests uses the real client. Written from the names that this helper uses; it holds nothing
// of the client's own code.
package secretmanager

import (
	"context"
	"errors"

	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
)

// ErrLeftOut is what every use of this client ends with.
var ErrLeftOut = errors.New("this build of trufflehog has no client of Google's Secret Manager")

// Client cannot be had.
type Client struct{}

// NewClient always returns ErrLeftOut.
func NewClient(context.Context) (*Client, error) {
	return nil, ErrLeftOut
}

// Close has nothing to close.
func (*Client) Close() error {
	return nil
}

// AccessSecretVersion always returns ErrLeftOut.
func (*Client) AccessSecretVersion(
	context.Context, *secretmanagerpb.AccessSecretVersionRequest,
) (*secretmanagerpb.AccessSecretVersionResponse, error) {
	return nil, ErrLeftOut
}
