package load

import (
	"testing"
	"time"

	"weir/internal/producer"
	"weir/internal/stats"
	"weir/probe/token"
)

// BenchmarkRecording is what the ledger and the histograms cost a record, all
// accepted or one in a hundred refused, beside counting a duration in one
// histogram.
func BenchmarkRecording(b *testing.B) {
	b.Run("one histogram", func(b *testing.B) {
		var h stats.Histogram
		for i := 0; b.Loop(); i++ {
			h.Record(time.Duration(i%1000) * time.Microsecond)
		}
	})
	for name, refused := range map[string]int{"accepted": 0, "1% refused": 5} {
		b.Run(name, func(b *testing.B) {
			const records = 500
			p, err := newPacker(hundred().Test.Payload, hundred().Test.Keys, 1)
			if err != nil {
				b.Fatal(err)
			}
			started := time.Now()
			due := func(slot uint64) time.Time { return started.Add(time.Duration(slot%1000) * time.Microsecond) }
			var s shipment
			p.pack(&s, token.Token{}, 0, records, due)
			s.result = producer.Result{
				Started: started, Duration: time.Millisecond, Records: make([]producer.Outcome, records),
				Calls: []producer.Call{{Duration: time.Millisecond, Records: records}},
			}
			for i := range s.result.Records {
				s.result.Records[i] = ok
				s.result.Records[i].Tries = 1
				if i%100 == 50 && i/100 < refused {
					s.result.Records[i] = producer.Outcome{Fate: producer.Rejected, Tries: 1, Cause: "ProvisionedThroughputExceededException"}
				}
			}
			t := new(tally)
			var r report
			var first uint64
			for b.Loop() {
				outcome := sent{
					first: first, due: due, records: s.records, token: func(i int) bool { return s.tokens[i] }, result: &s.result,
				}
				t.send(outcome)
				r.add(outcome)
				if first += records; first%(1000*records) == 0 { // as each second does
					t.take()
					r.take(time.Now(), true)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*records), "ns/record")
		})
	}
}
