package fault

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	const s = time.Second
	for text, want := range map[string]Fault{
		"stall=3s@10s":                                      {Kind: Stall, Length: 3 * s, At: 10 * s},
		"stall:PutRecord=3s@10s":                            {Kind: Stall, Where: "PutRecord", Length: 3 * s, At: 10 * s},
		"drop-record@5s":                                    {Kind: DropRecord, Count: 1, At: 5 * s},
		"deliver-twice=3@0s":                                {Kind: DeliverTwice, Count: 3},
		"kill-function@1m":                                  {Kind: KillFunction, Count: 1, At: time.Minute},
		"throttle=0.3@10s+20s":                              {Kind: Throttle, Share: 0.3, At: 10 * s, Length: 20 * s},
		"throttle:GetRecords@0s":                            {Kind: Throttle, Where: "GetRecords", Share: 1},
		"error:logs=0.5@1s":                                 {Kind: Error, Where: "logs", Share: 0.5, At: s},
		"fail-nth:PutRecords=3@0s":                          {Kind: FailNth, Where: "PutRecords", Count: 3},
		"pause-shard:2@1s+2s":                               {Kind: PauseShard, Where: "2", At: s, Length: 2 * s},
		"pause-shard:0=writes@0s":                           {Kind: PauseShard, Where: "0", Side: Writes},
		"split-shard:0@10s":                                 {Kind: SplitShard, Where: "0", Count: 1, At: 10 * s},
		"update-shard-count=8@10s":                          {Kind: UpdateShardCount, Count: 8, At: 10 * s},
		"delay=50ms@1s":                                     {Kind: Delay, Delay: Distribution{Fixed, 50 * time.Millisecond, 0}, At: s},
		"delay=10ms..1s@0s":                                 {Kind: Delay, Delay: Distribution{Uniform, 10 * time.Millisecond, s}},
		"delay=normal:50ms±10ms@0s":                         {Kind: Delay, Delay: Distribution{Normal, 50 * time.Millisecond, 10 * time.Millisecond}},
		"delay=lognormal:50ms,200ms@0s":                     {Kind: Delay, Delay: Distribution{LogNormal, 50 * time.Millisecond, 200 * time.Millisecond}},
		"late-points=0s..20s@0s":                            {Kind: LatePoints, Delay: Distribution{Uniform, 0, 20 * s}},
		"drop-points:GetRecords.IteratorAgeMilliseconds@1s": {Kind: DropPoints, Where: "GetRecords.IteratorAgeMilliseconds", Share: 1, At: s},
		"repeat-lines=0.1@0s+5s":                            {Kind: RepeatLines, Share: 0.1, Length: 5 * s},
		"delay:lambda=normal:1s±0s@0s+1s":                   {Kind: Delay, Where: "lambda", Delay: Distribution{Normal, s, 0}, Length: s},
	} {
		got, err := Parse(text)
		if err != nil {
			t.Error(err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

// A bad fault is refused with a message that names the part that is wrong.
func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "is not a fault",
		"stall":                    "is not a fault",
		"burn@5s":                  "is not a fault: write KIND[:WHERE][=VALUE]@START[+LENGTH]",
		"stall@5s":                 "a stall needs a length, for example stall=3s@10s",
		"stall=-1s@5s":             "a stall needs a length",
		"stall=1s@5s+1s":           "takes no +LENGTH",
		"drop-record@soon":         `"soon" is not a time after the start`,
		"drop-record=0@1s":         `"0" is not a count`,
		"drop-record@-1s":          `"-1s" is not a time`,
		"drop-record:PutRecord@1s": "leave out :PutRecord",
		"throttle=1.5@1s":          `"1.5" is not a share`,
		"throttle=0@1s":            `"0" is not a share`,
		"throttle=NaN@1s":          `"NaN" is not a share`,
		"throttle=@1s":             `"" is not a share`,
		"error@1s+0s":              `"0s" is not a length`,
		"error@1s+":                `"" is not a length`,
		"error:s3@1s":              `"s3" is neither an operation nor one of kinesis`,
		"error:@1s":                `"" is neither an operation`,
		"drop-points:k=0.1@0s":     `"k" is not the name of a metric`,
		"drop-lines:REPORT@0s":     "leave out :REPORT",
		"late-lines@0s":            `"" is not a delay`,
		"fail-nth@1s":              `"" is not a count`,
		"update-shard-count@1s":    `"" is not a count`,
		"pause-shard@1s":           `"" is not a shard's number`,
		"pause-shard:-1@1s":        `"-1" is not a shard's number`,
		"pause-shard:0=both@1s":    `"both" is neither reads nor writes`,
		"delay@1s":                 `"" is not a delay`,
		"delay=9@1s":               `"9" is not a delay`,
		"delay=2s..1s@1s":          `"2s..1s" is not a delay`,
		"delay=normal:1s@1s":       `"normal:1s" is not a delay`,
		"delay=lognormal:2s,1s@1s": `"lognormal:2s,1s" is not a delay`,
	} {
		if got, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %+v, %v; want %q", text, got, err, want)
		}
	}
}

// Every kind's example is one of its own, and what is read is written the same.
func TestExamples(t *testing.T) {
	for _, k := range Kinds {
		f, err := Parse(k.Example)
		if err != nil || f.Kind != k.Name {
			t.Errorf("%s: %+v, %v", k.Example, f, err)
		}
		if f.String() != k.Example {
			t.Errorf("%s is written %s", k.Example, f)
		}
	}
}

// The guide has a row for each kind, with its example, and none for another.
func TestGuide(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| `([^`]+)` \\| .+ \\|$").FindAllStringSubmatch(string(doc), -1) {
		got = append(got, row[1]+" "+row[2])
	}
	for _, k := range Kinds {
		want = append(want, k.Name+" "+k.Example)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What Parse takes, String writes so that it is read as the same again.
func FuzzParse(f *testing.F) {
	for _, k := range Kinds {
		f.Add(k.Example)
	}
	f.Add("delay=normal:50ms±10ms@1s+1s")
	f.Fuzz(func(t *testing.T, text string) {
		first, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(first.String())
		if err != nil || again != first {
			t.Errorf("%q is %+v, written %s, read as %+v, %v", text, first, first, again, err)
		}
	})
}
