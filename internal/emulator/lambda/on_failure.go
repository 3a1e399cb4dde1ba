package lambda

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// failureDocument is what a mapping sends to its on-failure destination for a
// batch it gave up (lambda/latest/dg/kinesis-on-failure-destination, read
// 2026-11-22).
type failureDocument struct {
	RequestContext struct {
		RequestID              string    `json:"requestId"`
		FunctionARN            string    `json:"functionArn"`
		Condition              Condition `json:"condition"`
		ApproximateInvokeCount int       `json:"approximateInvokeCount"`
	} `json:"requestContext"`
	ResponseContext  *responseContext `json:"responseContext,omitempty"`
	Version          string           `json:"version"`
	Timestamp        string           `json:"timestamp"`
	KinesisBatchInfo struct {
		ShardID       string `json:"shardId"`
		StartSequence string `json:"startSequenceNumber"`
		EndSequence   string `json:"endSequenceNumber"`
		FirstArrival  string `json:"approximateArrivalOfFirstRecord"`
		LastArrival   string `json:"approximateArrivalOfLastRecord"`
		BatchSize     int    `json:"batchSize"`
		StreamARN     string `json:"streamArn"`
	}
	Payload string `json:"payload,omitempty"` // the event, to S3 only
}

type responseContext struct {
	StatusCode      int     `json:"statusCode"`
	ExecutedVersion string  `json:"executedVersion"`
	FunctionError   *string `json:"functionError"` // null: the function named records
}

// delivery is the Item of an Outcome: what the document says of it.
type delivery struct {
	requestID string
	failed    bool // by a function error
}

// failure is the document of a discarded batch and the ARN it goes to: the
// destination's, or in S3 that of a new object.
func (p *poller) failure(d Discard, now time.Time) (arn string, document []byte) {
	records := recordsOf(d.Batch)
	shard, first, last := d.ShardID, records[0], records[len(records)-1]
	var doc failureDocument
	doc.RequestContext.FunctionARN, doc.RequestContext.Condition = p.f.arn, d.Condition
	// Lambda was recorded to say 1 of a batch that was too old from the start.
	doc.RequestContext.ApproximateInvokeCount = max(d.Attempts, 1)
	if made, ok := d.Item.(delivery); ok {
		doc.RequestContext.RequestID = made.requestID
		doc.ResponseContext = &responseContext{StatusCode: 200, ExecutedVersion: latest}
		if made.failed {
			doc.ResponseContext.FunctionError = new("Unhandled")
		}
	} else {
		doc.RequestContext.RequestID = p.s.random.uuid()
	}
	if d.Condition == AgeExceeded {
		doc.ResponseContext = nil
	}
	doc.Version, doc.Timestamp = "1.0", isoMilliseconds(now)
	info := &doc.KinesisBatchInfo
	info.ShardID, info.StartSequence, info.EndSequence = shard, first.SequenceNumber, last.SequenceNumber
	info.FirstArrival, info.LastArrival = isoMilliseconds(first.Arrival), isoMilliseconds(last.Arrival)
	info.BatchSize, info.StreamARN = len(records), streamOf(p.config.StreamARN)

	arn = p.config.OnFailure
	if strings.HasPrefix(arn, "arn:aws:s3:") {
		doc.Payload = string(p.source.event(shard, records))
		arn += "/" + failureKey(p.uuid, shard, now, p.s.random.uuid())
	}
	document, err := json.Marshal(doc)
	if err != nil { // our own types marshal
		panic(err)
	}
	return arn, document
}

// failureKey is the S3 key of a document.
func failureKey(mapping, shard string, now time.Time, id string) string {
	return "aws/lambda/" + mapping + "/" + shard + now.UTC().Format("/2006/01/02/2006-01-02T15.04.05-") + id
}

func isoMilliseconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// giveUp delivers the document of a discarded batch and reports how that went.
func (p *poller) giveUp(d Discard) {
	arn, document := p.failure(d, p.s.now())
	err := errors.New("there is nothing to deliver to")
	if p.s.cfg.Destination != nil {
		err = p.s.cfg.Destination(arn, document)
	}
	p.events <- func(now time.Time) {
		if err != nil {
			observe(p.f.series.deliveryFailures, now, 1)
			p.report("PROBLEM: On-failure destination: " + err.Error())
		}
		p.core.Delivered(d, err == nil)
	}
}
