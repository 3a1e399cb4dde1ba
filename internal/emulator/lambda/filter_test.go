package lambda

import (
	"fmt"
	"strings"
	"testing"

	"weir/internal/quota"
)

// TestFilterPatterns holds data against patterns. The operators and their
// examples are those of lambda/latest/dg/invocation-eventfiltering and of the
// EventBridge guide it refers to (eb-create-pattern-operators).
func TestFilterPatterns(t *testing.T) {
	for _, test := range []struct {
		rules    string // of the field "x" of the data
		admitted []string
		refused  []string
	}{
		{`["buy"]`, []string{`{"x":"buy"}`, `{"x":["sell","buy"]}`, `{"x":"buy","y":1}`}, []string{`{"x":"Buy"}`, `{"y":"buy"}`, `{"x":{"x":"buy"}}`, `"buy"`, `{}`}},
		{`["buy","sell"]`, []string{`{"x":"buy"}`, `{"x":"sell"}`}, []string{`{"x":"hold"}`}},
		{`[300]`, []string{`{"x":300}`}, []string{`{"x":300.0}`, `{"x":"300"}`, `{"x":3.0e2}`}},
		{`[true]`, []string{`{"x":true}`}, []string{`{"x":false}`, `{"x":"true"}`}},
		{`[null]`, []string{`{"x":null}`}, []string{`{"x":""}`, `{}`, `{"x":"null"}`}},
		{`[""]`, []string{`{"x":""}`}, []string{`{"x":null}`, `{}`, `{"x":" "}`}},
		{`[{"prefix":"us-"}]`, []string{`{"x":"us-east-1"}`}, []string{`{"x":"eu-us-1"}`, `{"x":1}`}},
		{`[{"suffix":".png"}]`, []string{`{"x":"a.png"}`}, []string{`{"x":"a.png "}`, `{}`}},
		{`[{"equals-ignore-case":"Alice"}]`, []string{`{"x":"aLICE"}`}, []string{`{"x":"Alic"}`}},
		{`[{"exists":true}]`, []string{`{"x":null}`, `{"x":0}`, `{"x":[1]}`}, []string{`{}`, `{"x":{"y":1}}`, `{"x":[]}`}},
		{`[{"exists":false}]`, []string{`{}`, `{"y":1}`, `{"x":{"y":1}}`, `{"x":[]}`}, []string{`{"x":null}`}},
		{`[{"exists":false},"buy"]`, []string{`{}`, `{"x":"buy"}`}, []string{`{"x":"sell"}`}},
		{`[{"anything-but":"rain"}]`, []string{`{"x":"sun"}`, `{"x":1}`, `{"x":["rain","sun"]}`}, []string{`{"x":"rain"}`, `{}`}},
		{`[{"anything-but":["rain","snow"]}]`, []string{`{"x":"sun"}`}, []string{`{"x":"snow"}`}},
		{`[{"anything-but":[1,2]}]`, []string{`{"x":3}`, `{"x":"1"}`}, []string{`{"x":2}`}},
		{`[{"anything-but":{"prefix":"init"}}]`, []string{`{"x":"start"}`}, []string{`{"x":"initial"}`}},
		{`[{"anything-but":{"suffix":"ed"}}]`, []string{`{"x":"start"}`}, []string{`{"x":"started"}`}},
		{`[{"numeric":["=",300]}]`, []string{`{"x":300}`, `{"x":3.0e2}`}, []string{`{"x":301}`, `{"x":"300"}`, `{}`}},
		{`[{"numeric":[">",10,"<=",20]}]`, []string{`{"x":10.5}`, `{"x":20}`}, []string{`{"x":10}`, `{"x":21}`}},
		{`[{"numeric":["<",10]}]`, []string{`{"x":-1e3}`}, []string{`{"x":10}`, `{"x":1e999}`}},
		{`[{"numeric":[">=",10]},null]`, []string{`{"x":10}`, `{"x":null}`}, []string{`{"x":9}`}},
		{`{"y":{"z":["a"]}}`, []string{`{"x":{"y":{"z":"a"}}}`, `{"x":[{"y":1},{"y":{"z":"a"}}]}`}, []string{`{"x":{"y":"a"}}`, `{"x":{"z":"a"}}`}},
		{`{"y":[{"exists":false}]}`, []string{`{}`, `{"x":{}}`, `{"x":[]}`}, []string{`{"x":{"y":1}}`}},
		{`["a"],"y":["b"]`, []string{`{"x":"a","y":"b"}`}, []string{`{"x":"a"}`, `{"y":"b"}`}},
		{`["a"],"$or":[{"y":["b"]},{"z":[{"numeric":[">",0]}]}]`, []string{`{"x":"a","y":"b"}`, `{"x":"a","z":1}`}, []string{`{"x":"a"}`, `{"y":"b"}`, `{"x":"a","z":0}`}},
		{`[{"exists":false}]`, nil, []string{``, `not JSON`, `{"y":1`, `{} {}`, "\x00"}}, // no JSON, no record
	} {
		f, err := compileFilter([]string{`{"data":{"x":` + test.rules + `}}`})
		if err != nil {
			t.Errorf("%s: %v", test.rules, err)
			continue
		}
		for _, data := range test.admitted {
			if !f.admits([]byte(data)) {
				t.Errorf("%s does not admit %s", test.rules, data)
			}
		}
		for _, data := range test.refused {
			if f.admits([]byte(data)) {
				t.Errorf("%s admits %s", test.rules, data)
			}
		}
	}
}

