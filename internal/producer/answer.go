package producer

import (
	"errors"
	"fmt"
)

// readPutRecords fills outcomes from the answer to PutRecords. An error means
// that the answer can't be believed; outcomes then hold no meaning.
func (f *format) readPutRecords(answer []byte, outcomes []Outcome) error {
	n, failed, ok := f.scanRecords(answer, outcomes)
	if !ok {
		var err error
		if n, failed, err = f.decodePutRecords(answer, outcomes); err != nil {
			return err
		}
	}
	if n != len(outcomes) {
		return fmt.Errorf("%d entries for %d records", n, len(outcomes))
	}
	refused := 0
	for i := range outcomes {
		if err := judge(&outcomes[i]); err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
		if outcomes[i].Fate == Rejected {
			refused++
		}
	}
	if failed != noCount && failed != refused {
		return fmt.Errorf("FailedRecordCount %d, but %d entries carry an error code", failed, refused)
	}
	return nil
}

// noCount stands for an answer without FailedRecordCount, which the API marks
// as optional.
const noCount = -1

// judge sets an entry's fate by what it carries.
func judge(o *Outcome) error {
	switch {
	case o.Cause != "":
		o.Fate = Rejected
	case len(o.ShardID) == 0 || len(o.SequenceNumber) == 0:
		return errors.New("neither an error code nor a shard and sequence number")
	default:
		o.Fate = Accepted
	}
	return nil
}

// entry is one record's part of an answer.
type entry struct {
	ShardID        string `json:"ShardId"`
	SequenceNumber string `json:"SequenceNumber"`
	ErrorCode      string `json:"ErrorCode"`
	ErrorMessage   string `json:"ErrorMessage"`
}

func (e entry) outcome() Outcome {
	return Outcome{
		Cause: e.ErrorCode, Message: e.ErrorMessage,
		ShardID: []byte(e.ShardID), SequenceNumber: []byte(e.SequenceNumber),
	}
}

// decodePutRecords reads any answer; the scanner leaves to it what is not
// plainly formed. It returns the number of entries, of which it stores at most
// as many as there are outcomes.
func (f *format) decodePutRecords(answer []byte, outcomes []Outcome) (n, failed int, err error) {
	var got struct {
		FailedRecordCount *int
		Records           []entry
	}
	if err := f.decodeAnswer(answer, &got); err != nil {
		return 0, 0, fmt.Errorf("decode PutRecords: %w", err)
	}
	for i := range min(len(got.Records), len(outcomes)) {
		outcomes[i] = got.Records[i].outcome()
	}
	failed = noCount
	if got.FailedRecordCount != nil {
		failed = *got.FailedRecordCount
	}
	return len(got.Records), failed, nil
}

// readPutRecord fills the one outcome from the answer to PutRecord.
func (f *format) readPutRecord(answer []byte, outcomes []Outcome) error {
	if !f.scanRecord(answer, &outcomes[0]) {
		var got entry
		if err := f.decodeAnswer(answer, &got); err != nil {
			return fmt.Errorf("decode PutRecord: %w", err)
		}
		outcomes[0] = got.outcome()
	}
	outcomes[0].Cause = "" // this answer has none
	return judge(&outcomes[0])
}
