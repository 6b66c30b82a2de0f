// Package stscreds stands in for credentials that Amazon Web Services lend: it compiles, and gets none.
package stscreds

// AssumeRoleOptions is what the source sets.
type AssumeRoleOptions struct {
	RoleSessionName string
}

// NewAssumeRoleProvider provides nothing.
func NewAssumeRoleProvider(any, string, ...func(*AssumeRoleOptions)) any {
	return nil
}
