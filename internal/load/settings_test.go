package load

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/plan"
	scripts "weir/k6-test-scripts"
)

func environment(vars map[string]string) lookup {
	return func(name string) string { return vars[name] }
}

// Every test of the catalogue has its script, and every script its test.
func TestScriptsMatchCatalogue(t *testing.T) {
	var names []string
	for _, name := range plan.Names() {
		names = append(names, scripts.Name(name))
		text, err := scripts.Files.ReadFile(scripts.Name(name))
		if err != nil {
			t.Errorf("test %s has no script: %v", name, err)
			continue
		}
		if want := "new Test({ name: '" + name + "' })"; !strings.Contains(string(text), want) {
			t.Errorf("the script of %s does not say %s", name, want)
		}
	}
	files, err := scripts.Files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !slices.Contains(names, f.Name()) {
			t.Errorf("%s is no test's script", f.Name())
		}
	}
}

func TestSettings(t *testing.T) {
	catalogue, err := plan.Named("baseline-500b")
	if err != nil {
		t.Fatal(err)
	}
	changed := func(change func(*plan.Test)) plan.Test {
		test := catalogue
		change(&test)
		return test
	}
	for _, tt := range []struct {
		name string
		in   settings
		env  map[string]string
		want plan.Test
		err  string // part of it; empty: none
	}{
		{name: "nothing said", want: catalogue},
		{
			name: "the script says",
			in:   settings{name: "baseline-500b", payload: "1KB", rates: "10,20", step: "1m", keys: "7"},
			want: changed(func(t *plan.Test) {
				t.Payload.Bytes, t.Keys.Pool, t.Steps = 1024, 7, plan.StepsAt([]float64{10, 20}, time.Minute)
			}),
		},
		{
			name: "the environment wins",
			in:   settings{payload: "1KB", rates: "10,20", step: "1m"},
			env:  map[string]string{"RATE": "5", "DURATION": "2s", "PAYLOAD": "100"},
			want: changed(func(t *plan.Test) {
				t.Payload.Bytes, t.Steps = 100, plan.StepsAt([]float64{5}, 2*time.Second)
			}),
		},
		{
			name: "how records are put", in: settings{retry: "sdk", encoding: "cbor"}, env: map[string]string{"RETRY": "kpl-like"},
			want: changed(func(t *plan.Test) { t.Put.Retry, t.Put.Encoding = "kpl-like", "cbor" }),
		},
		{name: "an unknown policy", in: settings{retry: "always"}, err: `retry: "always" is not a retry policy: none, sdk or kpl-like`},
		{name: "an unknown encoding", in: settings{encoding: "xml"}, err: `encoding: "xml" is not an encoding: auto, json or cbor`},
		{
			name: "a file", in: settings{payloadFile: "events.ndjson"},
			want: changed(func(t *plan.Test) { t.Payload = plan.Payload{File: "events.ndjson"} }),
		},
		{
			name: "a template and its keys", in: settings{template: "event.json", keys: "zipf:1.1"},
			want: changed(func(t *plan.Test) {
				t.Payload, t.Keys = plan.Payload{Template: "event.json"}, plan.Keys{Spec: "zipf:1.1"}
			}),
		},
		{name: "a file and a template", in: settings{payloadFile: "a", template: "b"}, err: "payloadFile and template exclude each other"},
		{name: "bad keys", in: settings{keys: "0"}, err: "keys: a pool of 0: at least 1"},
		{name: "unknown test", in: settings{name: "baselin"}, err: "unknown test"},
		{name: "bad size", in: settings{payload: "big"}, err: "payload:"},
		{name: "bad rate", env: map[string]string{"RATE": "fast"}, err: "rates:"},
		{name: "bad duration", env: map[string]string{"DURATION": "10"}, err: "write for example 30s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.in.test(environment(tt.env))
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("test (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSameTarget(t *testing.T) {
	local := Target{Region: "us-east-1", Endpoint: "http://127.0.0.1:4567", Stream: "orders"}
	account := Target{Region: "eu-west-1", Stream: "orders"}
	for _, tt := range []struct {
		name string
		a, b Target
		want bool
	}{
		{"itself", local, local, true},
		{"a slash more", local, Target{Region: "us-east-1", Endpoint: "http://127.0.0.1:4567/", Stream: "orders"}, true},
		{"another region's signature at one's own endpoint", local, Target{Region: "eu-west-1", Endpoint: local.Endpoint, Stream: "orders"}, true},
		{"another stream", local, Target{Endpoint: local.Endpoint, Stream: "audit"}, false},
		{"another port", local, Target{Endpoint: "http://127.0.0.1:4568", Stream: "orders"}, false},
		{"by its ARN", account, Target{Region: "eu-west-1", StreamARN: "arn:aws:kinesis:eu-west-1:123456789012:stream/orders"}, true},
		{"AWS by its address", account, Target{Region: "eu-west-1", Endpoint: "https://kinesis.eu-west-1.amazonaws.com", Stream: "orders"}, true},
		{"another region", account, Target{Region: "eu-central-1", Stream: "orders"}, false},
		{"AWS and here", account, local, false},
	} {
		if got := tt.a.same(tt.b); got != tt.want || tt.b.same(tt.a) != tt.want {
			t.Errorf("%s: %t, want %t", tt.name, got, tt.want)
		}
	}
}

func TestTargetFrom(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  map[string]string
		want string // as the log says it; empty: refused
	}{
		{name: "nothing set", env: map[string]string{"AWS_REGION": "eu-west-1"}},
		{name: "AWS needs a region", env: map[string]string{"KINESIS_STREAM_NAME": "orders"}},
		{
			name: "a stream and no endpoint is AWS",
			env:  map[string]string{"KINESIS_STREAM_NAME": "orders", "AWS_DEFAULT_REGION": "eu-west-1"},
			want: "stream orders at AWS, region eu-west-1",
		},
		{
			name: "an endpoint wins, the service's own first",
			env: map[string]string{
				"KINESIS_STREAM_NAME": "orders", "AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_KINESIS": "http://127.0.0.1:4567",
			},
			want: "stream orders at http://127.0.0.1:4567",
		},
		{name: "an endpoint alone", env: map[string]string{"AWS_ENDPOINT_URL": "http://localhost:4567"}, want: "http://localhost:4567"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := targetFrom(environment(tt.env))
			if (err != nil) != (tt.want == "") || err == nil && got.String() != tt.want {
				t.Errorf("%v, %v; want %q", got, err, tt.want)
			}
		})
	}
}

// Credentials that nobody configured are made up for this machine only.
func TestCredentials(t *testing.T) {
	for endpoint, local := range map[string]bool{
		"http://127.0.0.1:4567": true, "http://localhost:4567": true, "http://[::1]:4567": true,
		"": false, "https://kinesis.eu-west-1.amazonaws.com": false, "http://10.0.0.1": false,
	} {
		if got := (Target{Endpoint: endpoint}).onThisMachine(); got != local {
			t.Errorf("%q on this machine: %v", endpoint, got)
		}
	}
	p, err := Target{Endpoint: "http://localhost:4567", Region: "r"}.credentials(t.Context(), accessKeys{}, environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := p.Retrieve(t.Context()); err != nil || c.AccessKeyID != "local" {
		t.Errorf("%v, %v", c, err)
	}
}

// An endpoint on this machine gets the credentials that are configured, if any
// are: here a container's.
func TestCredentialsOfAContainer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"AccessKeyId":"AKIDCONTAINER","SecretAccessKey":"s","Token":"t","Expiration":"2100-01-01T00:00:00Z"}`)
	}))
	defer server.Close()
	for name, value := range map[string]string{
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": server.URL, "AWS_ACCESS_KEY_ID": "", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
	} {
		t.Setenv(name, value)
	}
	p, err := Target{Endpoint: "http://localhost:4567", Region: "r"}.credentials(t.Context(), accessKeys{}, os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	want := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) // and not five minutes before
	if c, err := p.Retrieve(t.Context()); err != nil || c.AccessKeyID != "AKIDCONTAINER" || !c.Expires.Equal(want) {
		t.Errorf("%s expires %v, %v", c.AccessKeyID, c.Expires, err)
	}
}

func TestAuthorities(t *testing.T) {
	junk := filepath.Join(t.TempDir(), "junk.pem")
	if err := os.WriteFile(junk, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"": "", junk: "AWS_CA_BUNDLE: no certificate in " + junk,
		"/no/such.pem": "read AWS_CA_BUNDLE: open /no/such.pem: no such file or directory",
	} {
		roots, err := authorities(environment(map[string]string{"AWS_CA_BUNDLE": path}))
		if got := fmt.Sprint(err); roots != nil || (err != nil) != (want != "") || err != nil && got != want {
			t.Errorf("%q: %v, %q, want %q", path, roots, got, want)
		}
	}
}
