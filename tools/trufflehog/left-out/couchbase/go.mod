module github.com/couchbase/gocb/v2

go 1.24.0
