package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// unreadable parts are blockers: what can't be read can't be tested.
func unreadable(f *Facts) []Finding {
	var all []Finding
	for _, u := range f.Unreadable {
		finding := Finding{
			ID: "unreadable", Severity: Blocker, What: u.Part + " can't be read", Why: u.Error,
			Fix: "weir doctor --iam prints the permissions that weir needs",
		}
		if u.Missing {
			finding.ID, finding.What = "missing", u.Part+" isn't there"
			finding.Fix = "check --stream, --function and the region; weir env up makes a test pipeline"
		}
		all = append(all, finding)
	}
	return all
}

// Limits of the clock. AWS refuses signatures that are five minutes off
// (IAM/latest/UserGuide/reference_sigv-troubleshooting, 2026-11-22). What is
// under the tolerance can't be told from the resolution of the Date header.
const (
	signatureSkew  = 5 * time.Minute
	clockTolerance = 2 * time.Second
)

func clock(f *Facts) []Finding {
	if f.ClockAhead == nil {
		return nil
	}
	off := f.ClockAhead.Abs()
	finding := Finding{
		ID: "clock", What: fmt.Sprintf("this machine's clock is %v off AWS's", off.Round(time.Second)),
		Fix: "sudo timedatectl set-ntp true",
	}
	switch {
	case off >= signatureSkew:
		finding.Severity, finding.Why = Blocker, "AWS refuses requests that are signed five minutes off"
	case off >= clockTolerance:
		finding.Severity, finding.Why = Warning, "record latency is taken from this clock to the function's: every figure would be off by as much"
	default:
		return nil
	}
	return []Finding{finding}
}

// permissions that are refused block what they are for; of those that can't be
// told there is one note.
func permissions(f *Facts) []Finding {
	var all []Finding
	var unknown []string
	for _, p := range f.Permissions {
		switch p.Allowed {
		case Denied:
			all = append(all, Finding{
				ID: "permission", Severity: Blocker, What: p.Action + " is denied",
				Why: fmt.Sprintf("weir needs it to %s (%s)", p.For, p.How), Fix: "weir doctor --iam > policy.json; attach it to " + f.Caller,
			})
		case Unsure:
			unknown = append(unknown, p.Action)
		}
	}
	if len(unknown) == 0 || len(unknown) == len(f.Permissions) && f.Pipeline == embedded {
		return all
	}
	slices.Sort(unknown)
	return append(all, Finding{
		ID: "permission-unknown", Severity: Note, What: "whether these are allowed is not known: " + strings.Join(unknown, ", "),
		Why: "they could be tried neither dry nor by iam:SimulatePrincipalPolicy", Fix: "allow iam:SimulatePrincipalPolicy, or attach what weir doctor --iam prints",
	})
}

// embedded is Facts.Pipeline of one that asks for no permissions.
const embedded = "embedded"

// shardQuota warns before the region's shards run out.
func shardQuota(f *Facts) []Finding {
	q := f.Quotas
	if f.Stream == nil || f.Stream.OnDemand || q.Shards == 0 || float64(q.OpenShards) < 0.9*float64(q.Shards) {
		return nil
	}
	return []Finding{{
		ID: "shard-quota", Severity: Warning, What: fmt.Sprintf("%d of the region's %d shards are in use", q.OpenShards, q.Shards),
		Why: "the stream can't be resharded beyond them",
		Fix: "aws service-quotas request-service-quota-increase --service-code kinesis --quota-code L-48EF5AB2 --desired-value " + fmt.Sprint(2*q.Shards),
	}}
}
