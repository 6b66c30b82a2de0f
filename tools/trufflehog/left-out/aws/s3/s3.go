// Package s3 stands in for the client of Amazon's storage in our build of trufflehog: it compiles, and refuses to connect. See the
// stand-in for the SDK's package aws.
package s3

import (
	"context"
	"errors"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// ErrLeftOut is what every use of this client ends with.
var ErrLeftOut = errors.New("this build of trufflehog has no client of Amazon Web Services")

// Options is what the source sets, and asks for.
type Options struct {
	Region                                    string
	DisableLogOutputChecksumValidationSkipped bool
}

// Client connects to nothing.
type Client struct{}

// NewFromConfig returns a client that connects to nothing.
func NewFromConfig(any, ...func(*Options)) *Client {
	return &Client{}
}

// Options says nothing.
func (*Client) Options() Options {
	return Options{}
}

// ListBuckets always returns ErrLeftOut.
func (*Client) ListBuckets(context.Context, *ListBucketsInput) (*ListBucketsOutput, error) {
	return nil, ErrLeftOut
}

// ListObjectsV2 always returns ErrLeftOut.
func (*Client) ListObjectsV2(context.Context, *ListObjectsV2Input) (*ListObjectsV2Output, error) {
	return nil, ErrLeftOut
}

// GetObject always returns ErrLeftOut.
func (*Client) GetObject(context.Context, *GetObjectInput) (*GetObjectOutput, error) {
	return nil, ErrLeftOut
}

// ListBucketsInput asks for all buckets.
type ListBucketsInput struct{}

// ListBucketsOutput holds buckets.
type ListBucketsOutput struct {
	Buckets []types.Bucket
}

// ListObjectsV2Input asks for a bucket's objects.
type ListObjectsV2Input struct {
	Bucket     *string
	StartAfter *string
}

// ListObjectsV2Output holds objects.
type ListObjectsV2Output struct {
	Contents []types.Object
}

// GetObjectInput asks for an object.
type GetObjectInput struct {
	Bucket *string
	Key    *string
}

// GetObjectOutput holds an object.
type GetObjectOutput struct {
	Body io.ReadCloser
}

// ListObjectsV2Paginator has one page, which is ErrLeftOut.
type ListObjectsV2Paginator struct {
	ended bool
}

// NewListObjectsV2Paginator returns a listing that ends with ErrLeftOut.
func NewListObjectsV2Paginator(*Client, *ListObjectsV2Input) *ListObjectsV2Paginator {
	return &ListObjectsV2Paginator{}
}

// HasMorePages says whether NextPage was not called yet.
func (p *ListObjectsV2Paginator) HasMorePages() bool {
	return !p.ended
}

// NextPage always returns ErrLeftOut.
func (p *ListObjectsV2Paginator) NextPage(context.Context) (*ListObjectsV2Output, error) {
	p.ended = true
	return nil, ErrLeftOut
}
