package ecs

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-cmp/cmp"
)

// service answers ECS's JSON protocol from a script: operation, then answers in
// turn, the last again and again. It keeps what it was asked.
type service struct {
	mu      sync.Mutex
	answers map[string][]string
	asked   []string
	bodies  []map[string]any
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked, s.bodies = append(s.asked, operation), append(s.bodies, body)
	left := s.answers[operation]
	if len(left) == 0 {
		http.Error(w, "{}", http.StatusNotImplemented)
		return
	}
	if len(left) > 1 {
		s.answers[operation] = left[1:]
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if strings.Contains(left[0], `"__type"`) {
		w.WriteHeader(http.StatusBadRequest)
	}
	_, _ = io.WriteString(w, left[0])
}

func start(t *testing.T, o Options, answers map[string][]string) (*Tasks, *service) {
	t.Helper()
	s := &service{answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return New(ecs.New(ecs.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL),
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		Retryer:     retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.Backoff = 3, retry.NewExponentialJitterBackoff(1) }),
	}), o), s
}

func task(number int) string {
	return fmt.Sprintf(`{"tasks":[{"taskArn":"arn:aws:ecs:eu-west-1:1:task/load/t%d"}],"failures":[]}`, number)
}

var fargate = Options{Cluster: "load", TaskDefinition: "weir", Container: "weir", Subnets: []string{"subnet-1"}, SecurityGroups: []string{"sg-1"}, Spot: true, StartedBy: "weir-3f2a91"}

func TestStart(t *testing.T) {
	const throttled = `{"__type":"ThrottlingException","message":"Rate exceeded"}`
	tasks, s := start(t, fargate, map[string][]string{"RunTask": {task(1), throttled, task(2)}})
	arns, err := tasks.Start(t.Context(), [][]string{{"fleet", "runner", "1/2"}, {"fleet", "runner", "2/2"}}, map[string]string{"WEIR_ORDER": "abc"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"arn:aws:ecs:eu-west-1:1:task/load/t1", "arn:aws:ecs:eu-west-1:1:task/load/t2"}, arns); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	if tasks.Retries() != 1 {
		t.Errorf("%d retries, want that of the throttled call", tasks.Retries())
	}
	token := s.bodies[2]["clientToken"]
	want := map[string]any{
		"cluster": "load", "taskDefinition": "weir", "startedBy": "weir-3f2a91", "count": 1.0, "clientToken": token,
		"capacityProviderStrategy": []any{map[string]any{"capacityProvider": "FARGATE_SPOT", "weight": 1.0}},
		"networkConfiguration": map[string]any{"awsvpcConfiguration": map[string]any{
			"subnets": []any{"subnet-1"}, "securityGroups": []any{"sg-1"}, "assignPublicIp": "DISABLED",
		}},
		"overrides": map[string]any{"containerOverrides": []any{map[string]any{
			"name": "weir", "command": []any{"fleet", "runner", "2/2"}, "environment": []any{map[string]any{"name": "WEIR_ORDER", "value": "abc"}},
		}}},
		"tags": []any{map[string]any{"key": "managed-by", "value": "weir"}},
	}
	if diff := cmp.Diff(want, s.bodies[2]); diff != "" {
		t.Errorf("second task (-want +got):\n%s", diff)
	}
	// The retry of the throttled call can't start a task twice.
	if token == nil || s.bodies[1]["clientToken"] != token || s.bodies[0]["clientToken"] == token {
		t.Errorf("client tokens %v, %v, %v", s.bodies[0]["clientToken"], s.bodies[1]["clientToken"], token)
	}
}

// A runner that can't be started takes the others with it.
func TestStartFails(t *testing.T) {
	tasks, s := start(t, fargate, map[string][]string{
		"RunTask":  {task(1), `{"tasks":[],"failures":[{"reason":"RESOURCE:MEMORY","detail":"no room"}]}`},
		"StopTask": {"{}"},
	})
	_, err := tasks.Start(t.Context(), [][]string{{"a"}, {"b"}, {"c"}}, nil)
	if err == nil || err.Error() != "start runner 2: run task: RESOURCE:MEMORY, no room" {
		t.Errorf("%v", err)
	}
	if diff := cmp.Diff([]string{"RunTask", "RunTask", "StopTask"}, s.asked); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if got := s.bodies[2]["task"]; got != "arn:aws:ecs:eu-west-1:1:task/load/t1" {
		t.Errorf("stopped %v", got)
	}
}

func TestEnded(t *testing.T) {
	tasks, _ := start(t, fargate, map[string][]string{"RunTask": {task(1), task(2), task(3), task(4)}, "DescribeTasks": {`{"tasks":[
		{"taskArn":"arn:aws:ecs:eu-west-1:1:task/load/t1","lastStatus":"RUNNING"},
		{"taskArn":"arn:aws:ecs:eu-west-1:1:task/load/t2","lastStatus":"STOPPED","stopCode":"SpotInterruption","stoppedReason":"Your Spot Task was interrupted.","containers":[{"exitCode":130}]},
		{"taskArn":"arn:aws:ecs:eu-west-1:1:task/load/t3","lastStatus":"STOPPED","stopCode":"EssentialContainerExited","stoppedReason":"Essential container in task exited","containers":[{"exitCode":137,"reason":"OutOfMemoryError"}]}],
		"failures":[{"arn":"arn:aws:ecs:eu-west-1:1:task/load/t4","reason":"MISSING"}]}`}})
	if _, err := tasks.Start(t.Context(), [][]string{{"a"}, {"b"}, {"c"}, {"d"}}, nil); err != nil {
		t.Fatal(err)
	}
	got, err := tasks.Ended(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"arn:aws:ecs:eu-west-1:1:task/load/t2": "the spot task was interrupted: Your Spot Task was interrupted., exit code 130",
		"arn:aws:ecs:eu-west-1:1:task/load/t3": "the task stopped: Essential container in task exited, exit code 137, OutOfMemoryError",
		"arn:aws:ecs:eu-west-1:1:task/load/t4": "the task is gone (MISSING)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ended (-want +got):\n%s", diff)
	}
}

func TestFindLog(t *testing.T) {
	definition := func(containers string) map[string][]string {
		return map[string][]string{"DescribeTaskDefinition": {`{"taskDefinition":{"containerDefinitions":[` + containers + `]}}`}}
	}
	const logged = `{"name":"weir","logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"/weir/fleet","awslogs-stream-prefix":"weir"}}}`
	for _, tt := range []struct{ container, containers, want, err string }{
		{"", logged, "weir/weir/abc", ""},
		{"weir", `{"name":"proxy"},` + logged, "weir/weir/abc", ""},
		{"other", logged, "", `no container "other"`},
		{"", `{"name":"weir"}`, "", "no awslogs driver"},
		{"", `{"name":"weir","logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"/weir/fleet"}}}`, "", "no awslogs driver with a stream prefix"},
	} {
		o := fargate
		o.Container = tt.container
		tasks, _ := start(t, o, definition(tt.containers))
		log, err := tasks.FindLog(t.Context())
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: %v, want %q", tt.containers, err, tt.err)
			}
			continue
		}
		if err != nil || log.Group != "/weir/fleet" || log.Stream("arn:aws:ecs:eu-west-1:1:task/load/abc") != tt.want {
			t.Errorf("%s: %+v, %v", tt.containers, log, err)
		}
	}
}
