package js

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"

	"weir/internal/pipeline/local"
	"weir/probe/line"
	"weir/probe/token"
)

// needNode skips where there is no Node.js, unless WEIR_REQUIRE names it.
func needNode(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil && !slices.Contains(strings.Split(os.Getenv("WEIR_REQUIRE"), ","), "node") {
		t.Skip("Node.js is not installed")
	}
}

// batch is what an invocation is given, as testdata/lines.js reads it. Times
// are microseconds.
type batch struct {
	Request  string `json:"request"`
	Function string `json:"function"`
	Stream   string `json:"stream"`
	Start    int64  `json:"start"`
	End      int64  `json:"end"`
	Lanes    bool   `json:"lanes"`
	Error    string `json:"error,omitempty"`
	Records  []rec  `json:"records"`
}

type rec struct {
	Shard    string `json:"shard"`
	Sequence string `json:"sequence"`
	Arrival  int64  `json:"arrival"`
	Data     []byte `json:"data"`
}

// golang is the line that the Go probe writes.
func (b batch) golang() string {
	var records []line.Record
	for _, r := range b.Records {
		records = append(records, line.Record{Shard: r.Shard, SequenceNumber: r.Sequence, Arrival: time.UnixMicro(r.Arrival), Data: r.Data})
	}
	l := line.Account(records, time.UnixMicro(b.End), line.Options{Lanes: b.Lanes})
	l.RequestID, l.Function, l.Stream, l.Start, l.OK, l.Error = b.Request, b.Function, b.Stream, time.UnixMicro(b.Start), b.Error == "", b.Error
	return string(l.Append(nil))
}

