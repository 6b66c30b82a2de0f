module github.com/getsentry/sentry-go

go 1.24.0
