package campaign

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Quiet are hours in which no load is put, such as 08:00 to 18:00 on working
// days. From is later than To where they reach over midnight.
type Quiet struct {
	From string   `yaml:"from"` // 15:04
	To   string   `yaml:"to"`
	Days []string `yaml:"days"` // mon … sun, on which From falls; none: every day
	Zone string   `yaml:"zone"` // of the IANA database; empty: UTC
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func (q Quiet) validate() error {
	for _, t := range []string{q.From, q.To} {
		if _, err := time.Parse("15:04", t); err != nil {
			return fmt.Errorf("%q is not a time of day: write for example 08:00", t)
		}
	}
	if q.From == q.To {
		return fmt.Errorf("quiet from %s to %s is no time at all, or all of it", q.From, q.To)
	}
	for _, d := range q.Days {
		if !slices.Contains(weekdays, strings.ToLower(d)) {
			return fmt.Errorf("%q is not a day: mon, tue, wed, thu, fri, sat or sun", d)
		}
	}
	if _, err := time.LoadLocation(q.Zone); err != nil {
		return fmt.Errorf("zone %q: %w", q.Zone, err)
	}
	return nil
}

// until is when the quiet hours around now end; false outside them. q is valid.
func (q Quiet) until(now time.Time) (time.Time, bool) {
	zone, err := time.LoadLocation(q.Zone)
	if err != nil {
		return time.Time{}, false
	}
	local := now.In(zone)
	for _, back := range []int{1, 0} { // those that began yesterday, today
		day := time.Date(local.Year(), local.Month(), local.Day()-back, 0, 0, 0, 0, zone)
		if len(q.Days) > 0 && !slices.ContainsFunc(q.Days, func(d string) bool { return strings.EqualFold(d, weekdays[day.Weekday()]) }) {
			continue
		}
		from, to := clock(day, q.From), clock(day, q.To)
		if !to.After(from) {
			to = clock(day.AddDate(0, 0, 1), q.To)
		}
		if !now.Before(from) && now.Before(to) {
			return to, true
		}
	}
	return time.Time{}, false
}

// clock is a time of day on a day.
func clock(day time.Time, text string) time.Time {
	t, err := time.Parse("15:04", text)
	if err != nil {
		return day
	}
	return time.Date(day.Year(), day.Month(), day.Day(), t.Hour(), t.Minute(), 0, 0, day.Location())
}

// QuietUntil is when load may be put again: now itself outside all quiet
// hours. Hours that follow one another are taken as one.
func (f File) QuietUntil(now time.Time) time.Time {
	for range 8 * max(len(f.QuietHours), 1) { // a week of hours that touch
		end := now
		for _, q := range f.QuietHours {
			if to, quiet := q.until(now); quiet && to.After(end) {
				end = to
			}
		}
		if end.Equal(now) {
			break
		}
		now = end
	}
	return now
}
