package wire

import (
	"encoding/json"
	"testing"
	"time"
)

func TestTimestamp(t *testing.T) {
	tests := []struct {
		text   string
		millis int64
		again  string
	}{
		{"1700000000.123", 1700000000123, "1700000000.123"},
		{"1700000000", 1700000000000, "1700000000.000"},
		{"1.7E9", 1700000000000, "1700000000.000"},
		{"-1.5", -1500, "-1.500"},
		{"0.0009", 1, "0.001"},
	}
	for _, test := range tests {
		var got Timestamp
		if err := json.Unmarshal([]byte(test.text), &got); err != nil || got.UnixMilli() != test.millis {
			t.Errorf("%s is %d ms, %v, want %d", test.text, got.UnixMilli(), err, test.millis)
		}
		if text, err := json.Marshal(got); err != nil || string(text) != test.again {
			t.Errorf("%s comes back as %s, %v, want %s", test.text, text, err, test.again)
		}
	}
	for _, text := range []string{`"2026-11-22"`, "1700000000123000", "true", "{}"} {
		if err := json.Unmarshal([]byte(text), new(Timestamp)); err == nil {
			t.Errorf("%s is taken for a timestamp", text)
		}
	}
	kept := Timestamp{time.Unix(5, 0)}
	if err := json.Unmarshal([]byte("null"), &kept); err != nil || kept.Unix() != 5 {
		t.Errorf("null makes %v, %v", kept, err)
	}
}
