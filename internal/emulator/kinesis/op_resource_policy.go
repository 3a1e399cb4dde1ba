package kinesis

import "encoding/json"

// noPolicy is what GetResourcePolicy gives where there is none.
const noPolicy = "{}"

// putResourcePolicy answers PutResourcePolicy. The policy is kept and not
// enforced.
func (s *Server) putResourcePolicy(c *call) (any, error) {
	var in struct{ ResourceARN, Policy *string }
	err := c.read(&in, func(v *validation) {
		v.resource(in.ResourceARN)
		v.needs("policy", in.Policy, "", 0, 0)
	})
	if err != nil {
		return nil, err
	}
	if !json.Valid([]byte(*in.Policy)) {
		return nil, invalidArgument("The policy is not valid JSON.")
	}
	return nil, s.withResource(*in.ResourceARN, c.start, func(r resource) error {
		*r.policy = *in.Policy
		return nil
	})
}

// getResourcePolicy answers GetResourcePolicy.
func (s *Server) getResourcePolicy(c *call) (any, error) {
	var in struct{ ResourceARN *string }
	if err := c.read(&in, func(v *validation) { v.resource(in.ResourceARN) }); err != nil {
		return nil, err
	}
	out := struct{ Policy string }{noPolicy}
	err := s.withResource(*in.ResourceARN, c.start, func(r resource) error {
		if *r.policy != "" {
			out.Policy = *r.policy
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// deleteResourcePolicy answers DeleteResourcePolicy.
func (s *Server) deleteResourcePolicy(c *call) (any, error) {
	var in struct{ ResourceARN *string }
	if err := c.read(&in, func(v *validation) { v.resource(in.ResourceARN) }); err != nil {
		return nil, err
	}
	return nil, s.withResource(*in.ResourceARN, c.start, func(r resource) error {
		*r.policy = ""
		return nil
	})
}
