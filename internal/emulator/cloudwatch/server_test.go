package cloudwatch

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"
)

func newTestServer(now func() time.Time) (*Server, *Store, *Logs) {
	store := NewStore(Options{Now: now})
	logs := NewLogs(LogsOptions{Store: store, Now: now})
	return New(Config{Store: store, Logs: logs}), store, logs
}

// call sends a body with headers given as names and values in turn.
func call(s http.Handler, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func callJSON(s http.Handler, operation, body string) *httptest.ResponseRecorder {
	return call(s, "/", body, "X-Amz-Target", "GraniteServiceVersion20100801."+operation, "Content-Type", "application/x-amz-json-1.0", "X-Amzn-Query-Mode", "true")
}

func callForm(s http.Handler, body string) *httptest.ResponseRecorder {
	return call(s, "/", body, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
}

func callCBOR(s http.Handler, operation, body string) *httptest.ResponseRecorder {
	return call(s, "/service/GraniteServiceVersion20100801/operation/"+operation, body, "Smithy-Protocol", "rpc-v2-cbor", "Content-Type", "application/cbor", "Accept", "application/cbor")
}

var requestIDs = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)

// expect compares an answer, its request id written as r.
func expect(t *testing.T, w *httptest.ResponseRecorder, status int, contentType, body string) {
	t.Helper()
	if w.Code != status || w.Header().Get("Content-Type") != contentType {
		t.Errorf("status %d, type %q; want %d, %q", w.Code, w.Header().Get("Content-Type"), status, contentType)
	}
	if diff := cmp.Diff(body, requestIDs.ReplaceAllString(w.Body.String(), "r")); diff != "" {
		t.Error(diff)
	}
}

// 1795348800 is noon, 2026-11-22T12:00:00Z.
func TestJSON(t *testing.T) {
	s, _, _ := newTestServer(clockAt(noon))
	w := callJSON(s, "PutMetricData", `{"Namespace": "T", "MetricData": [{"MetricName": "M", "Values": [1.0, 2.0], "Counts": [3.0, 4.0], "Unit": "Milliseconds", "StorageResolution": 1, "Timestamp": 1795348800, "Dimensions": [{"Name": "StreamName", "Value": "s1"}]}]}`)
	expect(t, w, 200, "application/x-amz-json-1.0", "")

	w = callJSON(s, "GetMetricData", `{"MetricDataQueries": [{"Id": "m1", "MetricStat": {"Metric": {"Namespace": "T", "MetricName": "M", "Dimensions": [{"Name": "StreamName", "Value": "s1"}]}, "Period": 60, "Stat": "Sum"}}], "StartTime": 1795348800, "EndTime": 1795348860}`)
	expect(t, w, 200, "application/x-amz-json-1.0", `{"MetricDataResults":[{"Id":"m1","Label":"M","StatusCode":"Complete","Timestamps":[1795348800.000],"Values":[11]}]}`)

	w = callJSON(s, "GetMetricStatistics", `{"Namespace":"T","MetricName":"M","Dimensions":[{"Name":"StreamName","Value":"s1"}],"StartTime":1795348800,"EndTime":1795348860,"Period":60,"Statistics":["Average","Maximum"],"ExtendedStatistics":["p100"]}`)
	expect(t, w, 200, "application/x-amz-json-1.0", `{"Label":"M","Datapoints":[{"Timestamp":1795348800.000,"Average":1.5714285714285714,"Maximum":2,"Unit":"Milliseconds","ExtendedStatistics":{"p100":2}}]}`)

	w = callJSON(s, "ListMetrics", `{}`)
	expect(t, w, 200, "application/x-amz-json-1.0", `{"Metrics":[{"Namespace":"T","MetricName":"M","Dimensions":[{"Name":"StreamName","Value":"s1"}]}]}`)

	w = callJSON(s, "PutMetricData", `{"Namespace":"T","MetricData":[{"MetricName":"M","Value":1,"Unit":"Furlongs"}]}`)
	expect(t, w, 400, "application/x-amz-json-1.0", `{"__type":"InvalidParameterValueException","message":"The parameter MetricData.member.1.Unit must be one of CloudWatch's units; it is Furlongs."}`)
	if got := w.Header().Get("X-Amzn-Query-Error"); got != "InvalidParameterValue;Sender" {
		t.Errorf("X-Amzn-Query-Error: %q", got)
	}
	expect(t, callJSON(s, "PutAnomalyDetector", `{}`), 400, "application/x-amz-json-1.0", `{"__type":"UnknownOperationException"}`)
	if w := callJSON(s, "ListMetrics", `{"Namespace":`); w.Code != 400 || !strings.Contains(w.Body.String(), "SerializationException") {
		t.Errorf("half a body: %d %s", w.Code, w.Body)
	}
}

const xmlns = ` xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"`

func TestQuery(t *testing.T) {
	s, _, _ := newTestServer(clockAt(noon))
	w := callForm(s, "Action=PutMetricData&Version=2010-08-01&Namespace=T&MetricData.member.1.MetricName=M&MetricData.member.1.Values.member.1=1.5&MetricData.member.1.Dimensions.member.1.Name=a&MetricData.member.1.Dimensions.member.1.Value=b%3C&MetricData.member.1.Timestamp=2026-11-22T12%3A00%3A00Z")
	expect(t, w, 200, "text/xml", `<PutMetricDataResponse`+xmlns+`><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PutMetricDataResponse>`)

	query := "&MetricDataQueries.member.1.Id=m1&MetricDataQueries.member.1.Label=L&MetricDataQueries.member.1.MetricStat.Period=60&MetricDataQueries.member.1.MetricStat.Stat=Sum&MetricDataQueries.member.1.MetricStat.Metric.Namespace=T&MetricDataQueries.member.1.MetricStat.Metric.MetricName=M&MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Name=a&MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Value=b%3C"
	w = callForm(s, "Action=GetMetricData&Version=2010-08-01&StartTime=2026-11-22T12%3A00%3A00Z&EndTime=2026-11-22T12%3A01%3A00Z"+query)
	expect(t, w, 200, "text/xml", `<GetMetricDataResponse`+xmlns+`><GetMetricDataResult><MetricDataResults><member><Id>m1</Id><Label>L</Label><StatusCode>Complete</StatusCode><Timestamps><member>2026-11-22T12:00:00Z</member></Timestamps><Values><member>1.5</member></Values></member></MetricDataResults></GetMetricDataResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetMetricDataResponse>`)

	w = callForm(s, "Action=GetMetricStatistics&Version=2010-08-01&Namespace=T&MetricName=M&Dimensions.member.1.Name=a&Dimensions.member.1.Value=b%3C&StartTime=2026-11-22T12%3A00%3A00Z&EndTime=2026-11-22T12%3A01%3A00Z&Period=60&Statistics.member.1=Sum&ExtendedStatistics.member.1=p50")
	expect(t, w, 200, "text/xml", `<GetMetricStatisticsResponse`+xmlns+`><GetMetricStatisticsResult><Label>M</Label><Datapoints><member><Timestamp>2026-11-22T12:00:00Z</Timestamp><Sum>1.5</Sum><Unit>None</Unit><ExtendedStatistics><entry><key>p50</key><value>1.5</value></entry></ExtendedStatistics></member></Datapoints></GetMetricStatisticsResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetMetricStatisticsResponse>`)

	w = callForm(s, "Action=ListMetrics&Version=2010-08-01&Namespace=T")
	expect(t, w, 200, "text/xml", `<ListMetricsResponse`+xmlns+`><ListMetricsResult><Metrics><member><Namespace>T</Namespace><MetricName>M</MetricName><Dimensions><member><Name>a</Name><Value>b&lt;</Value></member></Dimensions></member></Metrics></ListMetricsResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></ListMetricsResponse>`)

	for _, c := range []struct{ body, code, message string }{
		{"Action=PutMetricData&Version=2010-08-01&Namespace=T", "MissingParameter", "The parameter MetricData is required."},
		{"Action=PutMetricData&Version=2010-08-01&Namespace=T&MetricData.member.1.Value=x", "MalformedInput", `MetricData.member.1.Value: strconv.ParseFloat: parsing &#34;x&#34;: invalid syntax`},
		{"Action=Nonsense&Version=2010-08-01", "UnknownOperationException", ""},
		{"Action=ListMetrics&Version=2009", "InvalidAction", "Could not find operation ListMetrics for version 2009"},
		{"", "MissingAction", "Missing Action"},
	} {
		message := "<Message>" + c.message + "</Message>"
		if c.message == "" {
			message = ""
		}
		expect(t, callForm(s, c.body), 400, "text/xml", `<ErrorResponse`+xmlns+`><Error><Type>Sender</Type><Code>`+c.code+`</Code>`+message+`</Error><RequestId>r</RequestId></ErrorResponse>`)
	}
}

// The bodies that aws-sdk-go-v2 was seen to send.
func TestCBORVectors(t *testing.T) {
	s, store, _ := newTestServer(clockAt(noon))
	store.Series("AWS/Kinesis", "IncomingRecords", "Count", "StreamName", "s1")(noon, 1, 1)
	store.Series("AWS/Lambda", "Errors", "Count", "FunctionName", "f")(noon, 1, 1)

	w := callCBOR(s, "ListMetrics", unhex("bf694e616d6573706163656b4157532f4b696e65736973ff"))
	var got map[string]any
	if err := cbor.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"Metrics": []any{map[any]any{
		"Namespace": "AWS/Kinesis", "MetricName": "IncomingRecords",
		"Dimensions": []any{map[any]any{"Name": "StreamName", "Value": "s1"}},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if w.Header().Get("Smithy-Protocol") != "rpc-v2-cbor" || w.Header().Get("Content-Type") != "application/cbor" {
		t.Errorf("headers %v", w.Header())
	}

	w = callCBOR(s, "PutDashboard", unhex("bf6d44617368626f617264426f64796e7b2277696467657473223a5b5d7d6d44617368626f6172644e616d656164ff"))
	got = nil
	if err := cbor.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"DashboardValidationMessages": []any{}}, got); diff != "" || w.Code != 200 {
		t.Error(w.Code, diff)
	}

	w = callCBOR(s, "PutInsightRule", "\xa0")
	got = nil
	if err := cbor.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"__type": "com.amazonaws.cloudwatch#UnknownOperationException", "message": ""}, got); diff != "" || w.Code != 400 {
		t.Error(w.Code, diff)
	}
}

