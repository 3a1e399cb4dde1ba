package campaign

import (
	"testing"
	"time"
)

func TestQuietUntil(t *testing.T) {
	working := []string{"mon", "tue", "wed", "thu", "fri"}
	for _, c := range []struct {
		name      string
		hours     []Quiet
		now, want string // 2026-11-23 is a Monday
	}{
		{"none", nil, "2026-11-23T10:00Z", "2026-11-23T10:00Z"},
		{"inside", []Quiet{{From: "08:00", To: "18:00"}}, "2026-11-23T10:00Z", "2026-11-23T18:00Z"},
		{"at the end", []Quiet{{From: "08:00", To: "18:00"}}, "2026-11-23T18:00Z", "2026-11-23T18:00Z"},
		{"at the start", []Quiet{{From: "08:00", To: "18:00"}}, "2026-11-23T08:00Z", "2026-11-23T18:00Z"},
		{"on a Sunday", []Quiet{{From: "08:00", To: "18:00", Days: working}}, "2026-11-22T10:00Z", "2026-11-22T10:00Z"},
		{"over midnight, before", []Quiet{{From: "22:00", To: "06:00"}}, "2026-11-23T23:00Z", "2026-11-24T06:00Z"},
		{"over midnight, after", []Quiet{{From: "22:00", To: "06:00"}}, "2026-11-24T01:00Z", "2026-11-24T06:00Z"},
		{"from Friday into Saturday", []Quiet{{From: "22:00", To: "06:00", Days: []string{"fri"}}}, "2026-11-28T01:00Z", "2026-11-28T06:00Z"},
		{"not from Saturday", []Quiet{{From: "22:00", To: "06:00", Days: []string{"fri"}}}, "2026-11-29T01:00Z", "2026-11-29T01:00Z"},
		// 08:00 in Berlin is 07:00 in winter
		{"in a zone", []Quiet{{From: "08:00", To: "09:00", Zone: "Europe/Berlin"}}, "2026-11-23T07:30Z", "2026-11-23T08:00Z"},
		{"one after another", []Quiet{{From: "08:00", To: "12:00"}, {From: "12:00", To: "14:00"}}, "2026-11-23T10:00Z", "2026-11-23T14:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := func(text string) time.Time {
				when, err := time.Parse("2006-01-02T15:04Z", text)
				if err != nil {
					t.Fatal(err)
				}
				return when
			}
			if got := (File{QuietHours: c.hours}).QuietUntil(at(c.now)); !got.Equal(at(c.want)) {
				t.Errorf("quiet until %v, want %s", got.UTC(), c.want)
			}
		})
	}
}
