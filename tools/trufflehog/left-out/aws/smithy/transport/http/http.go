// Package http stands in for a request to Amazon Web Services: it compiles, and none is sent.
package http

import "net/http"

// Request is a request.
type Request struct {
	*http.Request
}
