package cloudwatch

import (
	"fmt"
	"net/http"

	"weir/internal/emulator/wire"
)

// CloudWatch's exceptions have a second name, from the query protocol, that
// most clients show (API model, awsQueryError traits, read 2026-11-22).
var queryCodes = map[string]string{
	"InvalidParameterValueException":       "InvalidParameterValue",
	"InvalidParameterCombinationException": "InvalidParameterCombination",
	"MissingRequiredParameterException":    "MissingParameter",
	"InternalServiceFault":                 "InternalServiceError",
	"LimitExceededFault":                   "LimitExceeded",
	"InvalidFormatFault":                   "InvalidFormat",
	"DashboardInvalidInputError":           "InvalidParameterInput",
	"DashboardNotFoundError":               "ResourceNotFound",
}

func queryCode(e *wire.Error) string {
	if code, renamed := queryCodes[e.Code]; renamed {
		return code
	}
	return e.Code
}

// blame is whose fault an error is, in query's words.
func blame(e *wire.Error) string {
	if e.Status >= http.StatusInternalServerError {
		return "Receiver"
	}
	return "Sender"
}

func invalidValue(format string, args ...any) error {
	return &wire.Error{Code: "InvalidParameterValueException", Message: fmt.Sprintf(format, args...)}
}

func invalidCombination(format string, args ...any) error {
	return &wire.Error{Code: "InvalidParameterCombinationException", Message: fmt.Sprintf(format, args...)}
}

func missing(parameter string) error {
	return &wire.Error{Code: "MissingRequiredParameterException", Message: "The parameter " + parameter + " is required."}
}

func invalidNextToken() error {
	return &wire.Error{Code: "InvalidNextToken", Message: "The NextToken is not one that this operation returned."}
}
