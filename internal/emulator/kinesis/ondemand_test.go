package kinesis

import (
	"testing"
	"time"
)

func TestDemand(t *testing.T) {
	type step struct {
		minute  int // since epoch, which begins one
		bytes   int
		records int
		shards  int // due
	}
	const mib = 1 << 20
	tests := []struct {
		name   string
		region string
		steps  []step
	}{
		{"half of what it was born with orders nothing", "us-east-1", []step{
			{0, 120 * mib, 0, 0}, // 120 MiB / 60 s = 2 MiB/s; doubled 4 shards, as at birth
			{1, 0, 0, 0}, {30, 0, 0, 0},
		}},
		{"the double of a minute's bytes, 15 minutes after it", "us-east-1", []step{
			{0, 180 * mib, 0, 0}, // 3 MiB/s: 6 shards
			{1, 0, 0, 0},
			{15, 0, 0, 0},
			{16, 0, 0, 6},
			{17, 0, 0, 0},
		}},
		{"records count where they are more", "us-east-1", []step{
			{0, mib, 150_000, 0}, // 2 500/s: 5 shards
			{1, 0, 0, 0}, {16, 0, 0, 5},
		}},
		{"a lower minute after a peak changes nothing", "us-east-1", []step{
			{0, 180 * mib, 0, 0},
			{1, 150 * mib, 0, 0},
			{2, 240 * mib, 0, 0},
			{16, 0, 0, 6},
			{17, 0, 0, 0},
			{18, 0, 0, 8},
		}},
		{"what was due in silence is due at once", "us-east-1", []step{
			{0, 180 * mib, 0, 0}, {1, 240 * mib, 0, 0}, {2, 0, 0, 0}, {60, 0, 0, 8},
		}},
		{"200 MB/s is the most of most regions", "eu-central-1", []step{
			{0, 60 * 150 * mib, 0, 0}, {1, 0, 0, 0}, {16, 0, 0, 200},
		}},
		{"10 GB/s, as far as a stream's shards go, of three", "us-west-2", []step{
			{0, 60 * 9000 * mib, 0, 0}, {1, 0, 0, 0}, {16, 0, 0, 10_000},
		}},
	}
	for _, test := range tests {
		d := newDemand(test.region)
		for _, s := range test.steps {
			now := epoch.Truncate(time.Minute).Add(time.Duration(s.minute) * time.Minute)
			if got := d.add(now, tally{accepted: s.records, bytes: s.bytes}); got != s.shards {
				t.Errorf("%s: minute %d: %d shards, want %d", test.name, s.minute, got, s.shards)
			}
		}
	}
}

// 2 500 records in each of 60 seconds are 5 shards' worth doubled; a provisioned
// stream under the same traffic stays as it is.
func TestOnDemandStreamGrows(t *testing.T) {
	for _, mode := range []struct {
		onDemand bool
		shards   int
	}{{true, 5}, {false, 4}} {
		now := &clock{now: epoch.Truncate(time.Minute)}
		s := New(Config{Now: now.Now})
		if err := s.CreateStream("s", 4, StreamOptions{OnDemand: mode.onDemand}); err != nil {
			t.Fatal(err)
		}
		st, _, err := s.find("s", now.Now())
		if err != nil {
			t.Fatal(err)
		}
		var b batch
		for i := range 2500 {
			b.body.entries = append(b.body.entries, putEntry{data: []byte("x"), key: []byte{byte(i), byte(i >> 8)}})
		}
		for range 60 {
			if tally, err := s.put(st, &b, now.Now()); err != nil || tally.accepted != 2500 {
				t.Fatal(tally, err)
			}
			now.add(time.Second)
		}
		b.body.entries = b.body.entries[:1]
		for _, at := range []time.Duration{0, 15*time.Minute - time.Second, 15 * time.Minute} {
			now.now = epoch.Truncate(time.Minute).Add(time.Minute + at)
			if _, err := s.put(st, &b, now.Now()); err != nil {
				t.Fatal(err)
			}
			want := 4
			if at == 15*time.Minute {
				want = mode.shards
			}
			if got := st.openCount(); got != want {
				t.Errorf("on-demand %v, %v after the peak: %d shards, want %d", mode.onDemand, at, got, want)
			}
		}
	}
}
