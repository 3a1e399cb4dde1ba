package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCommandLineHasNoPasswords(t *testing.T) {
	got := commandLine([]string{
		"run", "smoke", "--out", "influxdb=https://k6:s3cr:et@db.example:8086/k6", "--out=influxdb=http://:secret@db/k6",
		"--out", "influxdb=http://127.0.0.1:8086/k6", "--on-failure-endpoint", "http://queue.example:9324/a:b@c", "--function", "./bootstrap",
	})
	want := []string{
		"weir", "run", "smoke", "--out", "influxdb=https://k6:***@db.example:8086/k6", "--out=influxdb=http://:***@db/k6",
		"--out", "influxdb=http://127.0.0.1:8086/k6", "--on-failure-endpoint", "http://queue.example:9324/a:b@c", "--function", "./bootstrap",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
