// Package iterator stands in for the end of a listing of Google's storage, which our build of trufflehog cannot read.
package iterator

import "errors"

// Done is an end that no listing comes to.
var Done = errors.New("no more items in iterator")
