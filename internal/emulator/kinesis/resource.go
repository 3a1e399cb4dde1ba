package kinesis

import (
	"strings"
	"time"

	"weir/internal/quota"
)

// resource is what tags and a policy belong to: a stream, or one of its
// consumers.
type resource struct {
	arn    string
	tags   *map[string]string // the map is replaced, never written to
	policy *string
}

func (v *validation) resource(arn *string) {
	v.needs("resourceARN", arn, resourcePattern, 1, quota.MaxARNChars)
}

// withResource does something to the stream or the consumer of that ARN, under
// the stream's lock.
func (s *Server) withResource(arn string, now time.Time, do func(resource) error) error {
	ref := streamRef{StreamName: new(nameOf(arn))}
	return s.locked(ref, now, func(st *stream) error {
		if !strings.Contains(arn, "/consumer/") {
			return do(resource{st.arn, &st.settings.tags, &st.settings.policy})
		}
		c := st.consumerOf(arn, now)
		if c == nil {
			return s.consumerNotFound(arn)
		}
		return do(resource{c.arn, &c.tags, &c.policy})
	})
}
