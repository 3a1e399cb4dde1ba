package ledger

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParsePosition(t *testing.T) {
	for _, tt := range []struct {
		text string
		want position
		ok   bool
	}{
		{"0", position{}, true},
		{"18446744073709551615", position{0, 0, 1<<64 - 1}, true},
		{"18446744073709551616", position{0, 1, 0}, true},
		{"340282366920938463463374607431768211456", position{1, 0, 0}, true}, // 2^128
		{strings.Repeat("9", 57), position{0x28c87cb5c89a2571, 0xebfdcb54864ada83, 0x49ffffffffffffff}, true},
		{strings.Repeat("9", 58), position{}, false},
		{"", position{}, false},
		{"12x", position{}, false},
		{"-1", position{}, false},
	} {
		got, ok := parsePosition(tt.text)
		if got != tt.want || ok != tt.ok {
			t.Errorf("parsePosition(%q) = %x, %v, want %x, %v", tt.text, got, ok, tt.want, tt.ok)
		}
	}
}

func TestPositionsCompareAsNumbers(t *testing.T) {
	digits := rapid.StringMatching(`[1-9][0-9]{0,56}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := digits.Draw(t, "a"), digits.Draw(t, "b")
		p, ok1 := parsePosition(a)
		q, ok2 := parsePosition(b)
		x, _ := new(big.Int).SetString(a, 10)
		y, _ := new(big.Int).SetString(b, 10)
		if !ok1 || !ok2 || p.compare(q) != x.Cmp(y) {
			t.Fatalf("compare %s %s = %d, want %d", a, b, p.compare(q), x.Cmp(y))
		}
	})
}

func at(first, last uint64) stretch {
	return stretch{position{2: first}, position{2: last}}
}

func TestPassage(t *testing.T) {
	var p passage
	for _, s := range []stretch{at(10, 19), at(30, 39), at(50, 59)} {
		p.add(s, 10)
	}
	for _, tt := range []struct {
		s                stretch
		overlaps, covers bool
	}{
		{at(0, 9), false, false},
		{at(20, 29), false, false}, // between two batches
		{at(60, 70), false, false},
		{at(19, 19), true, true},
		{at(12, 15), true, true},
		{at(15, 25), true, false},
		{at(0, 100), true, false},
		{at(12, 35), true, false},
	} {
		if p.overlaps(tt.s) != tt.overlaps || p.covers(tt.s) != tt.covers {
			t.Errorf("%v: overlaps %v, covers %v, want %v, %v", tt.s, p.overlaps(tt.s), p.covers(tt.s), tt.overlaps, tt.covers)
		}
	}
	p.add(at(15, 35), 10) // joins the first two
	if got := len(p.stretches); got != 2 || p.stretches[0] != at(10, 39) {
		t.Errorf("after joining: %v", p.stretches)
	}
	if p.highest() != at(0, 59).last {
		t.Errorf("highest is %v", p.highest())
	}
}

func TestPassageStaysSmall(t *testing.T) {
	var p passage
	for i := range uint64(1000) {
		p.add(at(10*i, 10*i+5), 8)
		if len(p.stretches) >= 16 {
			t.Fatalf("%d stretches after %d batches, want less than 16", len(p.stretches), i+1)
		}
	}
	if !p.overlaps(at(0, 0)) || p.overlaps(at(9996, 9999)) || p.overlaps(at(9986, 9989)) {
		t.Error("the newest batches are not told apart, or the oldest forgotten")
	}
}
