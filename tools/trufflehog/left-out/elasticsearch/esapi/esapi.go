// Package esapi holds the three requests that trufflehog's Elasticsearch source makes. None is ever sent: there is no client.
package esapi

import (
	"context"
	"errors"
	"io"
	"net/http"
)

var errLeftOut = errors.New("this build of trufflehog has no Elasticsearch client")

// Transport is what the client would be.
type Transport interface {
	Perform(*http.Request) (*http.Response, error)
}

// Response is never made.
type Response struct {
	Body io.ReadCloser
}

// IndicesGetRequest asks for the names of indices.
type IndicesGetRequest struct {
	Index []string
}

// SearchRequest asks for documents.
type SearchRequest struct {
	Index          []string
	Body           io.Reader
	SearchType     string
	Size           *int
	SourceIncludes []string
	SourceExcludes []string
}

// OpenPointInTimeRequest asks for a view of an index that later changes do not touch.
type OpenPointInTimeRequest struct {
	Index     []string
	KeepAlive string
}

// Do always returns an error.
func (IndicesGetRequest) Do(context.Context, Transport) (*Response, error) {
	return nil, errLeftOut
}

// Do always returns an error.
func (SearchRequest) Do(context.Context, Transport) (*Response, error) {
	return nil, errLeftOut
}

// Do always returns an error.
func (OpenPointInTimeRequest) Do(context.Context, Transport) (*Response, error) {
	return nil, errLeftOut
}
