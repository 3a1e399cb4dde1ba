package local

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"

	"weir/internal/emulator/cloudwatch"
	"weir/internal/emulator/wire"
)

// ServeHTTP hands a request to the service it is meant for, by what each of
// AWS's protocols says of itself: the X-Amz-Target header, the REST path, or
// the signature's credential scope.
func (p *Pipeline) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.Header.Get("X-Amz-Target"), "Kinesis_20131202."):
		p.kinesis.ServeHTTP(w, r)
	case credentialScope(r) == "sts":
		callerIdentity(w, r)
	case cloudwatch.Handles(r):
		p.cloudwatch.ServeHTTP(w, r)
	case isLambdaPath(r.URL.Path):
		p.lambda.ServeHTTP(w, r)
	default:
		wire.WriteError(w, r, &wire.Error{
			Code: "UnknownOperationException", Status: http.StatusBadRequest,
			Message: fmt.Sprintf("%s %s is no operation of the embedded Kinesis, Lambda, CloudWatch, Logs or STS", r.Method, r.URL.Path),
		})
	}
}

// isLambdaPath tells a versioned path of Lambda's REST API: /2015-03-31/….
func isLambdaPath(path string) bool {
	return len(path) > 11 && path[0] == '/' && path[5] == '-' && path[8] == '-' && path[11] == '/'
}

// credentialScope is the service that a request was signed for, or "".
func credentialScope(r *http.Request) string {
	_, rest, ok := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	if !ok {
		return ""
	}
	scope, _, _ := strings.Cut(rest, ",")
	parts := strings.Split(scope, "/") // key/date/region/service/aws4_request
	if len(parts) < 5 {
		return ""
	}
	return parts[len(parts)-2]
}

// callerIdentity answers STS GetCallerIdentity, so that ordinary tools start.
func callerIdentity(w http.ResponseWriter, r *http.Request) {
	type result struct {
		Arn     string
		UserId  string
		Account string
	}
	answer := struct {
		XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
		Result    result   `xml:"GetCallerIdentityResult"`
		RequestID string   `xml:"ResponseMetadata>RequestId"`
	}{
		Result:    result{Arn: "arn:aws:iam::" + AccountID + ":user/weir", UserId: "AIDAWEIREMBEDDED00000", Account: AccountID},
		RequestID: "00000000-0000-4000-8000-000000000000",
	}
	if err := r.ParseForm(); err != nil || r.Form.Get("Action") != "GetCallerIdentity" {
		http.Error(w, "the embedded STS answers GetCallerIdentity only", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	body, err := xml.Marshal(answer)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Write(body) //nolint:errcheck // the client's connection
}
