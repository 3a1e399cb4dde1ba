package producer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// service hands out keys that live so long, numbered from 1, after a delay.
type keyService struct {
	mu          sync.Mutex
	asked       int
	life, delay time.Duration
	err         error
}

func (s *keyService) Retrieve(context.Context) (aws.Credentials, error) {
	time.Sleep(s.delay)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.err != nil {
		return aws.Credentials{}, s.err
	}
	return aws.Credentials{
		AccessKeyID: fmt.Sprint(s.asked), SecretAccessKey: "secret", SessionToken: "token",
		CanExpire: s.life > 0, Expires: time.Now().Add(s.life),
	}, nil
}

// Keys live 10 s and take 2 s to get, so they are asked for again after 5 s and
// replaced at 7 s: nobody but the first caller ever waits.
func TestCredentialsAreRenewedWithoutWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &keyService{life: 10 * time.Second, delay: 2 * time.Second}
		k := &keeper{provider: service}
		var got []string
		for second := range 18 {
			before := time.Now()
			creds, err := k.get(before, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if waited := time.Since(before); (waited > 0) != (second == 0) {
				t.Errorf("second %d waited %v", second, waited)
			}
			got = append(got, creds.AccessKeyID)
			time.Sleep(time.Second)
			synctest.Wait()
		}
		// Got at 2 s (the first caller waited, so rounds are at 2, 3, …): renewed
		// by the round at 7 s, there at 9 s; that one by the round at 14 s (9 + 5),
		// there at 16 s.
		if want := "1 1 1 1 1 1 1 2 2 2 2 2 2 2 3 3 3 3"; strings.Join(got, " ") != want {
			t.Errorf("keys  %s\nwant  %s", strings.Join(got, " "), want)
		}
	})
}

// A renewal that fails is tried again each second, and what there is serves
// until it expires; after that calls fail with the reason.
func TestCredentialsThatCanNotBeRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &keyService{life: 4 * time.Second}
		k := &keeper{provider: service}
		get := func() string {
			creds, err := k.get(time.Now(), time.Minute)
			synctest.Wait()
			if err != nil {
				return err.Error()
			}
			return creds.AccessKeyID
		}
		var got []string
		got = append(got, get())
		service.err = errors.New("the service is down")
		for range 5 {
			time.Sleep(time.Second)
			got = append(got, get())
		}
		service.err = nil
		time.Sleep(time.Second)
		got = append(got, get())
		down := "retrieve credentials: the service is down"
		// Asked at 0, 2 and 3 s ahead of the end, at 4 and 5 s because there are
		// none, and at 6 s with success: the sixth time.
		want := []string{"1", "1", "1", "1", down, down, "6"}
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

func TestCredentialsThatNeverCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{provider: &keyService{delay: time.Minute}}
		_, err := k.get(time.Now(), time.Second)
		if err == nil || err.Error() != "no credentials within 1s" {
			t.Errorf("error %v", err)
		}
		time.Sleep(2 * time.Minute)
	})
}

// vault is a container's credentials endpoint, as ECS and EKS have it, whose
// keys live a short while, and a Kinesis endpoint that takes only calls signed
// with keys that have not expired.
type vault struct {
	life time.Duration

	mu      sync.Mutex
	issued  int
	expires map[string]time.Time // by access key
}

func (v *vault) issue(w http.ResponseWriter, _ *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.issued++
	id := fmt.Sprintf("AKID%016d", v.issued)
	v.expires[id] = time.Now().Add(v.life)
	_ = json.NewEncoder(w).Encode(map[string]string{
		"AccessKeyId": id, "SecretAccessKey": "secret of " + id, "Token": "token of " + id,
		"Expiration": v.expires[id].UTC().Format(time.RFC3339Nano),
	})
}

// put answers one record put, or says what is wrong with its signature.
func (v *vault) put(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, rest, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	id, _, _ := strings.Cut(rest, "/")
	v.mu.Lock()
	expires, known := v.expires[id]
	v.mu.Unlock()
	code := ""
	switch {
	case !known || v.signature(r, body, id) != r.Header.Get("Authorization"):
		code = "InvalidSignatureException"
	case time.Now().After(expires):
		code = CauseExpiredToken
	}
	if code != "" {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"__type":%q}`, code)
		return
	}
	_, _ = io.WriteString(w, `{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s"}]}`)
}

// signature is what the SDK's signer makes of the request with the keys of id.
func (v *vault) signature(r *http.Request, body []byte, id string) string {
	again, _ := http.NewRequest(http.MethodPost, "http://"+r.Host+"/", nil)
	again.Header.Set("Content-Type", r.Header.Get("Content-Type"))
	again.Header.Set("X-Amz-Target", r.Header.Get("X-Amz-Target"))
	at, _ := time.Parse(amzDate, r.Header.Get("X-Amz-Date"))
	hash := sha256.Sum256(body)
	keys := aws.Credentials{AccessKeyID: id, SecretAccessKey: "secret of " + id, SessionToken: "token of " + id}
	_ = v4.NewSigner().SignHTTP(r.Context(), keys, again, hex.EncodeToString(hash[:]), service, "eu-west-1", at)
	return again.Header.Get("Authorization")
}

// The SDK's chain finds a container's credentials, which expire again and
// again while records are put: no call fails.
func TestCredentialsExpireMidRun(t *testing.T) {
	v := &vault{life: time.Second, expires: map[string]time.Time{}}
	keyServer := httptest.NewServer(http.HandlerFunc(v.issue))
	defer keyServer.Close()
	server := httptest.NewServer(http.HandlerFunc(v.put))
	defer server.Close()
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", keyServer.URL)
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", "/nonexistent")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
	chain, err := config.LoadDefaultConfig(t.Context(), config.WithRegion("eu-west-1"), config.WithCredentialsCacheOptions(ExactExpiry))
	if err != nil {
		t.Fatal(err)
	}
	p := newProducer(t, server.URL, func(c *Config) { c.Credentials = chain.Credentials })
	calls := 0
	for v.renewals() < 4 {
		var r Result
		p.Put(t.Context(), three()[:1], &r)
		if tally(&r) != "A" {
			t.Fatalf("call %d: %s (%v)", calls, tally(&r), r.Err)
		}
		calls++
	}
	if calls < 10*v.renewals() {
		t.Errorf("%d calls asked for credentials %d times", calls, v.renewals())
	}
}

func (v *vault) renewals() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.issued
}

// Credentials that the stream calls expired before their time are replaced.
func TestExpiredTokenIsReplaced(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("X-Amz-Security-Token"))
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"ExpiredTokenException","message":"expired"}`)
	}))
	defer server.Close()
	n := 0
	p := newProducer(t, server.URL, func(c *Config) {
		c.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			n++
			return credentials.NewStaticCredentialsProvider("AKID", "secret", fmt.Sprint(n)).Retrieve(context.Background())
		})
	})
	for range 2 {
		var r Result
		p.Put(t.Context(), three(), &r)
	}
	if strings.Join(asked, " ") != "1 2" {
		t.Errorf("session tokens %v, want 1 and then 2", asked)
	}
}
