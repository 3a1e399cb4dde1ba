package producer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// trace plays a Put against a script of answers, one word a call and one
// letter a record of it: A accepted, T throttled, V invalid, I no answer in
// time; "503" fails the call as a whole. It returns the calls as "at:records"
// in milliseconds, every random number being a half.
func trace(t *testing.T, name Retry, script string) (string, *Result) {
	t.Helper()
	policy, err := newPolicy(name, func() float64 { return 0.5 })
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Fields(script)
	var calls []string
	var r Result
	records := three()
	start := time.Now()
	r.begin(len(records), start)
	r.run(t.Context(), records, policy, func(records []Record, outcomes []Outcome, r *Result) {
		var sent strings.Builder
		for _, record := range records {
			sent.Write(record.Data)
		}
		calls = append(calls, fmt.Sprintf("%d:%s", time.Since(start).Milliseconds(), sent.String()))
		answer := answers[min(len(r.Calls), len(answers)-1)] // the last one for ever
		call := Call{After: time.Since(start), Records: len(records)}
		time.Sleep(10 * time.Millisecond)
		call.Duration = time.Since(start) - call.After
		r.Calls = append(r.Calls, call)
		r.Err = play(answer, outcomes)
	})
	return strings.Join(calls, " "), &r
}

func play(answer string, outcomes []Outcome) error {
	if answer == "503" {
		return formats[JSON].refuse(503, "ServiceUnavailable", nil, outcomes)
	}
	if answer[0] == 'I' {
		return failed(outcomes, context.DeadlineExceeded)
	}
	for i := range outcomes {
		outcomes[i] = map[byte]Outcome{
			'A': {Fate: Accepted},
			'T': {Fate: Rejected, Cause: "ProvisionedThroughputExceededException"},
			'V': {Fate: Rejected, Cause: "ValidationException"},
		}[answer[i]]
	}
	return nil
}

func TestRetryTraces(t *testing.T) {
	for _, tt := range []struct {
		name   string
		retry  Retry
		script string
		calls  string
		want   string // fates, then tries of each record
	}{
		{"none: the first word", RetryNone, "ATA", "0:abc", "A R:ProvisionedThroughputExceededException A [1 1 1]"},
		{"none: a failed call", RetryNone, "503", "0:abc", "R:ServiceUnavailable R:ServiceUnavailable R:ServiceUnavailable [1 1 1]"},
		{"sdk: a refused record inside an answer is not repeated", RetrySDK, "ATA", "0:abc", "A R:ProvisionedThroughputExceededException A [1 1 1]"},
		{"sdk: what the caller did wrong is not repeated", RetrySDK, "VVV", "0:abc", "R:ValidationException R:ValidationException R:ValidationException [1 1 1]"},
		// Calls take 10 ms; pauses are half of 100, 200, … ms: 10+50 = 60,
		// 60+10+100 = 170.
		{"kpl: only what failed, until it is accepted", RetryKPL, "ATT TA A", "0:abc 60:bc 170:b", "A A A [1 3 2]"},
		{"kpl: not what can't pass", RetryKPL, "TVA A", "0:abc 60:a", "A R:ValidationException A [2 1 1]"},
		{"kpl: a failed call as a whole", RetryKPL, "503 AAA", "0:abc 60:abc", "A A A [2 2 2]"},
		{
			"kpl: what may be in the stream stays so when refused later", RetryKPL, "III TAV A",
			"0:abc 60:abc 170:a", "A A I:ValidationException [3 2 2]",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls, r := trace(t, tt.retry, tt.script)
				tries := make([]uint32, len(r.Records))
				for i, o := range r.Records {
					tries[i] = o.Tries
				}
				if got := tally(r) + " " + fmt.Sprint(tries); calls != tt.calls || got != tt.want {
					t.Errorf("calls %s, want %s\noutcomes %s, want %s", calls, tt.calls, got, tt.want)
				}
			})
		})
	}
}

// Pauses 50, 100, 200, 400 ms and then 500 ms (half of the second's bound),
// calls 10 ms each: until the next would start 30 s after the first.
func TestKPLGivesUpAtRecordTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, r := trace(t, RetryKPL, "TTT TTT TTT")
		// The call after the fourth pause starts at 4·10 + 750 = 790 ms, the
		// n-th later one 510·n ms after: 790 + 510·57 = 29 860 is the last
		// before 30 000. So 1 + 4 + 57 calls.
		if got := len(r.Calls); got != 62 {
			t.Errorf("%d calls, want 62; the last after %v", got, r.Calls[got-1].After)
		}
		if r.Retries() != 61*3 || r.Records[0].Tries != 62 || r.Records[0].Fate != Rejected {
			t.Errorf("%d retries, outcome %+v", r.Retries(), r.Records[0])
		}
		if got, want := r.Answered(0).Sub(r.Started), r.Duration; got != want {
			t.Errorf("answered after %v, want %v", got, want)
		}
	})
}

// The SDK's standard mode: three attempts, and pauses below 2 s and 4 s.
func TestSDKRepeatsFailedCalls(t *testing.T) {
	for _, tt := range []struct {
		script, want string
		calls        int
	}{
		{"503 AAA", "A A A", 2},
		{"503 503 AAA", "A A A", 3},
		{"503", "R:ServiceUnavailable R:ServiceUnavailable R:ServiceUnavailable", 3},
		{"III AAA", "A A A", 2},
		{"III 503 AAA", "A A A", 3},
		{"III 503 503", "I:ServiceUnavailable I:ServiceUnavailable I:ServiceUnavailable", 3},
	} {
		synctest.Test(t, func(t *testing.T) {
			calls, r := trace(t, RetrySDK, tt.script)
			if tally(r) != tt.want || len(r.Calls) != tt.calls || r.Duration > 7*time.Second {
				t.Errorf("%s: %s after calls %s (%v)", tt.script, tally(r), calls, r.Duration)
			}
		})
	}
}

