package lambda

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// script is a zip whose bootstrap runs this test binary as the function of
// that role.
func script(t *testing.T, role string) []byte {
	t.Helper()
	return zipOf(t, zipFile{"bootstrap", "#!/bin/sh\nPLAY_FUNCTION=" + role + " exec '" + os.Args[0] + "'\n", 0o755})
}

// answer is what an invocation of f without records gives.
func answer(t *testing.T, c *sdk.Client) string {
	t.Helper()
	got, err := c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: new("f"), Payload: []byte(`{"Records":[]}`)})
	if err != nil {
		t.Fatal(err)
	}
	return string(got.Payload)
}

// The code of a function, the built-in one too, can be replaced while it
// serves: idle environments go at once, and the next invocation runs the new.
func TestUpdateFunctionCode(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	o := newObserved()
	server := New(Config{Log: o.log, CodeDir: t.TempDir()})
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := server.CreateFunction(FunctionConfig{Name: "f", Work: &WorkModel{}}); err != nil {
		t.Fatal(err)
	}
	c := client(t, server)
	if got := answer(t, c); got != "null" {
		t.Fatalf("built-in function: %s", got)
	}
	first, err := c.UpdateFunctionCode(t.Context(), &sdk.UpdateFunctionCodeInput{FunctionName: new("f"), ZipFile: script(t, "count")})
	if err != nil {
		t.Fatal(err)
	}
	if got := answer(t, c); got != `"0 records"` {
		t.Errorf("first zip: %s", got)
	}
	second, err := c.UpdateFunctionCode(t.Context(), &sdk.UpdateFunctionCodeInput{FunctionName: new("f"), ZipFile: script(t, "exit"), RevisionId: first.RevisionId})
	if err != nil || *second.CodeSha256 == *first.CodeSha256 || *second.RevisionId == *first.RevisionId {
		t.Fatalf("%v, %+v", err, second)
	}
	if got := answer(t, c); !strings.Contains(got, "exit status 7") {
		t.Errorf("second zip: %s", got)
	}
	if n := len(server.functions["f"].live); n != 0 {
		t.Errorf("%d environments are left", n)
	}
	_, err = c.UpdateFunctionCode(t.Context(), &sdk.UpdateFunctionCodeInput{FunctionName: new("f"), ZipFile: script(t, "count"), RevisionId: first.RevisionId})
	if _, ok := errors.AsType[*types.PreconditionFailedException](err); !ok {
		t.Errorf("an old revision: %v", err)
	}
}

func TestUpdateFunctionConfiguration(t *testing.T) {
	server, o := pipeline(t, newStream(1), FunctionConfig{InProcess: echo, MemoryMB: 256, Env: map[string]string{"A": "b"}}, MappingConfig{})
	c := client(t, server)
	answer(t, c)
	got, err := c.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{FunctionName: new("f"), Timeout: new(int32(9))})
	if err != nil || *got.Timeout != 9 || *got.MemorySize != 256 || got.Environment.Variables["A"] != "b" {
		t.Errorf("%v, %+v", err, got)
	}
	answer(t, c)
	for _, r := range o.logged("REPORT") { // the update made the second start cold too
		if !strings.Contains(r, "Init Duration") {
			t.Error(r)
		}
	}
	for want, input := range map[string]*sdk.UpdateFunctionConfigurationInput{
		"memory 64 MB outside":     {FunctionName: new("f"), MemorySize: new(int32(64))},
		"Value '0' at 'timeout'":   {FunctionName: new("f"), Timeout: new(int32(0))},
		"Function not found: arn:": {FunctionName: new("g"), Timeout: new(int32(9))},
	} {
		if _, err := c.UpdateFunctionConfiguration(t.Context(), input); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A mapping outlives its function: its records wait until there is a function
// of that name again, and none is lost.
func TestMappingOutlivesItsFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream(1)
		s.put(0, 5)
		slow := FunctionConfig{Work: &WorkModel{PerBatch: 2 * time.Second}}
		server, o := pipeline(t, s, slow, orders(10))
		time.Sleep(time.Second) // the first batch is under way, and comes to its end
		if err := server.DeleteFunction("f"); err != nil {
			t.Fatal(err)
		}
		s.put(0, 3)
		time.Sleep(10 * time.Second)
		if got := o.sum("InvokedEventCount"); got != 5 {
			t.Errorf("%v records processed without a function, want the 5 under way", got)
		}
		for _, m := range server.mappings {
			server.mu.Lock()
			if m.lastResult != "PROBLEM: Function not found" {
				t.Error(m.lastResult)
			}
			server.mu.Unlock()
		}
		slow.Name = "f"
		if err := server.CreateFunction(slow); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if processed, _ := o.ledger(t); processed != 8 {
			t.Errorf("%d records processed, want 8", processed)
		}
	})
}

