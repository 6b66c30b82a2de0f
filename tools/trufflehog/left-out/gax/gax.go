// Package gax stands in for the retries of the client of Google's storage: it compiles, and nothing reads them.
package gax

import "time"

// Backoff says how long to wait.
type Backoff struct {
	Initial    time.Duration
	Max        time.Duration
	Multiplier float64
}
