package lambda

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
)

// The table of docs/emulator-gaps-lambda.md has a row for each method of AWS's
// client and says "works" exactly where the server has a route for its request.
func TestGapsTable(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/emulator-gaps-lambda.md")
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]bool{} // whether it works
	for _, row := range regexp.MustCompile(`(?m)^\| (\w+) \| (works|not) \| .+ \|$`).FindAllStringSubmatch(string(doc), -1) {
		table[row[1]] = row[2] == "works"
	}
	server := New(Config{})
	defer server.Close()
	methods := reflect.TypeFor[*sdk.Client]()
	for method := range methods.Methods() {
		if method.Name == "Options" {
			continue
		}
		works, there := table[method.Name]
		if served := hasRoute(t, server, method); !there || works != served {
			t.Errorf("%s: in the table %v, works there %v, served %v", method.Name, there, works, served)
		}
		delete(table, method.Name)
	}
	for name := range table {
		t.Errorf("the table has %s, which is no operation", name)
	}
}

// router notes the route that the server has for the requests it is sent.
type router struct {
	server *Server
	sent   bool
	route  string
}

var errNotSent = errors.New("requests are only looked at")

func (r *router) Do(request *http.Request) (*http.Response, error) {
	_, r.route = r.server.mux.Handler(request)
	r.sent = true
	return nil, errNotSent
}

// hasRoute calls a method of the client with every field of its input filled.
func hasRoute(t *testing.T, server *Server, method reflect.Method) bool {
	r := &router{server: server}
	c := sdk.New(sdk.Options{
		Region: "us-east-1", HTTPClient: r, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, nil
		}),
	})
	input := reflect.New(method.Type.In(2).Elem())
	fillInput(input.Elem(), 4)
	method.Func.Call([]reflect.Value{reflect.ValueOf(c), reflect.ValueOf(t.Context()), input})
	if !r.sent {
		t.Errorf("%s was never sent", method.Name)
	}
	return r.route != "/"
}

// fillInput gives a value something in every part that AWS's client may require.
func fillInput(v reflect.Value, depth int) {
	switch {
	case depth == 0 || !v.CanSet():
	case v.Type() == reflect.TypeFor[io.Reader]():
		v.Set(reflect.ValueOf(strings.NewReader("{}")))
	case v.Kind() == reflect.String:
		v.SetString("x")
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillInput(v.Elem(), depth-1)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillInput(v.Index(0), depth-1)
	case v.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
	case v.Kind() == reflect.Struct:
		for _, field := range v.Fields() {
			fillInput(field, depth)
		}
	}
}
