// Package auth stands in for the refusals of a MongoDB server, which our build of trufflehog does not ask.
package auth

// Error is one that nobody returns.
type Error struct{}

// Error says nothing.
func (*Error) Error() string {
	return ""
}
