package fault

import (
	"fmt"
	"net/http"

	"weir/internal/emulator/wire"
)

// shardID is the id of a shard by its number.
func shardID(number string) string { return fmt.Sprintf("shardId-%012s", number) }

// recordOperations are those that a shard's limits refuse; other Kinesis
// operations have limits of calls.
var recordOperations = map[string]bool{"PutRecord": true, "PutRecords": true, "GetRecords": true}

// throttled is how a service refuses a call over its limits (the services' API
// models, 2026-11-22).
func throttled(service, operation string) *wire.Error {
	e := &wire.Error{Code: "ThrottlingException", Message: "Rate exceeded", Status: http.StatusBadRequest}
	switch {
	case recordOperations[operation]:
		e.Code = "ProvisionedThroughputExceededException"
	case service == Kinesis:
		e.Code = "LimitExceededException"
	case service == Lambda:
		e.Code, e.Status = "TooManyRequestsException", http.StatusTooManyRequests
	}
	return e
}

// internalFailure is how a service says that it failed.
func internalFailure(service string) *wire.Error {
	e := &wire.Error{Code: "InternalFailure", Message: "Internal service failure.", Status: http.StatusInternalServerError}
	switch service {
	case Lambda:
		e.Code = "ServiceException"
	case CloudWatch:
		e.Code = "InternalServiceFault"
	}
	return e
}
