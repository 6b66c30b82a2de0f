// Package credentials stands in for the credentials of Amazon Web Services: it compiles, and forgets them.
package credentials

// NewStaticCredentialsProvider provides nothing.
func NewStaticCredentialsProvider(_, _, _ string) any {
	return nil
}