// node gives values to the Node.js probe and returns its lines.
func node[T any](t *testing.T, values []T) []string {
	t.Helper()
	needNode(t)
	var in bytes.Buffer
	e := json.NewEncoder(&in)
	for _, v := range values {
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "node", "testdata/lines.js")
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// The vectors that the Go probe is tested with.
func TestGoldenLine(t *testing.T) {
	var f struct {
		Request, Function, Stream string
		Start, End                time.Time
		Lanes                     bool
		Records                   []struct {
			Shard, Sequence, Data string
			Arrival               time.Time
		}
	}
	read(t, "../testdata/batch.json", &f)
	b := batch{Request: f.Request, Function: f.Function, Stream: f.Stream, Start: f.Start.UnixMicro(), End: f.End.UnixMicro(), Lanes: f.Lanes}
	for _, r := range f.Records {
		b.Records = append(b.Records, rec{r.Shard, r.Sequence, r.Arrival.UnixMicro(), []byte(r.Data)})
	}
	want, err := os.ReadFile("../testdata/batch.line.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSpace(string(want)), node(t, []batch{b})[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTokens(t *testing.T) {
	var vectors struct {
		Find []struct {
			Name, Data string
			At         int
			Seq        uint64
		}
	}
	read(t, "../testdata/token.json", &vectors)
	var data []string
	for _, v := range vectors.Find {
		data = append(data, v.Data)
	}
	for i, got := range node(t, data) {
		var found *struct{ Seq uint64 }
		if err := json.Unmarshal([]byte(got), &found); err != nil {
			t.Fatal(err)
		}
		if v := vectors.Find[i]; (found != nil) != (v.At >= 0) || found != nil && found.Seq != v.Seq {
			t.Errorf("%s: %s, want sequence %d at %d", v.Name, got, v.Seq, v.At)
		}
	}
}

func read(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever an invocation is given, both probes write the same bytes: batches
// with and without tokens, of several producers, out of order, delivered twice,
// above every rounding step of an age, and failed.
func TestSameLineAsGo(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	var batches []batch
	for range 200 {
		batches = append(batches, drawn(rng))
	}
	for i, got := range node(t, batches) {
		if diff := cmp.Diff(batches[i].golang(), got); diff != "" {
			t.Fatalf("batch %d (-go +js):\n%s", i, diff)
		}
	}
}

func drawn(rng *rand.Rand) batch {
	end := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).UnixMicro() + rng.Int64N(1e12)
	b := batch{
		Request: fmt.Sprintf("request-%d", rng.Uint32()), Function: "orders-consumer", Stream: "orders",
		Start: end - rng.Int64N(1e6), End: end, Lanes: rng.IntN(2) == 0,
	}
	if rng.IntN(5) == 0 {
		b.Error = strings.Repeat("ä failed; ", 1+rng.IntN(30))
	}
	limit := []int64{1e3, 1e5, 1e7, 1e10}[rng.IntN(4)] // µs
	for n := range 1 + rng.IntN(150) {
		r := rec{
			Shard: "shardId-000000000003", Sequence: fmt.Sprintf("4965703%049d", 1000*n+rng.IntN(3000)),
			Arrival: end - rng.Int64N(limit)/1000*1000,
		}
		switch rng.IntN(8) {
		case 0:
			r.Data = fmt.Appendf(nil, "no token: %d wr1", rng.Uint64())
		default:
			due := time.UnixMicro(end - rng.Int64N(limit))
			tok := token.Token{
				Run: rng.Uint32N(2) * token.MaxRun, Step: uint8(rng.IntN(3)), Producer: uint16(rng.IntN(2) * token.MaxProducer),
				Seq: rng.Uint64N(400) + uint64(rng.IntN(2))*(token.MaxSeq-400), Lane: rng.Uint32N(20), Due: due, Sent: due.Add(time.Duration(rng.Int64N(1e9))),
			}
			r.Data = fmt.Appendf(nil, `{"_weir":"%s","id":%d}`, tok, n)
		}
		b.Records = append(b.Records, r)
	}
	return b
}

// What a handler returns or throws stays the same, and decides which records
// count as processed, as with the Go probe: those before the lowest that is
// reported.
func TestHandlers(t *testing.T) {
	needNode(t)
	var event strings.Builder
	event.WriteString(`{"Records":[`)
	for i := range 4 {
		if i > 0 {
			event.WriteString(",")
		}
		fmt.Fprintf(&event, `{"eventID":"shardId-000000000001:10%d","eventSourceARN":"arn:aws:kinesis:eu-west-1:1:stream/orders",
			"kinesis":{"sequenceNumber":"10%d","approximateArrivalTimestamp":1795348800.5,"data":"eA=="}}`, i, i)
	}
	event.WriteString("]}")
	cmd := exec.CommandContext(t.Context(), "node", "testdata/handlers.js")
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(event.String()), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	var lines []string
	for text := range strings.Lines(stdout.String()) {
		l, err := line.Parse([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		lines = append(lines, fmt.Sprintf("%s: %d from %s ok=%t %s", l.RequestID, l.Records, l.First, l.OK, l.Error))
	}
	const reported = "the handler reported a batch item failure"
	if diff := cmp.Diff([]string{
		"succeeds: 4 from 100 ok=true ",
		"reports the third and the second: 1 from 100 ok=true ", "reports the third and the second: 3 from 101 ok=false " + reported,
		"reports the first: 4 from 100 ok=false " + reported,
		"reports one that is not there: 4 from 100 ok=false " + reported,
		"reports none: 4 from 100 ok=true ",
		"throws: 4 from 100 ok=false no database",
	}, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	for _, want := range []string{`succeeds: "done"`, `reports the first: {"batchItemFailures":[{"itemIdentifier":"100"}]}`, "throws: threw no database"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("no %q in:\n%s", want, stderr.String())
		}
	}
}

// The code of the stack's template, zipped as CloudFormation does, is a
// function of the embedded Lambda behind its mapping: each record put is
// accounted for in its log.
func TestRunsInLambdaAsUploaded(t *testing.T) {
	needNode(t)
	if testing.Short() {
		t.Skip("starts processes")
	}
	o := local.Defaults()
	o.Profile = local.InstantProfile
	p, err := local.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	c := p.Address().Clients()
	stream := aws.String("orders")
	if _, err := c.Kinesis.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: stream, ShardCount: aws.Int32(1)}); err != nil {
		t.Fatal(err)
	}
	if err := kinesis.NewStreamExistsWaiter(c.Kinesis, func(o *kinesis.StreamExistsWaiterOptions) { o.MinDelay = 50 * time.Millisecond }).
		Wait(t.Context(), &kinesis.DescribeStreamInput{StreamName: stream}, 30*time.Second); err != nil {
		t.Fatal(err)
	}
	function := &lambda.CreateFunctionInput{
		FunctionName: aws.String("orders"), Runtime: "nodejs22.x", Handler: aws.String("index.handler"), MemorySize: aws.Int32(512),
		Role: aws.String("arn:aws:iam::123456789012:role/any"), Code: &types.FunctionCode{ZipFile: zipped(t, "index.js", Inline())},
		Timeout: aws.Int32(30),
	}
	if _, err := c.Lambda.CreateFunction(t.Context(), function); err != nil {
		t.Fatal(err)
	}
	put(t, c.Kinesis, stream, 20)
	if _, err := c.Lambda.CreateEventSourceMapping(t.Context(), &lambda.CreateEventSourceMappingInput{
		FunctionName: function.FunctionName, EventSourceArn: aws.String("arn:aws:kinesis:us-east-1:" + local.AccountID + ":stream/orders"), StartingPosition: types.EventSourcePositionTrimHorizon,
	}); err != nil {
		t.Fatal(err)
	}
	var all line.Set
	for deadline := time.Now().Add(30 * time.Second); all.Len() < 20 && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		all = nil
		got, err := c.Logs.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("/aws/lambda/orders"), FilterPattern: aws.String(`"` + line.Marker + `"`)})
		if err != nil {
			continue // the log group comes with the first line
		}
		for _, e := range got.Events {
			l, err := line.Parse([]byte(*e.Message))
			if err != nil || !l.OK || l.Stream != "orders" || l.Function != "orders" {
				t.Fatalf("line %s: %v", *e.Message, err)
			}
			for _, g := range l.Groups {
				all = all.Union(g.Seqs)
			}
		}
	}
	if diff := cmp.Diff(line.Set{{From: 0, To: 20}}, all); diff != "" {
		t.Errorf("sequences in the log (-want +got):\n%s", diff)
	}
}

// put puts records 0 to n-1 of a producer.
func put(t *testing.T, c *kinesis.Client, stream *string, n int) {
	t.Helper()
	var records []kinesistypes.PutRecordsRequestEntry
	for seq := range uint64(n) {
		tok := token.Token{Run: 7, Producer: 1, Seq: seq, Due: time.Now(), Sent: time.Now()}
		records = append(records, kinesistypes.PutRecordsRequestEntry{Data: []byte(tok.String()), PartitionKey: aws.String("a")})
	}
	out, err := c.PutRecords(t.Context(), &kinesis.PutRecordsInput{StreamName: stream, Records: records})
	if err != nil || *out.FailedRecordCount > 0 {
		t.Fatalf("put: %v, %v", out, err)
	}
}

func zipped(t *testing.T, name, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	if err == nil {
		_, err = f.Write([]byte(content))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