func unhex(text string) string {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestCBORTimestamps(t *testing.T) {
	for _, c := range []struct {
		hex  string
		want time.Time
		ok   bool
	}{
		{"c11a6b02d3c0", time.Unix(0x6b02d3c0, 0), true},              // 1(uint32)
		{"c1fb41d9000000000000", time.Unix(1677721600, 0), true},      // 1(1677721600.0)
		{"c1fb41d9000000200000", time.UnixMilli(1677721600500), true}, // 1(1677721600.5)
		{"fb41d9000000000000", time.Time{}, false},                    // no tag
		{"c0743230", time.Time{}, false},                              // tag 0, cut short
		{"c1fb7ff8000000000000", time.Time{}, false},                  // 1(NaN)
		{"c1fb7e37e43c8800759c", time.Time{}, false},                  // 1(1e300)
	} {
		var got timestamp
		err := cbor.Unmarshal([]byte(unhex(c.hex)), &got)
		if (err == nil) != c.ok || c.ok && !got.Equal(c.want) {
			t.Errorf("%s: %v, error %v; want %v", c.hex, got, err, c.want)
		}
	}
}

func TestGzip(t *testing.T) {
	s, store, _ := newTestServer(clockAt(noon))
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	if _, err := io.WriteString(z, `{"Namespace":"T","MetricData":[{"MetricName":"M","Value":4}]}`); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	w := call(s, "/", body.String(), "X-Amz-Target", "GraniteServiceVersion20100801.PutMetricData", "Content-Type", "application/x-amz-json-1.0", "Content-Encoding", "gzip")
	expect(t, w, 200, "application/x-amz-json-1.0", "")
	if diff := cmp.Diff(map[int]float64{0: 4}, read(store, newMetric("T", "M"), "Sum", 0, 60, 60)); diff != "" {
		t.Error(diff)
	}
}

func TestBodyOverOneMegabyte(t *testing.T) {
	s, _, _ := newTestServer(clockAt(noon))
	if w := callJSON(s, "PutMetricData", strings.Repeat(" ", 1<<20+1)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d, want 413", w.Code)
	}
}

func TestHandles(t *testing.T) {
	const form = "application/x-www-form-urlencoded; charset=utf-8"
	signed := func(service string) string {
		return "AWS4-HMAC-SHA256 Credential=AK/20261122/us-east-1/" + service + "/aws4_request, SignedHeaders=host, Signature=0"
	}
	for _, c := range []struct {
		name, path, target, contentType, authorization string
		want                                           bool
	}{
		{"CBOR", "/service/GraniteServiceVersion20100801/operation/ListMetrics", "", "application/cbor", "", true},
		{"JSON", "/", "GraniteServiceVersion20100801.ListMetrics", "application/x-amz-json-1.0", "", true},
		{"Logs", "/", "Logs_20140328.PutLogEvents", "application/x-amz-json-1.1", "", true},
		{"a form signed for monitoring", "/", "", form, signed("monitoring"), true},
		{"a form without signature", "/", "", form, "", true},
		{"a form signed for sts", "/", "", form, signed("sts"), false},
		{"Kinesis", "/", "Kinesis_20131202.PutRecords", "application/x-amz-json-1.1", signed("kinesis"), false},
		{"Lambda", "/2015-03-31/functions/f/invocations", "", "", signed("lambda"), false},
	} {
		r := httptest.NewRequest(http.MethodPost, c.path, strings.NewReader("Action=x"))
		for name, value := range map[string]string{"X-Amz-Target": c.target, "Content-Type": c.contentType, "Authorization": c.authorization} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if got := Handles(r); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if rest, _ := io.ReadAll(r.Body); string(rest) != "Action=x" {
			t.Errorf("%s: the body was read", c.name)
		}
	}
}

func TestListMetricsFiltersAndPages(t *testing.T) {
	now := noon
	s := NewStore(Options{Now: func() time.Time { return now }})
	s.Series("N", "unused", "Count")
	for i := range 501 {
		s.Series("N", "M", "Count", "I", string(rune('a'+i%26)), "J", time.Duration(i).String())(noon, 1, 1)
	}
	s.Series("N2", "late", "Count")(noon.Add(4*time.Hour), 1, 1)
	now = noon.Add(4 * time.Hour)
	for _, c := range []struct {
		name string
		in   listMetricsInput
		want int
	}{
		{"a namespace, over two pages", listMetricsInput{Namespace: "N"}, 501},
		{"a name", listMetricsInput{MetricName: "late"}, 1},
		{"a dimension's name", listMetricsInput{Dimensions: []dimension{{Name: "I"}}}, 501},
		{"a dimension's value: 501 = 19*26 + 7", listMetricsInput{Dimensions: []dimension{{"I", "a"}}}, 20},
		{"two dimensions", listMetricsInput{Dimensions: []dimension{{"I", "a"}, {"J", "26ns"}}}, 1},
		{"those of the last three hours", listMetricsInput{RecentlyActive: "PT3H"}, 1},
	} {
		got := 0
		for {
			out, err := s.listMetrics(&c.in)
			if err != nil {
				t.Fatal(err)
			}
			got += len(out.Metrics)
			if c.in.NextToken = out.NextToken; c.in.NextToken == "" {
				break
			}
		}
		if got != c.want {
			t.Errorf("%s: %d metrics, want %d", c.name, got, c.want)
		}
	}
}

// FuzzRequest throws bodies at every decoder: the server answers, and never with
// a failure of its own.
func FuzzRequest(f *testing.F) {
	f.Add("ListMetrics", unhex("bf694e616d6573706163656b4157532f4b696e65736973ff"))
	f.Add("PutMetricData", unhex("bf694e616d65737061636561546a4d6574726963446174619fbf6a4d65747269634e616d65614d6556616c7565fb3ff0000000000000ffffff"))
	f.Add("PutMetricData", `{"Namespace":"T","MetricData":[{"MetricName":"M","Value":1,"Timestamp":1795348800}]}`)
	f.Add("GetMetricData", "MetricDataQueries.member.1.Id=m1&StartTime=2026-11-22T12:00:00Z&EndTime=2026-11-22T12:00:00Z&Period=60")
	f.Fuzz(func(t *testing.T, operation, body string) {
		s, _, _ := newTestServer(clockAt(noon))
		for protocol, w := range map[string]*httptest.ResponseRecorder{
			"cbor":  callCBOR(s, url.PathEscape(operation), body),
			"json":  callJSON(s, operation, body),
			"query": callForm(s, "Version=2010-08-01&Action="+url.QueryEscape(operation)+"&"+body),
			"logs":  call(s, "/", body, "X-Amz-Target", "Logs_20140328."+operation),
		} {
			if w.Code >= 500 {
				t.Errorf("%s: status %d: %s", protocol, w.Code, w.Body)
			}
		}
	})
}
