// Package zapsentry stands in for what sends log lines to Sentry: it compiles, and refuses to. See the stand-in for Sentry's client.
package zapsentry

import (
	"errors"

	"go.uber.org/zap/zapcore"
)

// ErrLeftOut is what every use ends with.
var ErrLeftOut = errors.New("this build of trufflehog has no client of Sentry")

// Configuration is what trufflehog's log sets.
type Configuration struct {
	Tags              map[string]string
	Level             zapcore.Level
	EnableBreadcrumbs bool
	BreadcrumbLevel   zapcore.Level
}

// NewSentryClientFromClient returns what it is given.
func NewSentryClientFromClient(client any) any {
	return client
}

// NewCore always returns ErrLeftOut.
func NewCore(Configuration, any) (zapcore.Core, error) {
	return nil, ErrLeftOut
}
