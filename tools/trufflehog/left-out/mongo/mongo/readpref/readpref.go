// Package readpref stands in for a setting of MongoDB's driver: it compiles, and nothing reads it.
package readpref

// ReadPref holds nothing.
type ReadPref struct{}

// Primary is the only one.
func Primary() ReadPref {
	return ReadPref{}
}
