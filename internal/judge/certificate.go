package judge

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"weir/internal/record"
)

// Certificate says what a pipeline in one configuration was shown to carry. It
// is void for any other configuration.
type Certificate struct {
	Format    int       `json:"format"`
	Made      time.Time `json:"made"`
	Campaign  string    `json:"campaign"`
	Rehearsal bool      `json:"rehearsal"` // nothing in it is a result
	// Configuration is what was tested, Hash its fingerprint.
	Configuration map[string]string `json:"configuration"`
	Hash          string            `json:"configuration_sha256"`
	PayloadBytes  int               `json:"payload_bytes"`
	// JudgedBy is what "sustained" meant, in words.
	JudgedBy string `json:"judged_by"`
	// Sustained is the highest rate at which everything held, records per second,
	// for Longest.
	Sustained float64       `json:"sustained_per_s"`
	Longest   time.Duration `json:"longest_ns"`
	// Knee is where it gives out, 0 where that was not found; Headroom the part
	// of it above Sustained.
	Knee     float64 `json:"knee_per_s"`
	Headroom float64 `json:"headroom"`
	Resource string  `json:"resource"`
	Run      string  `json:"run"` // that showed Sustained
}

// certificateFormat is the version of the certificate's layout.
const certificateFormat = 1

// Certify is the certificate of the highest sustained rate among runs on one
// configuration; false where none was sustained. The configuration is that of
// the run with that rate.
func Certify(campaign string, runs []*record.Data, verdicts []Verdict, now time.Time) (Certificate, bool) {
	c := Certificate{Format: certificateFormat, Made: now.UTC(), Campaign: campaign}
	for i, d := range runs {
		for _, s := range verdicts[i].Steps {
			length := d.Run.Steps[s.Index].End.Sub(d.Run.Steps[s.Index].Start)
			better := s.Rate > c.Sustained || s.Rate == c.Sustained && length > c.Longest
			if !s.Judged || s.Sustained == nil || !*s.Sustained || !better {
				continue
			}
			c.Sustained, c.Longest, c.Run = s.Rate, length, d.Run.ID
			c.PayloadBytes, c.Rehearsal = d.Run.Test.Payload.Bytes, verdicts[i].Rehearsal
			c.JudgedBy = d.Run.Test.JudgedBy()
			c.Configuration = Configuration(d)
			c.Hash = hashOf(c.Configuration)
		}
	}
	return c, c.Sustained > 0
}

// Found adds where the pipeline gives out.
func (c *Certificate) Found(knee float64, resource string) {
	c.Knee, c.Resource = knee, resource
	if knee > 0 {
		c.Headroom = max(0, 1-c.Sustained/knee)
	}
}

// Configuration is all of a run's pipeline that its capacity depends on, in
// words by name. Names of streams and identities of mappings are left out.
func Configuration(d *record.Data) map[string]string {
	p := d.Run.Pipeline
	return map[string]string{
		"pipeline": p.Kind, "profile": p.Profile, "region": p.Region, "stream mode": p.StreamMode,
		"shards": fmt.Sprint(p.Shards), "retention hours": fmt.Sprint(p.RetentionHours), "record bytes at most": fmt.Sprint(p.MaxRecordBytes),
		"shard limit factor": fmt.Sprint(cmp.Or(p.ShardLimitFactor, 1)),
		"function timeout":   p.FunctionTimeout.String(), "function memory MB": fmt.Sprint(p.FunctionMemoryMB),
		"function runtime": p.FunctionRuntime, "reserved concurrency": fmt.Sprint(p.Concurrency),
		"batch size": fmt.Sprint(p.BatchSize), "batching window": p.BatchingWindow.String(),
		"parallelization factor": fmt.Sprint(p.Parallelization), "retry attempts": fmt.Sprint(p.RetryAttempts),
	}
}

// Differing says what of a configuration is not as it was.
func Differing(was, is map[string]string) []string {
	var reasons []string
	for _, name := range slices.Sorted(maps.Keys(was)) {
		if is[name] != was[name] {
			reasons = append(reasons, fmt.Sprintf("%s is %s, was %s", name, is[name], was[name]))
		}
	}
	return reasons
}

func hashOf(configuration map[string]string) string {
	text, err := json.Marshal(configuration) // keys come sorted
	if err != nil {
		return "" // strings always encode
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Void says why a certificate does not hold for the pipeline of a run; empty
// where it does.
func (c Certificate) Void(d *record.Data) []string {
	var reasons []string
	if c.Rehearsal {
		reasons = append(reasons, "it comes from a rehearsal")
	}
	if hashOf(c.Configuration) != c.Hash {
		reasons = append(reasons, "its configuration was edited: the fingerprint does not match")
	}
	reasons = append(reasons, Differing(c.Configuration, Configuration(d))...)
	if d.Run.Test.Payload.Bytes > c.PayloadBytes {
		reasons = append(reasons, fmt.Sprintf("the records have %d bytes, had %d", d.Run.Test.Payload.Bytes, c.PayloadBytes))
	}
	slices.Sort(reasons)
	return reasons
}
