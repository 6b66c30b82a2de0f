// Package config stands in for what a git repository says of its remotes. See the stand-in for package git.
package config

// RemoteConfig describes a remote.
type RemoteConfig struct {
	Name string
	URLs []string
}