// The SDK's bucket holds 500 tokens and a retry costs 5, so after 100 retries
// that failed too nothing is repeated any more.
func TestSDKStopsWhenAllFails(t *testing.T) {
	policy, err := newPolicy(RetrySDK, rand.Float64)
	if err != nil {
		t.Fatal(err)
	}
	retries := 0
	for range 200 {
		r := Result{Calls: []Call{{}}, Err: &callError{err: errors.New("unavailable"), status: 503}}
		if _, again := policy.next(&r, &turn{}); again {
			retries++
		}
	}
	if retries != 100 {
		t.Errorf("%d retries, want 100", retries)
	}
}

func TestRetryStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var r Result
	r.begin(3, time.Now())
	r.run(ctx, three(), kplRetry{func() float64 { return 1 }}, func(_ []Record, outcomes []Outcome, r *Result) {
		r.Calls, r.Err = append(r.Calls, Call{Records: 3}), play("TTT", outcomes)
		cancel()
	})
	if len(r.Calls) != 1 {
		t.Errorf("%d calls after the context ended", len(r.Calls))
	}
}

// throttling is an endpoint that refuses 30 % of the records, drawn by chance,
// and remembers every one that it was sent.
type throttling struct {
	mu       sync.Mutex
	rand     *rand.Rand
	received int
	stored   map[string]int // by partition key
}

func (s *throttling) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var body struct {
		Records []struct{ PartitionKey string }
	}
	_ = json.NewDecoder(r.Body).Decode(&body)
	answer := struct {
		FailedRecordCount int
		Records           []map[string]string
	}{}
	for _, record := range body.Records {
		s.received++
		if s.rand.Float64() < 0.3 {
			answer.FailedRecordCount++
			answer.Records = append(answer.Records, map[string]string{"ErrorCode": "ProvisionedThroughputExceededException"})
			continue
		}
		s.stored[record.PartitionKey]++
		answer.Records = append(answer.Records, map[string]string{"SequenceNumber": fmt.Sprint(s.received), "ShardId": "s"})
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// Under 30 % throttling every record is accounted for: what the endpoint was
// sent is first tries and retries, and what it stored is what is accepted.
func TestRetriesAddUp(t *testing.T) {
	for _, policy := range retries {
		t.Run(string(policy), func(t *testing.T) {
			endpoint := &throttling{rand: rand.New(rand.NewPCG(1, 2)), stored: map[string]int{}}
			server := httptest.NewServer(endpoint)
			defer server.Close()
			p := newProducer(t, server.URL, func(c *Config) { c.Retry = policy })
			if policy == RetryKPL {
				p.policy = kplRetry{func() float64 { return 0 }}
			}
			firstTries, retries, accepted := 0, 0, 0
			for call := range 20 {
				records := make([]Record, 500)
				for i := range records {
					records[i] = Record{Data: []byte("x"), PartitionKey: fmt.Sprintf("k%d-%d", call, i)}
				}
				var r Result
				p.Put(t.Context(), records, &r)
				firstTries += len(records)
				retries += r.Retries()
				for i, o := range r.Records {
					if stored := endpoint.stored[records[i].PartitionKey]; (stored == 1) != (o.Fate == Accepted) || stored > 1 {
						t.Fatalf("record %s stored %d times, outcome %+v", records[i].PartitionKey, stored, o)
					}
					if o.Fate == Accepted {
						accepted++
					}
				}
			}
			if endpoint.received != firstTries+retries {
				t.Errorf("the endpoint got %d records: %d first tries and %d retries", endpoint.received, firstTries, retries)
			}
			if accepted != len(endpoint.stored) || (accepted == firstTries) != (policy == RetryKPL) {
				t.Errorf("%d of %d accepted, %d stored", accepted, firstTries, len(endpoint.stored))
			}
			// A record needs 1/0.7 tries on average, so 10 000 need 4 286
			// retries; ± 5 standard deviations of about 78.
			if policy == RetryKPL && (retries < 3890 || retries > 4680) {
				t.Errorf("%d retries, want about 4 286", retries)
			}
		})
	}
}

// never is a source of chance for which nothing short of certain happens.
type never struct{}

func (never) Uint64() uint64 { return math.MaxUint64 }

// A call that had no answer is followed by one that has, for each policy that
// makes it, and in a Result's first use as in its later ones.
func TestRetryAfterNoAnswer(t *testing.T) {
	for _, policy := range []Retry{RetrySDK, RetryKPL} {
		t.Run(string(policy), func(t *testing.T) {
			endpoint := &throttling{stored: map[string]int{}, rand: rand.New(never{})}
			calls := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if calls++; calls%2 == 1 {
					panic(http.ErrAbortHandler) // the connection closes without an answer
				}
				endpoint.ServeHTTP(w, r)
			}))
			defer server.Close()
			p := newProducer(t, server.URL, func(c *Config) { c.Retry = policy })
			if policy == RetrySDK {
				p.policy = NewRetrier(RetrySDK).sdk // without its pauses
			}
			var r Result
			for range 2 {
				p.Put(t.Context(), three(), &r)
				if r.Err != nil || len(r.Calls) != 2 || r.Records[0].Fate != Accepted || len(r.Records[2].SequenceNumber) == 0 {
					t.Fatalf("after %d calls: %v, %+v", len(r.Calls), r.Err, r.Records)
				}
			}
		})
	}
}
