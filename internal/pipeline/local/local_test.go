package local

import (
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"weir/probe/line"
	"weir/probe/token"
)

func begin(t *testing.T, change func(*Options)) *Pipeline {
	t.Helper()
	o := Defaults()
	o.Profile = InstantProfile
	o.Work.PerBatch, o.Work.PerRecord = time.Millisecond, 0
	if change != nil {
		change(&o)
	}
	p, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// The whole pipeline by AWS's own clients: what is put is processed by the
// function, and its ledger line is in the log.
func TestRecordsReachTheFunction(t *testing.T) {
	p := begin(t, nil)
	a := p.Address()
	c := a.Clients()
	const n = 50
	var entries []types.PutRecordsRequestEntry
	for i := range uint64(n) {
		tok := token.Token{Run: 9, Seq: i, Due: time.Now(), Sent: time.Now()}
		entries = append(entries, types.PutRecordsRequestEntry{Data: []byte(tok.String()), PartitionKey: aws.String(fmt.Sprint(i))})
	}
	put, err := c.Kinesis.PutRecords(t.Context(), &kinesis.PutRecordsInput{StreamName: &a.Stream, Records: entries})
	if err != nil || aws.ToInt32(put.FailedRecordCount) != 0 {
		t.Fatalf("PutRecords: %v, %+v", err, put)
	}
	group, pattern := a.LogGroup(), `"`+line.Marker+`"`
	processed := 0
	for deadline := time.Now().Add(10 * time.Second); processed < n; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d records processed", processed, n)
		}
		got, err := c.Logs.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group, FilterPattern: &pattern})
		if err != nil {
			continue // the group appears with the first invocation
		}
		processed = 0
		for _, e := range got.Events {
			l, err := line.Parse([]byte(aws.ToString(e.Message)))
			if err != nil {
				t.Fatal(err)
			}
			processed += l.Records
		}
	}
	if processed != n {
		t.Errorf("%d records processed, %d put", processed, n)
	}
}

// The embedded configuration is read by the same calls as an account's.
func TestConfigurationAndIdentity(t *testing.T) {
	p := begin(t, func(o *Options) { o.BatchSize, o.Timeout = 7, 5*time.Second })
	a := p.Address()
	c := a.Clients()
	m, err := c.Lambda.GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: &a.Mapping})
	if err != nil || aws.ToInt32(m.BatchSize) != 7 {
		t.Errorf("mapping: %v, %+v", err, m)
	}
	f, err := c.Lambda.GetFunctionConfiguration(t.Context(), &lambda.GetFunctionConfigurationInput{FunctionName: &a.Function})
	if err != nil || aws.ToInt32(f.Timeout) != 5 {
		t.Errorf("function: %v, %+v", err, f)
	}
	who, err := sts.NewFromConfig(a.Config).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || aws.ToString(who.Account) != AccountID {
		t.Errorf("identity: %v, %+v", err, who)
	}
}

// What can't start says why, and leaves nothing listening.
// An empty container has no folder for temporary files.
func TestStartWithoutTemporaryFolder(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	begin(t, nil)
}

func TestStartFails(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for want, change := range map[string]func(*Options){
		"address already in use": func(o *Options) { o.Addr = taken.Addr().String() },
		"out of order":           func(o *Options) { o.Command = []string{"/bin/sh", "-c", "echo out of order >&2; exit 3"} },
	} {
		o := Defaults()
		change(&o)
		p, err := Start(t.Context(), o)
		if err == nil {
			t.Errorf("started, want %q; close: %v", want, p.Close())
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q, want %q in it", err, want)
		}
	}
}

// AWS's Java clients speak HTTP/2 to Kinesis from the first byte, also where
// there is no TLS to agree on it.
func TestHTTP2WithoutTLS(t *testing.T) {
	p := begin(t, nil)
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	a := p.Address()
	a.Config.HTTPClient = &http.Client{Transport: &http.Transport{Protocols: protocols}}
	out, err := a.Clients().Kinesis.DescribeStreamSummary(t.Context(), &kinesis.DescribeStreamSummaryInput{StreamName: &a.Stream})
	if err != nil || aws.ToInt32(out.StreamDescriptionSummary.OpenShardCount) != 4 {
		t.Errorf("DescribeStreamSummary over HTTP/2: %v, %+v", err, out)
	}
}
