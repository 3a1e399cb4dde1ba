package load

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/plan"
	"weir/probe/token"
)

// A call's records have the bodies and the keys that the test asks for, and in
// their tokens the slot and the key's lane.
func TestPack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(path, []byte(`{"seq":{{seq}},"kind":"{{enum red}}"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := newPacker(plan.Payload{Template: path}, plan.Keys{Spec: "zipf:1,1"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	due := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var s shipment
	p.pack(&s, token.Token{Run: 7}, 9, 11, func(uint64) time.Time { return due })
	var got []string
	for i, r := range s.records {
		tok, at, ok := token.Find(r.Data)
		if !ok || !s.tokens[i] || tok.Seq != uint64(9+i) || tok.Lane != 0 {
			t.Errorf("record %d: token %+v at %d, %t", i, tok, at, ok)
		}
		got = append(got, r.PartitionKey+" "+strings.Replace(string(r.Data), tok.String(), "TOKEN", 1))
	}
	want := []string{
		`k-00000 {"_weir":"TOKEN","seq":9,"kind":"red"}`,
		`k-00000 {"_weir":"TOKEN","seq":10,"kind":"red"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

// A key from the body: the token in it has the key's lane, as that of the next
// record with the same key.
func TestPackKeysFromBodies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.csv")
	if err := os.WriteFile(path, []byte("customer,n\nc-1,1\nc-2,2\nc-1,3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := newPacker(plan.Payload{File: path}, plan.Keys{Spec: "field:customer"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var s shipment
	p.pack(&s, token.Token{Run: 7}, 0, 3, func(uint64) time.Time { return time.Unix(1, 0) })
	var lanes []uint32
	for i, r := range s.records {
		tok, _, ok := token.Find(r.Data)
		if want := []string{"c-1", "c-2", "c-1"}[i]; !ok || tok.Lane != s.lanes[i] || r.PartitionKey != want {
			t.Errorf("record %d: key %s, lane %d, token %+v", i, r.PartitionKey, s.lanes[i], tok)
		}
		lanes = append(lanes, tok.Lane)
	}
	if lanes[0] != lanes[2] || lanes[0] == lanes[1] {
		t.Errorf("lanes %v", lanes)
	}
}

// Explicit hash keys travel beside the partition keys.
func TestPackHashKeys(t *testing.T) {
	p, err := newPacker(plan.Payload{Bytes: 100}, plan.Keys{Spec: "hash:0,9"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var s shipment
	p.pack(&s, token.Token{Run: 7}, 0, 2, func(uint64) time.Time { return time.Unix(1, 0) })
	if s.records[0].ExplicitHashKey != "0" || s.records[1].ExplicitHashKey != "9" {
		t.Errorf("explicit hash keys %q and %q", s.records[0].ExplicitHashKey, s.records[1].ExplicitHashKey)
	}
}

func TestBodiesSizes(t *testing.T) {
	for text, largest := range map[string]int{
		"500": 500, "300..900": 900,
		"normal:500±100": 900, // 500 + 4·100
		"normal:100±50":  300, // from 48 on, not from 100 - 4·50
		"binary:300":     300,
		// 4 + (1+2+1024) + (1+1+39) + 2 · (1+1 + 4 + 1+1+100) + 16
		"kpl:2x100": 1304,
	} {
		p, err := plan.ParsePayload(text)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := Bodies(p, 1); err != nil || b.MaxBytes() != largest {
			t.Errorf("%s: %v, %v; want at most %d bytes", text, b, err, largest)
		}
	}
}

func TestPackerRefuses(t *testing.T) {
	for want, c := range map[string]struct {
		payload plan.Payload
		keys    plan.Keys
	}{
		"prepare payload: a body of 5 bytes":            {plan.Payload{Bytes: 5}, plan.Keys{Pool: 1}},
		"prepare payload: a body of 40 bytes":           {plan.Payload{Bytes: 20, Sizes: plan.Sizes{Max: 40, Deviation: 5}}, plan.Keys{Pool: 1}},
		"prepare payload: read payload file: open none": {plan.Payload{File: "none"}, plan.Keys{Pool: 1}},
		"prepare payload: read template: open none":     {plan.Payload{Template: "none"}, plan.Keys{Pool: 1}},
		`prepare payload: "by chance" is no order`:      {plan.Payload{File: "none", Order: "by chance"}, plan.Keys{Pool: 1}},
		`prepare partition keys: "some" is no way`:      {plan.Payload{Bytes: 100}, plan.Keys{Spec: "some"}},
		"prepare partition keys: generated bodies":      {plan.Payload{Bytes: 100}, plan.Keys{Spec: "field:a"}},
	} {
		if _, err := newPacker(c.payload, c.keys, 1); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
