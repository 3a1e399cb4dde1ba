package lambda

import (
	"fmt"
	"strings"
	"time"
)

// report is what the REPORT line of an invocation says.
type report struct {
	requestID   string
	duration    time.Duration
	init        time.Duration // 0: a warm start
	memoryMB    int
	maxMemoryMB int // 0: unknown, and left out
	status      string
	errorType   string
}

// String is the line as Lambda writes it, tab-separated
// (lambda/latest/dg/telemetry-schema-reference, read 2026-11-22). Init is billed.
func (r report) String() string {
	var b strings.Builder
	billed := (r.duration + r.init + time.Millisecond - 1).Truncate(time.Millisecond)
	fmt.Fprintf(&b, "REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\tMemory Size: %d MB\t",
		r.requestID, milliseconds(r.duration), billed.Milliseconds(), r.memoryMB)
	if r.maxMemoryMB > 0 {
		fmt.Fprintf(&b, "Max Memory Used: %d MB\t", r.maxMemoryMB)
	}
	if r.init > 0 {
		fmt.Fprintf(&b, "Init Duration: %.2f ms\t", milliseconds(r.init))
	}
	if r.status != "" {
		fmt.Fprintf(&b, "Status: %s\t", r.status)
	}
	if r.status == "error" {
		fmt.Fprintf(&b, "Error Type: %s\t", r.errorType)
	}
	return b.String()
}

// initReport is the line of an init that failed.
func initReport(d time.Duration, failed *InitError) string {
	if failed.Type == "Sandbox.Timedout" {
		return fmt.Sprintf("INIT_REPORT Init Duration: %.2f ms\tPhase: init\tStatus: timeout", milliseconds(d))
	}
	return fmt.Sprintf("INIT_REPORT Init Duration: %.2f ms\tPhase: init\tStatus: error\tError Type: %s", milliseconds(d), failed.Type)
}
