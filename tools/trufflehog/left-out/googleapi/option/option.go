// Package option stands in for the settings of the client of Google's storage: it compiles, and nothing reads them.
package option

import "net/http"

// WithHTTPClient sets nothing.
func WithHTTPClient(*http.Client) any {
	return nil
}

// WithScopes sets nothing.
func WithScopes(...string) any {
	return nil
}

// WithAPIKey sets nothing.
func WithAPIKey(string) any {
	return nil
}

// WithCredentialsJSON sets nothing.
func WithCredentialsJSON([]byte) any {
	return nil
}

// WithoutAuthentication sets nothing.
func WithoutAuthentication() any {
	return nil
}
