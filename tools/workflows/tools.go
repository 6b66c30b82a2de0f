//go:build tools

// Package tools holds what checks and runs the workflows to its version.
package tools

import (
	_ "github.com/nektos/act"
	_ "github.com/rhysd/actionlint/cmd/actionlint"
)
