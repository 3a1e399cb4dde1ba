package aws

import (
	"strings"
	"testing"

	"weir/internal/pipeline"
	"weir/internal/pipeline/local"
)

// The embedded pipeline given as if it were AWS, by the SDK's own variables:
// everything is found, and the generator is sent to the same endpoint.
func TestFindByEnvironment(t *testing.T) {
	o := local.Defaults()
	o.Profile = local.InstantProfile
	p, err := local.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, v := range p.Environ() {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
	a, who, err := Find(t.Context(), Options{Stream: "weir", Function: "weir-probe"})
	if err != nil {
		t.Fatal(err)
	}
	if a.Kind != pipeline.AWS || a.Endpoint != p.Endpoint() || a.Mapping == "" {
		t.Errorf("address %+v, want AWS at %s with a mapping", a, p.Endpoint())
	}
	if who.Account != local.AccountID || who.Region != "us-east-1" {
		t.Errorf("identity %+v", who)
	}
	if _, _, err := Find(t.Context(), Options{Stream: "other", Function: "weir-probe"}); err == nil || !strings.Contains(err.Error(), "no event source mapping") {
		t.Errorf("a stream without mapping: %v", err)
	}
}

func TestFindNeedsARegion(t *testing.T) {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	if _, _, err := Find(t.Context(), Options{Stream: "s"}); err == nil || !strings.Contains(err.Error(), "AWS_REGION") {
		t.Errorf("error %v, want what to set", err)
	}
}
