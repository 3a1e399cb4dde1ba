package fault

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// form is how a fault is written.
const form = "KIND[:WHERE][=VALUE]@START[+LENGTH]"

// Parse reads KIND[:WHERE][=VALUE]@START[+LENGTH]: "stall=3s@10s",
// "throttle=0.3@10s+20s", "fail-nth:PutRecords=3@0s". Times are Go's. Whether
// WHERE's operation exists it can't know.
func Parse(text string) (Fault, error) {
	what, when, timed := strings.Cut(text, "@")
	head, value, hasValue := strings.Cut(what, "=")
	name, where, hasWhere := strings.Cut(head, ":")
	k, known := kindNamed(name)
	if !known || !timed {
		return Fault{}, fmt.Errorf("%q is not a fault: write %s with KIND one of %s, for example %s", text, form, names(), Kinds[0].Example)
	}
	f := Fault{Kind: name, Where: where}
	for _, part := range []func() error{
		func() error { return f.setWhere(k, hasWhere) },
		func() error { return f.setWhen(k, when) },
		func() error { return f.setValue(k, value, hasValue) },
	} {
		if err := part(); err != nil {
			return Fault{}, fmt.Errorf("fault %q: %w, for example %s", text, err, k.Example)
		}
	}
	return f, nil
}

// operation has the shape of AWS's names of operations.
var operation = regexp.MustCompile(`^[A-Z][A-Za-z]+$`)

// metricName has the shape of CloudWatch's names of metrics, such as
// GetRecords.IteratorAgeMilliseconds.
var metricName = regexp.MustCompile(`^[A-Z][A-Za-z.]+$`)

// highestShard is the most that a shard's id can say.
const highestShard = 1e12 - 1

func (f *Fault) setWhere(k Kind, given bool) error {
	switch {
	case k.place == nowhere && given:
		return fmt.Errorf("%s happens nowhere in particular: leave out :%s", k.Name, f.Where)
	case k.place == atCall && given && !operation.MatchString(f.Where) && !slices.Contains(Services, f.Where):
		return fmt.Errorf("%q is neither an operation nor one of %s", f.Where, strings.Join(Services, ", "))
	case k.place == atMetric && given && !metricName.MatchString(f.Where):
		return fmt.Errorf("%q is not the name of a metric", f.Where)
	case k.place == atShard:
		if n, err := strconv.Atoi(f.Where); err != nil || n < 0 || n > highestShard {
			return fmt.Errorf("%q is not a shard's number: %s needs one behind a colon", f.Where, k.Name)
		}
	}
	return nil
}

func (f *Fault) setWhen(k Kind, when string) error {
	start, length, hasLength := strings.Cut(when, "+")
	var err error
	if f.At, err = time.ParseDuration(start); err != nil || f.At < 0 {
		return fmt.Errorf("%q is not a time after the start, such as 10s", start)
	}
	if !hasLength {
		return nil
	}
	if k.moment {
		return fmt.Errorf("%s takes no +LENGTH", k.Name)
	}
	if f.Length, err = time.ParseDuration(length); err != nil || f.Length <= 0 {
		return fmt.Errorf("%q is not a length, such as 20s", length)
	}
	return nil
}

func (f *Fault) setValue(k Kind, text string, given bool) (err error) {
	switch k.value {
	case valueCount, valueNumber:
		f.Count = 1
		if !given && k.value == valueCount {
			return nil
		}
		if f.Count, err = strconv.Atoi(text); err != nil || f.Count < 1 {
			return fmt.Errorf("%q is not a count from 1", text)
		}
	case valueShare:
		f.Share = 1
		if !given {
			return nil
		}
		if f.Share, err = strconv.ParseFloat(text, 64); err != nil || !(f.Share > 0 && f.Share <= 1) {
			return fmt.Errorf("%q is not a share above 0 and up to 1", text)
		}
	case valueLength:
		if f.Length, err = time.ParseDuration(text); err != nil || f.Length <= 0 {
			return fmt.Errorf("a %s needs a length", k.Name)
		}
	case valueDelay:
		f.Delay, err = parseDistribution(text)
		return err
	case valueSide:
		if given && text != Reads && text != Writes {
			return fmt.Errorf("%q is neither %s nor %s", text, Reads, Writes)
		}
		f.Side = text
	}
	return nil
}
