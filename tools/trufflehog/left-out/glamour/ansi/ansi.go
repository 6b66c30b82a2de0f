// Package ansi stands in for the styles of Markdown in our build of trufflehog: they can be set, and nothing is rendered with them.
//
// Only the menus that trufflehog shows without arguments hold such a style. Written from the names that they use; it holds
// nothing of the library's own code.
package ansi

// StyleConfig is the style of a document.
type StyleConfig struct {
	H1        StyleBlock
	Document  StyleBlock
	CodeBlock StyleCodeBlock
}

// StyleBlock is the style of a part.
type StyleBlock struct {
	StylePrimitive
}

// StyleCodeBlock is the style of code.
type StyleCodeBlock struct {
	Chroma *Chroma
}

// Chroma is the style of what code is made of.
type Chroma struct {
	Text  StylePrimitive
	Name  StylePrimitive
	Error StylePrimitive
}

// StylePrimitive is the style of a text.
type StylePrimitive struct {
	Prefix          string
	Suffix          string
	Color           *string
	BackgroundColor *string
}
