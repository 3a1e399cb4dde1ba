package cloudwatch

import "encoding/base64"

// sealToken makes a NextToken of where the next page begins. It is opaque to
// clients, not secret.
func sealToken(position string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(position))
}

func openToken(token string) (string, error) {
	position, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", invalidNextToken()
	}
	return string(position), nil
}
