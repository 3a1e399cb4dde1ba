package producer

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// ended is a call's end by a word: "ok", "refused" (some of its records),
// "none" (no answer), or the HTTP status and the error code.
func ended(word string, calls int) CallEnd {
	e := CallEnd{Calls: calls, Since: time.Duration(calls) * time.Second, Random: 0.5}
	switch word {
	case "ok":
		e.OK, e.Status = true, 200
	case "refused":
		e.OK, e.Status, e.Refused, e.Cause = true, 200, true, "ProvisionedThroughputExceededException"
	case "none":
	default:
		_, _ = fmt.Sscan(strings.Replace(word, ":", " ", 1), &e.Status, &e.Cause)
	}
	return e
}

// Every random number is a half. The SDK's pauses are a half of 2 s and of 4 s,
// kpl-like's of 100, 200, 400 ms and so on up to 1 s.
func TestRetrierTraces(t *testing.T) {
	for _, c := range []struct {
		policy Retry
		calls  string
		want   string
	}{
		{RetryNone, "500:InternalFailure", "–"},
		{RetrySDK, "ok", "–"},
		{RetrySDK, "refused", "–"}, // the SDK doesn't look inside
		{RetrySDK, "500:InternalFailure ok", "1s –"},
		{RetrySDK, "none none none", "1s 2s –"},
		{RetrySDK, "400:ProvisionedThroughputExceededException ok", "1s –"},
		{RetrySDK, "400:ValidationException", "–"},
		{RetryKPL, "ok", "–"},
		{RetryKPL, "refused refused none 500:InternalFailure refused refused ok", "50ms 100ms 200ms 400ms 500ms 500ms –"},
		{RetryKPL, "400:ValidationException", "–"},
	} {
		turn := NewRetrier(c.policy).Turn()
		var got []string
		for i, word := range strings.Fields(c.calls) {
			pause, again := turn(ended(word, i+1))
			if !again {
				got = append(got, "–")
				break
			}
			got = append(got, pause.String())
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s, calls %s: pauses %s, want %s", c.policy, c.calls, text, c.want)
		}
	}
}

// All records' calls share the SDK's tokens: 500, of which a repeat takes 5 and a
// call that is well gives back 1.
func TestRetrierHasTheSDKsTokens(t *testing.T) {
	r := NewRetrier(RetrySDK)
	repeated := func() int {
		n := 0
		for range 200 {
			if _, again := r.Turn()(ended("500:InternalFailure", 1)); again {
				n++
			}
		}
		return n
	}
	if n := repeated(); n != 100 {
		t.Errorf("%d calls repeated, want 100", n)
	}
	for range 50 {
		r.Turn()(ended("ok", 1))
	}
	if n := repeated(); n != 10 {
		t.Errorf("%d calls repeated after 50 that were well, want 10", n)
	}
}
