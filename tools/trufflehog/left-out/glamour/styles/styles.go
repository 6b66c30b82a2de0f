// Package styles stands in for the styles that the Markdown library brings.
package styles

import "github.com/charmbracelet/glamour/ansi"

// DarkStyleConfig is a style without colours.
var DarkStyleConfig = ansi.StyleConfig{CodeBlock: ansi.StyleCodeBlock{Chroma: &ansi.Chroma{}}}
