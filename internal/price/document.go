package price

// DocumentRow is a row of a cost table that circulates for this kind of
// pipeline: 2 KB records, 512 MB, 100 ms, in us-east-1.
type DocumentRow struct {
	Rate  float64 // records a second
	Shown float64 // the table's USD a month
	// Decoded is the one simple reckoning that gives all rows to the dollar.
	Decoded Bill
}

// documentHours are the 30 days that the table counts a month.
const documentHours = 720

// DocumentPayload is the size of the table's records, and DocumentMemoryMB and
// DocumentMillis are what it says of the function.
const (
	DocumentPayload  = 2048
	DocumentMemoryMB = 512
	DocumentMillis   = 100
)

// Document is the table with each row as it must have been reckoned: an
// invocation a record, of 10 ms instead of the 100 it states, and a stream (two
// shards, no payload units) in the first row alone.
func (t *Table) Document() ([]DocumentRow, error) {
	rows := []DocumentRow{{Rate: 100, Shown: 95}, {Rate: 500, Shown: 367}, {Rate: 1000, Shown: 734}}
	for i := range rows {
		function := Function{MemoryMB: DocumentMemoryMB, Invocations: rows[i].Rate * documentHours * 3600, BilledMillis: DocumentMillis / 10}
		quantities := function.Quantities()
		if i == 0 {
			quantities = append(quantities, Quantity{ShardHour, 2 * documentHours})
		}
		var err error
		if rows[i].Decoded, err = t.Bill("us-east-1", quantities...); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// DocumentFaults say what is wrong with the table.
var DocumentFaults = []string{
	"Its Lambda figures are those of 10 ms an invocation, not the 100 ms it states: a factor of ten in GB-seconds.",
	"It invokes once a record: real batches make most of that cost go away, which no line of the table shows.",
	"Kinesis is in the first row alone (two shards × 720 h, no payload units); the others leave it out, so they are not comparable.",
	"What goes with it, 0.50 to 2.00 USD a run and 15 to 20 a cycle, is the same wrong rate of 0.2833 per million records: 0.51 for half an hour at 1000/s, 17.67 for a cycle of 62.4 M.",
	"Its month has 720 h; AWS's calculator has 730 (1.4 % more).",
}
