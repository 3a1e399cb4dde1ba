package cloudwatch

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// Config is what a Server serves; both are required.
type Config struct {
	Store *Store
	Logs  *Logs
}

// Server answers CloudWatch's and CloudWatch Logs' HTTP requests. It is safe for
// concurrent use and keeps nothing between requests.
type Server struct {
	store *Store
	logs  *Logs
}

// New makes a server over stores that others may write to as well.
func New(c Config) *Server { return &Server{c.Store, c.Logs} }

const (
	logsTarget = "Logs_20140328"

	// maxDecodedBytes bounds a body after decompression. AWS bounds
	// PutMetricData before it (quota.PutMetricDataMaxBytes); this is the guard
	// against a body that unfolds without end.
	maxDecodedBytes = 32 << 20
)

// operation runs one API operation on a store: decode fills its input, the
// first result is its output or nil.
type operation[S any] func(s S, decode func(any) error) (any, error)

func bind[S, In, Out any](run func(S, *In) (*Out, error)) operation[S] {
	return func(s S, decode func(any) error) (any, error) {
		in := new(In)
		if err := decode(in); err != nil {
			return nil, err
		}
		out, err := run(s, in)
		if err != nil || out == nil {
			return nil, err
		}
		return out, nil
	}
}

var metricOperations = map[string]operation[*Store]{
	"DeleteAlarms":            bind((*Store).deleteAlarms),
	"DeleteDashboards":        bind((*Store).deleteDashboards),
	"DescribeAlarmHistory":    bind((*Store).describeAlarmHistory),
	"DescribeAlarms":          bind((*Store).describeAlarms),
	"DescribeAlarmsForMetric": bind((*Store).describeAlarmsForMetric),
	"DisableAlarmActions":     bind((*Store).disableAlarmActions),
	"EnableAlarmActions":      bind((*Store).enableAlarmActions),
	"GetDashboard":            bind((*Store).getDashboard),
	"GetMetricData":           bind((*Store).getMetricData),
	"GetMetricStatistics":     bind((*Store).getMetricStatistics),
	"ListDashboards":          bind((*Store).listDashboards),
	"ListMetrics":             bind((*Store).listMetrics),
	"PutDashboard":            bind((*Store).putDashboard),
	"PutMetricAlarm":          bind((*Store).putMetricAlarm),
	"PutMetricData":           bind((*Store).putMetricData),
	"SetAlarmState":           bind((*Store).setAlarmState),
}

var logOperations = map[string]operation[*Logs]{
	"CreateLogGroup":        bind((*Logs).createLogGroup),
	"CreateLogStream":       bind((*Logs).createLogStream),
	"DeleteLogGroup":        bind((*Logs).deleteLogGroup),
	"DeleteLogStream":       bind((*Logs).deleteLogStream),
	"DeleteRetentionPolicy": bind((*Logs).deleteRetentionPolicy),
	"DescribeLogGroups":     bind((*Logs).describeLogGroups),
	"DescribeLogStreams":    bind((*Logs).describeLogStreams),
	"FilterLogEvents":       bind((*Logs).filterLogEvents),
	"GetLogEvents":          bind((*Logs).getLogEvents),
	"PutLogEvents":          bind((*Logs).putLogEvents),
	"PutRetentionPolicy":    bind((*Logs).putRetentionPolicy),
}

// Handles tells whether a request is for CloudWatch or CloudWatch Logs, without
// touching its body. A form is CloudWatch's unless its signature says another
// service: no other service here speaks forms.
func Handles(r *http.Request) bool {
	service, _ := wire.Target(r)
	switch {
	case strings.HasPrefix(r.URL.Path, cborPrefix), service == targetPrefix, service == logsTarget:
		return true
	case service != "" || !strings.HasPrefix(r.Header.Get("Content-Type"), formType):
		return false
	}
	scope := credentialService(r.Header.Get("Authorization"))
	return scope == "" || scope == "monitoring"
}

// credentialService is the service in a signature's credential scope,
// Credential=KEY/20261122/us-east-1/monitoring/aws4_request; "" without one.
func credentialService(authorization string) string {
	_, credential, _ := strings.Cut(authorization, "Credential=")
	credential, _, _ = strings.Cut(credential, ",")
	parts := strings.Split(credential, "/")
	if len(parts) != 5 {
		return ""
	}
	return parts[3]
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if service, name := wire.Target(r); service == logsTarget {
		s.serveLogs(w, r, name)
		return
	}
	p, name := protocolOf(r)
	body, err := readBody(w, r)
	if err == nil && name == "" {
		name, err = queryOperation(body)
	}
	var out any
	if err == nil {
		out, err = run(metricOperations, s.store, name, func(into any) error { return p.decode(body, into) })
	}
	if err != nil {
		p.fail(w, r, wire.AsError(err))
		return
	}
	p.answer(w, r, name, out)
}

func (s *Server) serveLogs(w http.ResponseWriter, r *http.Request, name string) {
	out, err := run(logOperations, s.logs, name, func(into any) error {
		return wire.ReadJSON(w, r, maxDecodedBytes, into)
	})
	if err != nil {
		wire.WriteError(w, r, err)
		return
	}
	wire.WriteJSON(w, r, http.StatusOK, out)
}

// WriteError answers with an error as the services do, in the request's
// protocol.
func WriteError(w http.ResponseWriter, r *http.Request, e *wire.Error) {
	if service, _ := wire.Target(r); service == logsTarget {
		wire.WriteError(w, r, e)
		return
	}
	p, _ := protocolOf(r)
	p.fail(w, r, e)
}

// IsLogs tells whether a request that the server handles is for CloudWatch Logs.
func IsLogs(r *http.Request) bool {
	service, _ := wire.Target(r)
	return service == logsTarget
}

// Operation is the operation that a request's head names; a form names it in
// its body, and then it is empty.
func Operation(r *http.Request) string {
	if _, operation := wire.Target(r); operation != "" {
		return operation
	}
	_, operation := protocolOf(r)
	return operation
}

// Operations are the operations of both services, in no order.
func Operations() []string {
	return slices.AppendSeq(slices.Collect(maps.Keys(metricOperations)), maps.Keys(logOperations))
}

func run[S any](operations map[string]operation[S], s S, name string, decode func(any) error) (any, error) {
	op, known := operations[name]
	if !known {
		return nil, wire.UnknownOperation()
	}
	return op(s, decode)
}

// readBody reads a CloudWatch request, at most quota.PutMetricDataMaxBytes on
// the wire.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	r.Body = http.MaxBytesReader(w, r.Body, quota.PutMetricDataMaxBytes)
	return wire.ReadBody(w, r, maxDecodedBytes, nil)
}
