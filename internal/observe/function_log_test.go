package observe

import "testing"

func TestOwnWords(t *testing.T) {
	for message, want := range map[string]bool{
		"START RequestId: 1 Version: $LATEST":             false,
		"END RequestId: 1":                                false,
		"REPORT RequestId: 1\tDuration: 2.00 ms":          false,
		"INIT_REPORT Init Duration: 10000 ms Phase: init": false,
		`{"weir":{"v":"weir_ledger_v1"}}`:                 false,
		"":                                                false,
		"database said no":                                true,
		"2026-11-22T20:00:00Z 1 Task timed out":           true,
		"we START RequestId: late":                        true,
	} {
		if got := ownWords(message); got != want {
			t.Errorf("ownWords(%q) = %v", message, got)
		}
	}
}
