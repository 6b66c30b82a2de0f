module github.com/TheZeroSlave/zapsentry

go 1.24.0

require go.uber.org/zap v1.27.0
