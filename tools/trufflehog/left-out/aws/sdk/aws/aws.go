// Package aws stands in for the SDK of Amazon Web Services in our build of trufflehog: it compiles, and holds no credentials.
//
// Only the source of `trufflehog s3` and the verification of found keys use the real SDK. No scan here does either: the scanner
// runs `trufflehog filesystem --no-verification`. What the detectors match does not depend on it. Written from the names that
// these two use; it holds nothing of the SDK's own code. Where a parameter is only handed on between parts of the SDK, it is of
// any type, so that the stand-ins for these parts do not import each other.
package aws

// CredentialsProvider is anything that the SDK would take credentials from.
type CredentialsProvider any

// AnonymousCredentials are none.
type AnonymousCredentials struct{}

// NewCredentialsCache returns what it is given.
func NewCredentialsCache(provider CredentialsProvider) CredentialsProvider {
	return provider
}

// String returns where `text` is.
func String(text string) *string {
	return &text
}
