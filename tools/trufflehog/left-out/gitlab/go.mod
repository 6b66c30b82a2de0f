module gitlab.com/gitlab-org/api/client-go

go 1.24.0
