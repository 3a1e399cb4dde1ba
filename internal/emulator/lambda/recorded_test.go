package lambda

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recordedAnswers are answers of the real service, kept outside the repository.
const recordedAnswers = "../../../../shared/recorded/lambda_esm_kinesis.snapshot.json"

// TestMappingAnswersAsRecorded compares our answers with recorded ones: the
// same members, and the same values but for those that name something.
func TestMappingAnswersAsRecorded(t *testing.T) {
	scenario := recordedScenarios(t)
	server, _ := pipeline(t, newStream(1), FunctionConfig{InProcess: echo}, MappingConfig{})
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	create := func(stream string) map[string]any {
		return post(t, web.URL+"/2015-03-31/event-source-mappings/", `{"EventSourceArn":"`+stream+`","FunctionName":"f","StartingPosition":"LATEST"}`)
	}

	want := scenario("TestKinesisSource::test_create_kinesis_event_source_mapping")["create_event_source_mapping_response"].(map[string]any)
	got := create(testStream)
	delete(got, "MetricsConfig") // ours: EventCount is always on
	compareRecorded(t, want, got)

	again := scenario("TestKinesisSource::test_duplicate_event_source_mappings")["error"].(map[string]any)
	compareRecorded(t, again, create(testStream))
	missing := scenario("TestKinesisSource::test_esm_with_not_existing_kinesis_stream")["error"].(map[string]any)
	compareRecorded(t, missing, create(testStream+"-missing"))
}

// recordedScenarios finds a scenario's content by the end of its name.
func recordedScenarios(t *testing.T) func(name string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(recordedAnswers)
	if err != nil {
		t.Skipf("no recorded answers: %v", err)
	}
	var all map[string]struct {
		Content map[string]any `json:"recorded-content"`
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return func(name string) map[string]any {
		for key, scenario := range all {
			if strings.HasSuffix(key, name) {
				return scenario.Content
			}
		}
		t.Fatalf("no recorded scenario %s", name)
		return nil
	}
}

func post(t *testing.T, url, body string) map[string]any {
	t.Helper()
	answer, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	got["ResponseMetadata"] = map[string]any{"HTTPHeaders": map[string]any{}, "HTTPStatusCode": float64(answer.StatusCode)}
	if code := answer.Header.Get("X-Amzn-ErrorType"); code != "" {
		got["Error"] = map[string]any{"Code": code, "Message": got["message"]}
	}
	return got
}

// compareRecorded compares two answers. Recorded text stands for ours up to its
// first placeholder.
func compareRecorded(t *testing.T, want, got map[string]any) {
	t.Helper()
	if diff := cmp.Diff(want, cutAsRecorded(want, got)); diff != "" {
		t.Errorf("(-recorded +ours):\n%s", diff)
	}
}

// cutAsRecorded is got with recorded text in place of what agrees with it.
func cutAsRecorded(want, got any) any {
	switch want := want.(type) {
	case map[string]any:
		ours, ok := got.(map[string]any)
		if !ok {
			return got
		}
		for key, value := range ours {
			ours[key] = cutAsRecorded(want[key], value)
		}
		return ours
	case string:
		start, _, masked := strings.Cut(want, "<")
		if text, ok := got.(string); masked && (start == "" || ok && strings.HasPrefix(text, start)) {
			return want
		}
	}
	return got
}