func TestDeleteFunction(t *testing.T) {
	server, _ := pipeline(t, newStream(1), FunctionConfig{InProcess: echo, ReservedConcurrency: new(300)}, MappingConfig{})
	c := client(t, server)
	if _, err := c.DeleteFunction(t.Context(), &sdk.DeleteFunctionInput{FunctionName: new("f")}); err != nil {
		t.Fatal(err)
	}
	_, err := c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: new("f")})
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
		t.Errorf("invoke: %v", err)
	}
	_, err = c.DeleteFunction(t.Context(), &sdk.DeleteFunctionInput{FunctionName: new("f")})
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
		t.Errorf("again: %v", err)
	}
	account, err := c.GetAccountSettings(t.Context(), &sdk.GetAccountSettingsInput{})
	if err != nil || *account.AccountLimit.UnreservedConcurrentExecutions != 1000 {
		t.Errorf("%v, %+v", err, account)
	}
}

// Two functions and three mappings over two streams at once: each function gets
// the records of its streams and no others.
func TestSeveralFunctionsAndMappings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		orders, clicks := newStream(2), newStream(1)
		orders.put(0, 4)
		orders.put(1, 5)
		clicks.put(0, 7)
		server := New(Config{Source: streams{testStream: orders, testStream + "2": clicks}, PollInterval: time.Second})
		defer func() {
			if err := server.Close(); err != nil {
				t.Error(err)
			}
		}()
		var mu sync.Mutex
		got := map[string]int{}
		for _, name := range []string{"f", "g"} {
			count := func(_ context.Context, inv Invocation) ([]byte, []string, error) {
				mu.Lock()
				defer mu.Unlock()
				got[name+" "+inv.StreamARN] += len(inv.Records)
				return nil, nil, nil
			}
			if err := server.CreateFunction(FunctionConfig{Name: name, InProcess: count}); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range []MappingConfig{{StreamARN: testStream, Function: "f"}, {StreamARN: testStream, Function: "g"}, {StreamARN: testStream + "2", Function: "g"}} {
			m.Start.Type = TrimHorizon
			if _, err := server.CreateMapping(m); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		want := map[string]int{"f " + testStream: 9, "g " + testStream: 9, "g " + testStream + "2": 7}
		for key, n := range want {
			if got[key] != n {
				t.Errorf("%s: %d records, want %d", key, got[key], n)
			}
		}
	})
}

// streams are streams by ARN.
type streams map[string]*stream

func (s streams) Shards(arn string) ([]Shard, error) { return s[arn].Shards(testStream) }

func (s streams) Position(arn, shard string, start StartingPosition) (uint64, error) {
	return s[arn].Position(arn, shard, start)
}

func (s streams) Read(arn, shard string, from uint64, limit int) (Read, error) {
	return s[arn].Read(arn, shard, from, limit)
}

// A web page can make a browser send requests here: none of them brings code.
func TestCodeFromWebPagesIsRefused(t *testing.T) {
	server := New(Config{CodeDir: t.TempDir()})
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, call := range []struct{ method, path string }{{"POST", "/2015-03-31/functions"}, {"PUT", "/2015-03-31/functions/f/code"}} {
		r := httptest.NewRequest(call.method, call.path, strings.NewReader("{}"))
		r.Header.Set("Origin", "http://example.com")
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		if body, _ := io.ReadAll(w.Body); w.Code != http.StatusForbidden || !strings.Contains(string(body), "no code from web pages") {
			t.Errorf("%s: %d %s", call.path, w.Code, body)
		}
	}
}
