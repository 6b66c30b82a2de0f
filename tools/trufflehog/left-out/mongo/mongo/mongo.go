// Package mongo stands in for MongoDB's driver in our build of trufflehog: it compiles, and refuses to connect.
//
// Only the verification of found MongoDB connection strings uses the real driver, and no scan here verifies: the scanner runs
// trufflehog with `--no-verification`. What the detector matches does not depend on it. Written from the names that the detector
// uses; it holds nothing of the driver's own code.
package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/readpref"
)

// ErrLeftOut is what every use of this driver ends with.
var ErrLeftOut = errors.New("this build of trufflehog has no MongoDB driver")

// Client cannot be had.
type Client struct{}

// Connect always returns ErrLeftOut.
func Connect(context.Context, *options.ClientOptions) (*Client, error) {
	return nil, ErrLeftOut
}

// Disconnect always returns ErrLeftOut.
func (*Client) Disconnect(context.Context) error {
	return ErrLeftOut
}

// Ping always returns ErrLeftOut.
func (*Client) Ping(context.Context, readpref.ReadPref) error {
	return ErrLeftOut
}
