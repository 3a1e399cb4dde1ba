package kinesis

// EncryptionType's values.
const (
	encryptionNone = "NONE"
	encryptionKMS  = "KMS"
)

type encryptionRequest struct {
	streamRef
	EncryptionType *string
	KeyID          *string `json:"KeyId"`
}

func (r *encryptionRequest) check(v *validation) {
	v.stream(r.streamRef)
	v.needsChoice("encryptionType", r.EncryptionType, encryptionKMS, encryptionNone)
	v.needs("keyId", r.KeyID, "", 1, 2048)
}

// startStreamEncryption answers StartStreamEncryption. The key is noted and
// nothing is encrypted.
func (s *Server) startStreamEncryption(c *call) (any, error) {
	return s.encrypt(c, func(key string) string { return key })
}

// stopStreamEncryption answers StopStreamEncryption.
func (s *Server) stopStreamEncryption(c *call) (any, error) {
	return s.encrypt(c, func(string) string { return "" })
}

func (s *Server) encrypt(c *call, key func(asked string) string) (any, error) {
	var in encryptionRequest
	if err := c.read(&in, in.check); err != nil {
		return nil, err
	}
	if *in.EncryptionType != encryptionKMS {
		return nil, invalidArgument("EncryptionType must be KMS.")
	}
	return nil, s.update(in.streamRef, c.start, func(st *stream) error {
		st.settings.key = key(*in.KeyID)
		return nil
	})
}
