package cloudwatch

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"weir/internal/emulator/wire"
)

// queryProtocol is the form-and-XML protocol of clients before the end of 2025.
// Names on its wire are those of the inputs' and outputs' fields.
type queryProtocol struct{}

const (
	queryVersion   = "2010-08-01"
	queryNamespace = "http://monitoring.amazonaws.com/doc/2010-08-01/"
)

// queryOperation is the Action of a form; an *Error for another API version.
func queryOperation(body []byte) (string, error) {
	form, err := url.ParseQuery(string(body))
	switch {
	case err != nil:
		return "", &wire.Error{Code: "MalformedQueryString", Message: err.Error()}
	case form.Get("Action") == "":
		return "", &wire.Error{Code: "MissingAction", Message: "Missing Action"}
	case form.Get("Version") != queryVersion:
		return "", &wire.Error{Code: "InvalidAction", Message: fmt.Sprintf("Could not find operation %s for version %s", form.Get("Action"), form.Get("Version"))}
	}
	return form.Get("Action"), nil
}

func (queryProtocol) decode(body []byte, into any) error {
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return &wire.Error{Code: "MalformedQueryString", Message: err.Error()}
	}
	return newForm(values).fill("", reflect.ValueOf(into).Elem())
}

// form is a query body; paths holds every key and every beginning of a key up
// to a dot, so that a structure's presence is one look-up.
type form struct {
	values url.Values
	paths  map[string]bool
}

// longestKey is more than any key of our operations has; a longer one is no
// parameter and isn't worth cutting up.
const longestKey = 200

func newForm(values url.Values) form {
	f := form{values, map[string]bool{}}
	for key := range values {
		if len(key) > longestKey {
			continue
		}
		for ; !f.paths[key]; key = key[:max(0, strings.LastIndexByte(key, '.'))] {
			f.paths[key] = true
		}
	}
	return f
}

// fill sets v from the keys at path and below it.
func (f form) fill(path string, v reflect.Value) error {
	if !f.paths[path] && path != "" {
		return nil
	}
	switch target := v.Addr().Interface().(type) {
	case *timestamp:
		at, err := parseQueryTime(f.values.Get(path))
		*target = at
		return malformed(path, err)
	case *float64:
		n, err := strconv.ParseFloat(f.values.Get(path), 64)
		*target = n
		return malformed(path, err)
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return f.fill(path, v.Elem())
	case reflect.Struct:
		return f.fillStruct(path, v)
	case reflect.Slice:
		return f.fillList(path, v)
	case reflect.String:
		v.SetString(f.values.Get(path))
	case reflect.Int64:
		n, err := strconv.ParseInt(f.values.Get(path), 10, 64)
		v.SetInt(n)
		return malformed(path, err)
	case reflect.Bool:
		b, err := strconv.ParseBool(f.values.Get(path))
		v.SetBool(b)
		return malformed(path, err)
	}
	return nil
}

func malformed(path string, err error) error {
	if err == nil {
		return nil
	}
	return &wire.Error{Code: "MalformedInput", Message: fmt.Sprintf("%s: %v", path, err)}
}

func (f form) fillStruct(path string, v reflect.Value) error {
	if path != "" {
		path += "."
	}
	for i := range v.NumField() {
		if err := f.fill(path+v.Type().Field(i).Name, v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

// fillList reads path.member.1 and on, until a number is missing.
func (f form) fillList(path string, v reflect.Value) error {
	for i := 1; f.paths[path+".member."+strconv.Itoa(i)]; i++ {
		element := reflect.New(v.Type().Elem()).Elem()
		if err := f.fill(path+".member."+strconv.Itoa(i), element); err != nil {
			return err
		}
		v.Set(reflect.Append(v, element))
	}
	return nil
}

func (queryProtocol) answer(w http.ResponseWriter, _ *http.Request, operation string, output any) {
	id := wire.RequestID()
	var body bytes.Buffer
	fmt.Fprintf(&body, "<%sResponse xmlns=%q>", operation, queryNamespace)
	if output != nil {
		writeXML(&body, operation+"Result", reflect.ValueOf(output))
	}
	fmt.Fprintf(&body, "<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>", id, operation)
	writeQuery(w, http.StatusOK, id, body.Bytes())
}

func (queryProtocol) fail(w http.ResponseWriter, _ *http.Request, e *wire.Error) {
	id := wire.RequestID()
	var body bytes.Buffer
	fmt.Fprintf(&body, "<ErrorResponse xmlns=%q><Error>", queryNamespace)
	writeXML(&body, "Type", reflect.ValueOf(blame(e)))
	writeXML(&body, "Code", reflect.ValueOf(queryCode(e)))
	writeXML(&body, "Message", reflect.ValueOf(e.Message))
	fmt.Fprintf(&body, "</Error><RequestId>%s</RequestId></ErrorResponse>", id)
	writeQuery(w, e.Status, id, body.Bytes())
}

func writeQuery(w http.ResponseWriter, status int, id string, body []byte) {
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set(wire.RequestIDHeader, id)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// writeXML writes v as an element; nil pointers and empty texts are left out.
func writeXML(b *bytes.Buffer, name string, v reflect.Value) {
	if v.Kind() == reflect.Pointer && v.IsNil() || v.Kind() == reflect.String && v.Len() == 0 {
		return
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	fmt.Fprintf(b, "<%s>", name)
	writeXMLContent(b, v)
	fmt.Fprintf(b, "</%s>", name)
}

func writeXMLContent(b *bytes.Buffer, v reflect.Value) {
	switch value := v.Interface().(type) {
	case timestamp:
		b.WriteString(value.queryText())
		return
	case float64:
		b.WriteString(strconv.FormatFloat(value, 'g', -1, 64))
		return
	case map[string]float64:
		writeXMLMap(b, value)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			writeXML(b, v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			writeXML(b, "member", v.Index(i))
		}
	default:
		// A bytes.Buffer takes every write.
		_ = xml.EscapeText(b, fmt.Append(nil, v.Interface()))
	}
}

func writeXMLMap(b *bytes.Buffer, m map[string]float64) {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		b.WriteString("<entry>")
		writeXML(b, "key", reflect.ValueOf(key))
		writeXML(b, "value", reflect.ValueOf(m[key]))
		b.WriteString("</entry>")
	}
}
