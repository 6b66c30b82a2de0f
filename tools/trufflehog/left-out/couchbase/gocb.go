// Package gocb stands in for Couchbase's client in our build of trufflehog: it compiles, and refuses to connect.
//
// Only the verification of found Couchbase credentials uses the real client, and no scan here verifies: the scanner runs
// trufflehog with `--no-verification`. What the detector matches does not depend on it. Written from the names that the detector
// uses; it holds nothing of the client's own code.
package gocb

import (
	"errors"
	"time"
)

// ErrLeftOut is what every use of this client ends with.
var ErrLeftOut = errors.New("this build of trufflehog has no Couchbase client")

// ClusterConfigProfileWanDevelopment is a profile that nothing applies.
const ClusterConfigProfileWanDevelopment = ""

// PingStateOk is a state that nothing is in.
const PingStateOk = 1

// PasswordAuthenticator is a name and a password.
type PasswordAuthenticator struct {
	Username string
	Password string
}

// ClusterOptions is what the detector sets before it connects.
type ClusterOptions struct {
	Authenticator PasswordAuthenticator
}

// ApplyProfile always returns ErrLeftOut.
func (*ClusterOptions) ApplyProfile(string) error {
	return ErrLeftOut
}

// Cluster cannot be had.
type Cluster struct{}

// Connect always returns ErrLeftOut.
func Connect(string, ClusterOptions) (*Cluster, error) {
	return nil, ErrLeftOut
}

// Ping always returns ErrLeftOut.
func (*Cluster) Ping(*PingOptions) (*PingResult, error) {
	return nil, ErrLeftOut
}

// PingOptions says how long to wait.
type PingOptions struct {
	Timeout time.Duration
}

// PingResult is what services answered.
type PingResult struct {
	Services map[int][]EndpointPingReport
}

// EndpointPingReport is what one service answered.
type EndpointPingReport struct {
	State int
}
