package kinesis

// describeAccountSettings answers DescribeAccountSettings: the account has no
// commitment to a minimum throughput.
func (s *Server) describeAccountSettings(*call) (any, error) {
	var out struct {
		MinimumThroughputBillingCommitment struct{ Status string }
	}
	out.MinimumThroughputBillingCommitment.Status = "DISABLED"
	return out, nil
}
