package wire

import (
	"errors"
	"net/http"
)

// Error is an answer of a service that is not success: data for the client,
// not a failure of ours. It is an error value so that operations can return it.
type Error struct {
	Code    string // the exception's name, "ResourceNotFoundException"
	Message string // may be empty
	Status  int    // HTTP status; 0 means 400
}

// Error is the code and the message, as AWS's clients print them.
func (e *Error) Error() string {
	if e.Message == "" {
		return e.Code
	}
	return e.Code + ": " + e.Message
}

// AsError is err's *Error, its Status filled in; any other error becomes
// InternalFailure with status 500, its text kept from the client.
func AsError(err error) *Error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return &Error{Code: "InternalFailure", Message: "The request processing has failed because of an unknown error, exception or failure.", Status: http.StatusInternalServerError}
	}
	if e.Status == 0 {
		return &Error{Code: e.Code, Message: e.Message, Status: http.StatusBadRequest}
	}
	return e
}

// UnknownOperation is the answer to a target that names no operation of the
// service.
func UnknownOperation() *Error {
	return &Error{Code: "UnknownOperationException", Status: http.StatusBadRequest}
}

// Serialization is the answer to a body that isn't what the protocol says.
func Serialization(message string) *Error {
	return &Error{Code: "SerializationException", Message: message, Status: http.StatusBadRequest}
}
