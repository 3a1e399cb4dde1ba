package judge

import (
	"fmt"
	"time"

	"weir/internal/plan"
	"weir/internal/record"
)

// k6Aborted is k6's exit code for a load that was stopped from outside
// (ExternalAbort in go.k6.io/k6/v2 errext/exitcodes).
const k6Aborted = 105

// cutShort says why step i of the run was not offered to its end; empty where
// it was. What it shows up to then is no pass of a step that was to last.
func cutShort(d *record.Data, i int) string {
	if d.Run.Status != record.Interrupted {
		return ""
	}
	s := d.Run.Steps[i]
	lasted := s.End.Sub(s.Start).Truncate(100 * time.Millisecond)
	if d.Run.Test.Kind == plan.Script {
		if d.Run.K6Exit != k6Aborted {
			return "" // it was the drain that was interrupted
		}
		return fmt.Sprintf("the load was ended after %v: %s", lasted, d.Run.Reason)
	}
	if s.Index >= len(d.Run.Test.Steps) || lasted >= d.Run.Test.Steps[s.Index].Duration {
		return ""
	}
	return fmt.Sprintf("the load was ended after %v of %v: %s", lasted, d.Run.Test.Steps[s.Index].Duration, d.Run.Reason)
}

// notReached says how many judged steps an interrupted run did not come to;
// empty where there are none.
func notReached(d *record.Data) string {
	if d.Run.Status != record.Interrupted || len(d.Run.Steps) >= len(d.Run.Test.Steps) {
		return ""
	}
	missing, all := 0, 0
	for i, s := range d.Run.Test.Steps {
		if s.Judged {
			all++
			if i >= len(d.Run.Steps) {
				missing++
			}
		}
	}
	if missing == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d judged steps were not reached", missing, all)
}
