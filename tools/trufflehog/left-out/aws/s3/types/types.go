// Package types stands in for what Amazon's storage says of its objects, which our build of trufflehog does not ask.
package types

import "time"

// ObjectStorageClass says how an object is kept.
type ObjectStorageClass string

// Kinds that the source leaves out.
const (
	ObjectStorageClassGlacier   ObjectStorageClass = "GLACIER"
	ObjectStorageClassGlacierIr ObjectStorageClass = "GLACIER_IR"
)

// Bucket describes a bucket.
type Bucket struct {
	Name *string
}

// Object describes an object.
type Object struct {
	Key          *string
	Size         *int64
	StorageClass ObjectStorageClass
	Owner        *Owner
	LastModified *time.Time
}

// Owner is whose an object is.
type Owner struct {
	DisplayName *string
}