func TestFiltersAreAlternatives(t *testing.T) {
	f, err := compileFilter([]string{`{"data":{"x":["a"]}}`, `{"$or":[{"data":{"y":["b"]}},{"data":{"z":["c"]}}]}`})
	if err != nil {
		t.Fatal(err)
	}
	for data, want := range map[string]bool{`{"x":"a"}`: true, `{"y":"b"}`: true, `{"z":"c"}`: true, `{"x":"b"}`: false} {
		if f.admits([]byte(data)) != want {
			t.Errorf("%s: %v, want %v", data, !want, want)
		}
	}
	if none := filter(nil); !none.admits([]byte("not JSON")) {
		t.Error("without filters a record was dropped")
	}
}

func TestFilterPatternRefusals(t *testing.T) {
	for _, pattern := range []string{
		``, `x`, `[]`, `{}`, `"buy"`,
		`{"data":"buy"}`, `{"data":["buy"]}`, `{"data":{}}`, `{"data":{"x":"a"}}`, `{"data":{"x":[]}}`, `{"data":{"x":[["a"]]}}`,
		`{"data":{"x":["a"]}} {}`, `{"partitionKey":["1"]}`, `{"data":{"x":["a"]},"partitionKey":["1"]}`,
		`{"data":{"x":[{}]}}`, `{"data":{"x":[{"prefix":"a","suffix":"b"}]}}`, `{"data":{"x":[{"wildcard":"a*"}]}}`, `{"data":{"x":[{"prefix":1}]}}`,
		`{"data":{"x":[{"exists":1}]}}`, `{"data":{"x":[{"anything-but":[]}]}}`, `{"data":{"x":[{"anything-but":[null]}]}}`, `{"data":{"x":[{"anything-but":true}]}}`,
		`{"data":{"x":[{"anything-but":{}}]}}`, `{"data":{"x":[{"anything-but":{"prefix":"a","suffix":"b"}}]}}`,
		`{"data":{"x":[{"numeric":[]}]}}`, `{"data":{"x":[{"numeric":["="]}]}}`, `{"data":{"x":[{"numeric":["==",1]}]}}`, `{"data":{"x":[{"numeric":["=","1"]}]}}`,
		`{"data":{"x":[{"numeric":["<",9,">",1]}]}}`, `{"data":{"x":[{"numeric":[1,1]}]}}`,
		`{"data":{"$or":[{"x":["a"]}]}}`, `{"data":{"$or":{"x":["a"]}}}`, `{"data":{"$or":[{"x":["a"]},{}]}}`, `{"$or":[{"data":{"x":["a"]}},{"y":["b"]}]}`,
	} {
		if _, err := compileFilter([]string{pattern}); err == nil || err.Error() != "InvalidParameterValueException: Invalid filter pattern definition." {
			t.Errorf("%s: %v", pattern, err)
		}
	}
	ok := `{"data":{"x":["a"]}}`
	for want, patterns := range map[string][]string{
		"less than or equal to 5":    {ok, ok, ok, ok, ok, ok},
		"less than or equal to 4096": {fmt.Sprintf(`{"data":{"x":[%q]}}`, strings.Repeat("a", quota.FilterPatternBytes))},
	} {
		if _, err := compileFilter(patterns); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%d patterns: %v, want %s", len(patterns), err, want)
		}
	}
}

// FuzzFilter: whatever a pattern and data are, the filter answers; and a
// pattern that compiles admits nothing that is not JSON.
func FuzzFilter(f *testing.F) {
	f.Add(`{"data":{"x":["a",{"numeric":[">",1,"<",2]},{"exists":false}]}}`, `{"x":1.5}`)
	f.Add(`{"data":{"$or":[{"x":[null]},{"y":[{"anything-but":{"prefix":"b"}}]}]}}`, `{"y":["c"]}`)
	f.Add(`{"data":{"x":{"y":[""]}}}`, `{"x":[{"y":""}]}`)
	f.Fuzz(func(t *testing.T, pattern, data string) {
		compiled, err := compileFilter([]string{pattern})
		if err != nil {
			return
		}
		if _, err := decodeJSON([]byte(data)); err != nil && compiled.admits([]byte(data)) {
			t.Errorf("%s admits %q", pattern, data)
		}
	})
}
