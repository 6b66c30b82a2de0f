// Package storage stands in for the client of Google's storage in our build of trufflehog: it compiles, and refuses to connect.
//
// Only the source of `trufflehog gcs` uses the real client, which no scan here runs: the scanner runs `trufflehog filesystem`.
// No detector uses it. Written from the names that this source uses; it holds nothing of the client's own code.
package storage

import (
	"context"
	"errors"
	"io"
	"time"
)

// ErrLeftOut is what every use of this client ends with.
var ErrLeftOut = errors.New("this build of trufflehog has no client of Google's storage")

// ScopeReadOnly is a scope that nobody is asked for.
const ScopeReadOnly = ""

// RetryAlways is a policy that nothing reads.
const RetryAlways = 0

// Client cannot be had.
type Client struct{}

// NewClient always returns ErrLeftOut.
func NewClient(context.Context, ...any) (*Client, error) {
	return nil, ErrLeftOut
}

// Bucket returns a bucket that cannot be read.
func (*Client) Bucket(string) *BucketHandle {
	return &BucketHandle{}
}

// Buckets returns an iterator that ends with ErrLeftOut.
func (*Client) Buckets(context.Context, string) *BucketIterator {
	return &BucketIterator{}
}

// BucketIterator ends with ErrLeftOut.
type BucketIterator struct{}

// Next always returns ErrLeftOut.
func (*BucketIterator) Next() (*BucketAttrs, error) {
	return nil, ErrLeftOut
}

// BucketAttrs describes a bucket.
type BucketAttrs struct {
	Name string
}

// BucketHandle cannot be read.
type BucketHandle struct{}

// Retryer returns the same bucket.
func (b *BucketHandle) Retryer(...any) *BucketHandle {
	return b
}

// Objects returns an iterator that ends with ErrLeftOut.
func (*BucketHandle) Objects(context.Context, *Query) *ObjectIterator {
	return &ObjectIterator{}
}

// Object returns an object that cannot be read.
func (*BucketHandle) Object(string) *ObjectHandle {
	return &ObjectHandle{}
}

// ObjectIterator ends with ErrLeftOut.
type ObjectIterator struct{}

// Next always returns ErrLeftOut.
func (*ObjectIterator) Next() (*ObjectAttrs, error) {
	return nil, ErrLeftOut
}

// ObjectHandle cannot be read.
type ObjectHandle struct{}

// Attrs always returns ErrLeftOut.
func (*ObjectHandle) Attrs(context.Context) (*ObjectAttrs, error) {
	return nil, ErrLeftOut
}

// NewReader always returns ErrLeftOut.
func (*ObjectHandle) NewReader(context.Context) (io.ReadCloser, error) {
	return nil, ErrLeftOut
}

// ObjectAttrs describes an object.
type ObjectAttrs struct {
	Name        string
	Bucket      string
	ContentType string
	Owner       string
	MediaLink   string
	MD5         []byte
	Created     time.Time
	Updated     time.Time
	ACL         []ACLRule
	Size        int64
}

// ACLRule says who may read.
type ACLRule struct {
	Entity string
}

// Query selects objects.
type Query struct {
	StartOffset string
}

// SetAttrSelection always returns ErrLeftOut.
func (*Query) SetAttrSelection([]string) error {
	return ErrLeftOut
}

// WithBackoff sets nothing.
func WithBackoff(any) any {
	return nil
}

// WithPolicy sets nothing.
func WithPolicy(any) any {
	return nil
}
