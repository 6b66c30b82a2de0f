// Package secretmanagerpb stands in for the messages of Google's Secret Manager, which our build of trufflehog does not ask.
package secretmanagerpb

// AccessSecretVersionRequest names a secret.
type AccessSecretVersionRequest struct {
	Name string
}

// AccessSecretVersionResponse holds a secret.
type AccessSecretVersionResponse struct {
	Payload *SecretPayload
}

// SecretPayload is a secret.
type SecretPayload struct {
	Data []byte
}
