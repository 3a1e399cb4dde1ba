package local

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"weir/internal/emulator/wire"
)

// timings are the figures of a profile that a text may set, by name.
var timings = map[string]func(p *Profile, text string) error{
	"put":            latency(func(p *Profile) *wire.Latency { return &p.PutLatency }),
	"get":            latency(func(p *Profile) *wire.Latency { return &p.GetLatency }),
	"push":           latency(func(p *Profile) *wire.Latency { return &p.PushLatency }),
	"invoke":         latency(func(p *Profile) *wire.Latency { return &p.InvokeLatency }),
	"cold-start":     latency(func(p *Profile) *wire.Latency { return &p.ColdStart }),
	"poll":           positive(func(p *Profile) *time.Duration { return &p.PollInterval }),
	"error-retry":    positive(func(p *Profile) *time.Duration { return &p.ErrorBackoff }),
	"throttle-retry": positive(func(p *Profile) *time.Duration { return &p.ThrottleBackoff }),
	"retry-cap":      positive(func(p *Profile) *time.Duration { return &p.MaxBackoff }),
}

// Timings are the names of what ParseProfile lets one change, sorted.
func Timings() []string { return slices.Sorted(maps.Keys(timings)) }

// ParseProfile reads a profile's name and what is changed of it:
//
//	aws,put=12ms/60ms,poll=250ms
//
// sets the put latency's median and 99th percentile and the poll interval; a
// latency without a slash is the same for every call. The text is the
// profile's Name, so that wherever it stands a reader sees what was changed.
func ParseProfile(text string) (Profile, error) {
	name, changes, changed := strings.Cut(text, ",")
	p := AWSProfile
	switch name {
	case AWSProfile.Name:
	case InstantProfile.Name:
		p = InstantProfile
	default:
		return Profile{}, fmt.Errorf("unknown profile %q: there are aws and instant", name)
	}
	if !changed {
		return p, nil
	}
	p.Name = text
	for change := range strings.SplitSeq(changes, ",") {
		key, value, _ := strings.Cut(change, "=")
		set, ok := timings[key]
		if !ok {
			return Profile{}, fmt.Errorf("profile %q: no timing %q: there are %s", text, key,
				strings.Join(Timings(), ", "))
		}
		if err := set(&p, value); err != nil {
			return Profile{}, fmt.Errorf("profile %q: %s: %w", text, key, err)
		}
	}
	return p, nil
}

// latency reads MEDIAN or MEDIAN/P99 into a place of the profile.
func latency(place func(*Profile) *wire.Latency) func(*Profile, string) error {
	return func(p *Profile, text string) error {
		median, p99, two := strings.Cut(text, "/")
		var l wire.Latency
		var err error
		if l.Median, err = time.ParseDuration(median); err != nil {
			return fmt.Errorf("read the median: %w", err)
		}
		l.P99 = l.Median
		if two {
			if l.P99, err = time.ParseDuration(p99); err != nil {
				return fmt.Errorf("read the 99th percentile: %w", err)
			}
		}
		if l.Median < 0 || l.P99 < l.Median {
			return fmt.Errorf("%s: needs 0 ≤ median ≤ 99th percentile", text)
		}
		*place(p) = l
		return nil
	}
}

// positive reads a duration above 0 into a place of the profile.
func positive(place func(*Profile) *time.Duration) func(*Profile, string) error {
	return func(p *Profile, text string) error {
		d, err := time.ParseDuration(text)
		if err != nil {
			return err
		}
		if d <= 0 {
			return fmt.Errorf("%s is not above 0", text)
		}
		*place(p) = d
		return nil
	}
}
