// Package ghinstallation stands in for what makes tokens of GitHub apps in our build of trufflehog: it compiles, and refuses to.
//
// Only the source of `trufflehog github` uses the real library, and only as an app. No scan here runs it: the scanner runs
// `trufflehog filesystem`. No detector uses it. Written from the names that this source uses; it holds nothing of the library's
// own code.
package ghinstallation

import (
	"errors"
	"net/http"
)

// ErrLeftOut is what every use ends with.
var ErrLeftOut = errors.New("this build of trufflehog makes no tokens of GitHub apps")

// Transport cannot be had.
type Transport struct {
	http.RoundTripper
	BaseURL string
}

// AppsTransport cannot be had.
type AppsTransport struct {
	http.RoundTripper
	BaseURL string
}

// New always returns ErrLeftOut.
func New(http.RoundTripper, int64, int64, []byte) (*Transport, error) {
	return nil, ErrLeftOut
}

// NewAppsTransport always returns ErrLeftOut.
func NewAppsTransport(http.RoundTripper, int64, []byte) (*AppsTransport, error) {
	return nil, ErrLeftOut
}
