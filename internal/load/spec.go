package load

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"weir/internal/plan"
	"weir/internal/producer"
)

// Spec is what the parent tells the child to do. It holds no credentials:
// those travel by the ordinary AWS_* environment.
type Spec struct {
	Test     plan.Test `json:"test"`
	Run      uint32    `json:"run"`      // identity of the run in ledger tokens, 24 bits
	Producer uint16    `json:"producer"` // number of this generator in ledger tokens
	// Start is when the schedule's clock starts; zero: at the first call. One
	// that has passed leaves what was due since then late, or not sent.
	Start time.Time `json:"start,omitzero"`

	Target
}

// Target is the stream that is put into.
type Target struct {
	Region    string `json:"region"`
	Endpoint  string `json:"endpoint,omitzero"` // empty: AWS itself
	Stream    string `json:"stream,omitzero"`   // name
	StreamARN string `json:"stream_arn,omitzero"`
}

// Environment variables between parent and child.
const (
	envSpec    = "WEIR_LOAD"    // the Spec as JSON
	envFrames  = "WEIR_FRAMES"  // where frames go: see newFrameWriter
	envBounded = "WEIR_BOUNDED" // not empty: the script's thresholds are evaluated by us
	// Not empty: the parent writes what it observes to standard input, and closes
	// it when it has said all.
	envObserved = "WEIR_OBSERVED"
)

// lookup finds an environment variable; empty when unset.
type lookup func(name string) string

// specFrom is the parent's spec; nil when there is no parent.
func specFrom(env lookup) (*Spec, error) {
	text := env(envSpec)
	if text == "" {
		return nil, nil
	}
	var s Spec
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return nil, fmt.Errorf("decode %s: %w", envSpec, err)
	}
	return &s, nil
}

// errNoTarget keeps a script from finding a real account by accident.
var errNoTarget = errors.New("no target: set AWS_ENDPOINT_URL_KINESIS to the address that `weir local` prints, " +
	"or KINESIS_STREAM_NAME to put into that stream of the AWS account")

// targetFrom is the target by environment, for a script that runs without a
// parent. An endpoint wins; AWS itself is used only where a stream is named.
func targetFrom(env lookup) (Target, error) {
	t := Target{Stream: env("KINESIS_STREAM_NAME")}
	t.Endpoint = firstOf(env, "AWS_ENDPOINT_URL_KINESIS", "AWS_ENDPOINT_URL")
	t.Region = firstOf(env, "AWS_REGION", "AWS_DEFAULT_REGION")
	if t.Endpoint == "" && t.Stream == "" {
		return Target{}, errNoTarget
	}
	if t.Region == "" {
		if t.Endpoint == "" {
			return Target{}, errors.New("no region: set AWS_REGION")
		}
		t.Region = "us-east-1" // an endpoint of one's own needs one for the signature only
	}
	return t, nil
}

func firstOf(env lookup, names ...string) string {
	for _, name := range names {
		if v := env(name); v != "" {
			return v
		}
	}
	return ""
}

// String says where records go, for the log.
func (t Target) String() string {
	where := "AWS, region " + t.Region
	if t.Endpoint != "" {
		where = t.Endpoint
	}
	if t.Stream == "" {
		return where
	}
	return fmt.Sprintf("stream %s at %s", t.Stream, where)
}

// same reports whether both are one stream. AWS's own endpoints, by whatever
// name, are one in a region.
func (t Target) same(other Target) bool {
	if t.streamName() != other.streamName() || t.inAWS() != other.inAWS() {
		return false
	}
	if t.inAWS() {
		return t.Region == other.Region
	}
	return strings.TrimSuffix(t.Endpoint, "/") == strings.TrimSuffix(other.Endpoint, "/")
}

func (t Target) streamName() string {
	_, name, _ := strings.Cut(t.StreamARN, ":stream/")
	return cmp.Or(t.Stream, name)
}

func (t Target) inAWS() bool {
	u, err := url.Parse(t.Endpoint)
	return err == nil && (t.Endpoint == "" || strings.Contains(u.Hostname(), ".amazonaws.com") || strings.HasSuffix(u.Hostname(), ".api.aws"))
}

// credentialNames are the variables that say where the SDK's chain finds
// credentials. Without any of them it asks the machine it runs on.
var credentialNames = []string{
	"AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
	"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
}

// accessKeys are credentials that a script gives in its text.
type accessKeys struct{ id, secret, session string }

// credentials are the given ones, or the SDK's whole chain. An endpoint on this
// machine takes any credentials, so that none need be configured to use it.
func (t Target) credentials(ctx context.Context, given accessKeys, env lookup) (aws.CredentialsProvider, error) {
	if given != (accessKeys{}) {
		return credentials.NewStaticCredentialsProvider(given.id, given.secret, given.session), nil
	}
	if t.onThisMachine() && firstOf(env, credentialNames...) == "" {
		return credentials.NewStaticCredentialsProvider("local", "local", ""), nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	c, err := config.LoadDefaultConfig(ctx, config.WithRegion(t.Region), config.WithCredentialsCacheOptions(producer.ExactExpiry))
	if err != nil {
		return nil, fmt.Errorf("load AWS configuration: %w", err)
	}
	return c.Credentials, nil
}

// authorities are those of the file that AWS_CA_BUNDLE names, as AWS's clients
// have it; nil without one.
func authorities(env lookup) (*x509.CertPool, error) {
	path := env("AWS_CA_BUNDLE")
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read AWS_CA_BUNDLE: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("AWS_CA_BUNDLE: no certificate in %s", path)
	}
	return pool, nil
}

func (t Target) onThisMachine() bool {
	u, err := url.Parse(t.Endpoint)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
