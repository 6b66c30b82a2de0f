// Package authn stands in for the credentials of a container registry: it compiles, and nothing reads what is set.
package authn

// DefaultKeychain has no credentials.
var DefaultKeychain struct{}

// Basic is a name and a password.
type Basic struct {
	Username string
	Password string
}

// Bearer is a token.
type Bearer struct {
	Token string
}
