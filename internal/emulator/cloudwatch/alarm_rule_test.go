package cloudwatch

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// slotsOf reads AWS's picture of an evaluation range: 0 is a point that doesn't
// breach, X one that does, - none; the newest stands last.
func slotsOf(picture string) (slots []*timedValue) {
	for i, sign := range strings.Fields(picture) {
		at := noon.Add(time.Duration(i) * time.Minute).Unix()
		switch sign {
		case "0":
			slots = append(slots, &timedValue{at, 1})
		case "X":
			slots = append(slots, &timedValue{at, 9})
		default:
			slots = append(slots, nil)
		}
	}
	return slots
}

func ruleOf(toAlarm int, missing string) alarmRule {
	return alarmRule{comparison: comparisons["GreaterThanThreshold"], threshold: 5, periods: 3, toAlarm: toAlarm, missing: missing}
}

// The tables of
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
// (read 2026-11-22), row by row, and the cases that its text adds. "keep"
// retains the current state.
func TestMissingData(t *testing.T) {
	for _, row := range []struct {
		toAlarm                                  int
		picture                                  string
		missing, ignore, breaching, notBreaching string
	}{
		// 3 out of 3
		{3, "0 - X - X", "OK", "OK", "OK", "OK"},
		{3, "0 - - - -", "OK", "OK", "OK", "OK"},
		{3, "- - - - -", "INSUFFICIENT_DATA", "keep", "ALARM", "OK"},
		{3, "0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"},
		{3, "- - X - -", "ALARM", "keep", "ALARM", "OK"},
		// 2 out of 3
		{2, "0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"},
		{2, "0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"},
		{2, "0 - X - -", "OK", "OK", "ALARM", "OK"},
		{2, "- - - - 0", "OK", "OK", "ALARM", "OK"},
		{2, "- - - X -", "ALARM", "keep", "ALARM", "OK"},
		// "Avoiding premature transitions": not yet ALARM, unless missing is breaching
		{3, "- - - - X", "keep", "keep", "ALARM", "OK"},
		{3, "- - - X -", "keep", "keep", "ALARM", "OK"},
		// all real points, the newest of them
		{3, "0 0 X X X", "ALARM", "ALARM", "ALARM", "ALARM"},
		{3, "X X X X 0", "OK", "OK", "OK", "OK"},
		// fewer real points than periods, but enough that breach
		{2, "- - - X X", "ALARM", "ALARM", "ALARM", "ALARM"},
	} {
		for missing, want := range map[string]string{
			treatMissing: row.missing, treatIgnore: row.ignore, treatBreaching: row.breaching, treatNotBreaching: row.notBreaching,
		} {
			got := ruleOf(row.toAlarm, missing).judge(slotsOf(row.picture)).state
			if got == "" {
				got = "keep"
			}
			if got != want {
				t.Errorf("%d of 3, %s, %s: %s, want %s", row.toAlarm, row.picture, missing, got, want)
			}
		}
	}
}

func TestComparisons(t *testing.T) {
	for operator, want := range map[string]string{ // for 4, 5 and 6 against 5
		"GreaterThanThreshold": "..X", "GreaterThanOrEqualToThreshold": ".XX", "LessThanThreshold": "X..", "LessThanOrEqualToThreshold": "XX.",
	} {
		got := ""
		for _, v := range []float64{4, 5, 6} {
			if comparisons[operator].breaches(v, 5) {
				got += "X"
			} else {
				got += "."
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s", operator, got, want)
		}
	}
}

func TestReasons(t *testing.T) {
	for _, test := range []struct{ picture, missing, want string }{
		{"- - 0 X X", treatMissing, "Threshold Crossed: 2 out of the last 3 datapoints [9.0 (22/11/26 12:04:00), 9.0 (22/11/26 12:03:00)] were greater than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition)."},
		{"- - 0 0 X", treatMissing, "Threshold Crossed: 2 out of the last 3 datapoints [1.0 (22/11/26 12:03:00), 1.0 (22/11/26 12:02:00)] were not greater than the threshold (5.0) (minimum 2 datapoints for ALARM -> OK transition)."},
		{"- - - - -", treatMissing, "Insufficient Data: 3 datapoints were unknown."},
		{"- - - - -", treatBreaching, "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Breaching]."},
		{"- - - 0 X", treatBreaching, "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching]."},
	} {
		if got := ruleOf(2, test.missing).judge(slotsOf(test.picture)).reason; got != test.want {
			t.Errorf("%s, %s: %s\nwant %s", test.picture, test.missing, got, test.want)
		}
	}
}

// One more point that breaches never takes an alarm back to OK, and missing data
// that is breaching is never kinder than missing data that is not.
func TestRuleIsMonotonic(t *testing.T) {
	rank := map[string]int{stateOK: 0, "": 1, stateInsufficientData: 1, stateAlarm: 2}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "periods")
		r := alarmRule{comparison: comparisons["GreaterThanThreshold"], threshold: 5, periods: n, toAlarm: rapid.IntRange(1, n).Draw(t, "to alarm")}
		signs := rapid.SliceOfN(rapid.SampledFrom([]string{"0", "X", "-"}), n+extraPeriods, n+extraPeriods).Draw(t, "slots")
		worse := append([]string(nil), signs...)
		for i := range worse {
			if worse[i] == "0" {
				worse[i] = "X"
				break
			}
		}
		state := func(signs []string, missing string) int {
			r.missing = missing
			return rank[r.judge(slotsOf(strings.Join(signs, " "))).state]
		}
		for _, missing := range []string{treatMissing, treatIgnore, treatBreaching, treatNotBreaching} {
			if state(worse, missing) < state(signs, missing) {
				t.Fatalf("%v is %d, but %v is %d (%s)", signs, state(signs, missing), worse, state(worse, missing), missing)
			}
		}
		if state(signs, treatBreaching) < state(signs, treatNotBreaching) {
			t.Fatalf("%v: breaching is kinder than not breaching", signs)
		}
	})
}
