package kinesis

import (
	"strings"
	"time"
)

// found is what one read of a shard found. Its records stay readable whatever
// becomes of the shard.
type found struct {
	Read // without its records
	extent
	entries  []entry // of the extent
	chunks   view
	sequence sequencer
}

// finder finds the records of entries with rising addresses.
type finder struct {
	chunks view
	in     *chunk // where the last one was
}

func (f *found) finder() finder { return finder{chunks: f.chunks} }

func (c *finder) record(e *entry) (key, data []byte) {
	if c.in == nil || e.address >= c.in.end() {
		c.in = c.chunks.chunk(e.address)
	}
	from := e.address - c.in.first
	middle, end := from+uint64(e.key), from+uint64(e.key)+uint64(e.size)
	return c.in.bytes[from:middle:middle], c.in.bytes[middle:end:end]
}

// read is the outcome as Go's callers get it.
func (f *found) read() Read {
	if f.records == 0 {
		return f.Read
	}
	f.Records = make([]Record, 0, f.records)
	text := newTextBuilder(f.extent)
	at, number := f.finder(), numberText{}
	for i := range f.entries {
		e, position := &f.entries[i], f.from+uint64(i)
		sequenceNumber := number.next(f.sequence, position, e.arrival)
		if e.key == 0 {
			continue
		}
		key, data := at.record(e)
		text.add(sequenceNumber, key)
		f.Records = append(f.Records, Record{Position: position, Data: data, Arrival: time.UnixMilli(e.arrival)})
	}
	text.fill(f.Records)
	return f.Read
}

// textBuilder collects the texts of a read's records so that they cost one
// allocation, not two for each record.
type textBuilder struct {
	text strings.Builder
	keys []int // bytes of each record's key
}

func newTextBuilder(x extent) *textBuilder {
	b := &textBuilder{keys: make([]int, 0, x.records)}
	b.text.Grow(x.records*sequenceDigits + int(x.keys))
	return b
}

func (b *textBuilder) add(sequenceNumber, key []byte) {
	b.text.Write(sequenceNumber)
	b.text.Write(key)
	b.keys = append(b.keys, len(key))
}

// fill sets the texts of the records that were added, in the same order.
func (b *textBuilder) fill(records []Record) {
	text := b.text.String()
	for i, key := range b.keys {
		records[i].SequenceNumber, text = text[:sequenceDigits], text[sequenceDigits:]
		records[i].PartitionKey, text = text[:key], text[key:]
	}
}
