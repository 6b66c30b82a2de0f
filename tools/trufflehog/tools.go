//go:build tools

// Package tools pins trufflehog: its own go.mod has replace lines, which `go install` refuses.
package tools

import _ "github.com/trufflesecurity/trufflehog/v3"
