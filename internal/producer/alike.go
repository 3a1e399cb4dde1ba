package producer

import "bytes"

// alike is the form of an accepted entry. The entries of an answer are mostly
// of one: the same bytes but for the sequence number and the shard, which are
// as long as those before. Comparing is several times faster than reading.
type alike struct {
	entry         []byte // as it stands in the answer
	first, second span   // of the values
	numberFirst   bool
}

// span is a half-open range of an entry's bytes.
type span struct{ from, to int }

// next reads the entry at a position of the answer and moves that behind it: by
// its form, if it is known, else by scan, which does both.
func (a *alike) next(answer []byte, at *int, o *Outcome, scan func(*Outcome) bool) bool {
	if n := a.read(answer[*at:], o); n > 0 {
		*at += n
		return true
	}
	start := *at
	if !scan(o) {
		return false
	}
	a.learn(answer[start:*at], o)
	return true
}

// learn takes the form of an entry that was read; others than accepted ones
// teach nothing. The outcome's values lie in the entry.
func (a *alike) learn(entry []byte, o *Outcome) {
	if o.Cause != "" || o.SequenceNumber == nil || o.ShardID == nil {
		return
	}
	number, shard := spanIn(entry, o.SequenceNumber), spanIn(entry, o.ShardID)
	*a = alike{entry: entry, first: number, second: shard, numberFirst: true}
	if shard.from < number.from {
		a.first, a.second, a.numberFirst = shard, number, false
	}
}

// spanIn is where a value lies in an entry: both reach, in capacity, to the end
// of the answer.
func spanIn(entry, value []byte) span {
	from := cap(entry) - cap(value)
	return span{from, from + len(value)}
}

// read fills the outcome from an entry of the known form at the start of b and
// returns its length; 0 where there is none.
func (a *alike) read(b []byte, o *Outcome) int {
	n := len(a.entry)
	if n == 0 || len(b) < n {
		return 0
	}
	if string(b[:a.first.from]) != string(a.entry[:a.first.from]) ||
		string(b[a.first.to:a.second.from]) != string(a.entry[a.first.to:a.second.from]) ||
		string(b[a.second.to:n]) != string(a.entry[a.second.to:]) {
		return 0
	}
	first, second := b[a.first.from:a.first.to], b[a.second.from:a.second.to]
	if !quotable(first) || !quotable(second) {
		return 0
	}
	if !a.numberFirst {
		first, second = second, first
	}
	*o = Outcome{SequenceNumber: first, ShardID: second}
	return n
}

// quotable reports whether text can stand between quotes as it is.
func quotable(text []byte) bool { return plain(text) && bytes.IndexByte(text, '"') < 0 }
