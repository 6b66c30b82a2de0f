// Package options stands in for the settings of MongoDB's driver: it compiles, and nothing reads them.
package options

import "time"

// ClientOptions holds nothing.
type ClientOptions struct{}

// Client returns settings that nothing reads.
func Client() *ClientOptions {
	return &ClientOptions{}
}

// SetTimeout sets nothing.
func (o *ClientOptions) SetTimeout(time.Duration) *ClientOptions {
	return o
}

// ApplyURI sets nothing.
func (o *ClientOptions) ApplyURI(string) *ClientOptions {
	return o
}

// Validate finds nothing wrong: connecting is what fails.
func (*ClientOptions) Validate() error {
	return nil
}
