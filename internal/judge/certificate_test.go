package judge

import (
	"strings"
	"testing"
	"time"

	"weir/internal/plan"
	"weir/internal/record"
)

func TestCertificate(t *testing.T) {
	d := healthy()
	d.Run.Test.Payload.Bytes = 500
	c, ok := Certify("plan", []*record.Data{d}, []Verdict{Judge(d, Options{})}, time.Unix(t0, 0))
	if !ok || c.Sustained != 200 || c.Longest != 10*time.Second || c.Run != "run" || len(c.Hash) != 64 {
		t.Fatalf("%v, %+v", ok, c)
	}
	if want := plan.DefaultTargets.String(); c.JudgedBy != want {
		t.Errorf("judged by %q, want %q", c.JudgedBy, want)
	}
	c.Found(800, "shard write limit by records")
	if c.Headroom != 0.75 { // 1 - 200 ÷ 800
		t.Errorf("headroom %g", c.Headroom)
	}
	if why := c.Void(d); len(why) != 0 {
		t.Errorf("void for its own run: %v", why)
	}
	for _, tt := range []struct {
		change func(*record.Data, *Certificate)
		want   string
	}{
		{func(d *record.Data, _ *Certificate) { d.Run.Pipeline.Shards = 2 }, "shards is 2, was 1"},
		{func(d *record.Data, _ *Certificate) { d.Run.Pipeline.ShardLimitFactor = 0.1 }, "shard limit factor is 0.1, was 1"},
		{func(d *record.Data, _ *Certificate) { d.Run.Test.Payload.Bytes = 501 }, "the records have 501 bytes, had 500"},
		{func(_ *record.Data, c *Certificate) { c.Rehearsal = true }, "it comes from a rehearsal"},
		{func(_ *record.Data, c *Certificate) { c.Hash = "" }, "its configuration was edited"},
	} {
		changed, certificate := healthy(), c
		changed.Run.Test.Payload.Bytes = 500
		tt.change(changed, &certificate)
		if why := certificate.Void(changed); len(why) != 1 || !strings.HasPrefix(why[0], tt.want) {
			t.Errorf("%v, want %q", why, tt.want)
		}
	}
}

func TestNoCertificateWithoutASustainedRate(t *testing.T) {
	d := healthy()
	v := Judge(d, Options{})
	for i := range v.Steps {
		v.Steps[i].Sustained = new(false)
	}
	if c, ok := Certify("plan", []*record.Data{d}, []Verdict{v}, time.Now()); ok {
		t.Errorf("%+v", c)
	}
}
