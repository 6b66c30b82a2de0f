// Package middleware stands in for the steps of a request to Amazon Web Services: it compiles, and no step is taken.
package middleware

import "context"

// After is a place among the steps.
const After = 0

// Stack holds the steps.
type Stack struct {
	Build BuildStep
}

// BuildStep holds nothing.
type BuildStep struct{}

// Add adds nothing.
func (BuildStep) Add(any, int) error {
	return nil
}

// BuildMiddlewareFunc returns nothing.
func BuildMiddlewareFunc(
	string, func(context.Context, BuildInput, BuildHandler) (BuildOutput, Metadata, error),
) any {
	return nil
}

// BuildInput is what a step is given.
type BuildInput struct {
	Request any
}

// BuildOutput holds nothing.
type BuildOutput struct{}

// Metadata holds nothing.
type Metadata struct{}

// BuildHandler is the next step.
type BuildHandler interface {
	HandleBuild(context.Context, BuildInput) (BuildOutput, Metadata, error)
}
