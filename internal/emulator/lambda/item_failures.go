package lambda

import (
	"bytes"
	"encoding/json"
)

// itemFailures reads the answer of a function whose mapping has
// ReportBatchItemFailures (lambda/latest/dg/services-kinesis-batchfailurereporting,
// read 2026-11-22). No answer, null, an empty string and an empty list are
// success, as is an
// empty list in place of the answer; anything that can't be understood, or names no record of the batch,
// is the failure of all of it; else the lowest record named is where the next
// attempt starts.
func itemFailures(response []byte, batch []*Record) Outcome {
	response = bytes.TrimSpace(response)
	if len(response) == 0 || string(response) == "null" || string(response) == `""` || string(response) == "[]" {
		return Outcome{Result: Succeeded}
	}
	var answer struct {
		BatchItemFailures []struct {
			ItemIdentifier string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if json.Unmarshal(response, &answer) != nil {
		return Outcome{Result: Failed}
	}
	named := map[string]bool{}
	for _, item := range answer.BatchItemFailures {
		named[item.ItemIdentifier] = true
	}
	if len(named) == 0 {
		return Outcome{Result: Succeeded}
	}
	outcome := Outcome{Result: Failed}
	for _, r := range batch {
		if !named[r.SequenceNumber] {
			continue
		}
		delete(named, r.SequenceNumber)
		if outcome.Result == Failed {
			outcome = Outcome{Result: PartialFailed, From: r.Position}
		}
	}
	if len(named) > 0 {
		return Outcome{Result: Failed}
	}
	return outcome
}
