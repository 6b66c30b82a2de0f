module cloud.google.com/go/secretmanager

go 1.24.0
