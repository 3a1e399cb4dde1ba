// Package ledger keeps the account of records: what the plan offered, what
// the stream acknowledged, what the function processed, and where the rest is.
package ledger

// Account is the balance of a run or of one step, in distinct records:
//
//	offered  = accepted + Σ rejected + indeterminate + not_sent
//	accepted = processed + filtered + dead_lettered + expired + in_flight + lost (+ unexplained)
//
// Its JSON is the contract of ledger.json.
type Account struct {
	Offered       int64            `json:"offered"`       // records the plan asked for
	Accepted      int64            `json:"accepted"`      // acknowledged by the stream, or seen in it afterwards
	Rejected      map[string]int64 `json:"rejected"`      // refused, by cause (the error code); never nil
	Indeterminate int64            `json:"indeterminate"` // sent, no answer came, and never seen
	NotSent       int64            `json:"not_sent"`      // the generator never got to them

	Attempted    int64 `json:"attempted"` // deliveries to the function, each retry counted again
	Processed    int64 `json:"processed"` // an invocation that returned without error
	Filtered     int64 `json:"filtered"`
	DeadLettered int64 `json:"dead_lettered"`
	Expired      int64 `json:"expired"`   // out of retention, or given up by the mapping and delivered nowhere
	InFlight     int64 `json:"in_flight"` // in the stream, not yet reached by the mapping or being retried
	Lost         int64 `json:"lost"`      // accepted, every source read completely, seen nowhere
	Unexplained  int64 `json:"unexplained"`

	Duplicates            Duplicates `json:"duplicates"`
	Reordered             *int64     `json:"reordered"` // nil: can't be judged, see Reasons
	ReorderedBeforeStream int64      `json:"reordered_before_stream"`

	// Beyond the contract's keys. PutTries is how often records were put:
	// first tries, one for each record sent, and PutRetries.
	PutTries   int64 `json:"put_tries"`
	PutRetries int64 `json:"put_retries"`

	Retried  int64    `json:"retried"`           // attempted - distinct records of the stream delivered
	ReadBack bool     `json:"read_back"`         // the stream was read back to close the account
	NoToken  int64    `json:"no_token"`          // accepted records without a token, accounted by their place in the stream
	LostIDs  []ID     `json:"lost_ids,omitzero"` // the first 100 lost records
	Reasons  []string `json:"reasons,omitzero"`  // why a figure is unknown or unexplained, in words
}

// Duplicates are records processed more than once, by who made them twice.
type Duplicates struct {
	Producer int64 `json:"producer"` // one token under two stream sequence numbers
	Mapping  int64 `json:"mapping"`  // one stream sequence number processed twice
}

// ID names one record.
type ID struct {
	Producer int    `json:"producer"`
	Sequence uint64 `json:"sequence"`
	// Where it was acknowledged, when the producer kept it (records without token).
	StreamSequence string `json:"stream_sequence,omitzero"`
}

// Report is ledger.json: the account of the run with those of its steps.
type Report struct {
	Account
	Closed bool          `json:"closed"` // false while the run is under way or was cut short
	Steps  []StepAccount `json:"steps"`
}

// StepAccount is the account of one step.
type StepAccount struct {
	Step int     `json:"step"`
	Rate float64 `json:"rate"`
	Account
}

// Closes reports whether both sums of the account hold and nothing is lost or
// unexplained.
func (a *Account) Closes() bool {
	return a.Lost == 0 && a.Unexplained == 0 && a.Balanced()
}

// Balanced reports whether both sums of the account hold.
func (a *Account) Balanced() bool {
	return a.Offered == a.Accepted+a.RejectedTotal()+a.Indeterminate+a.NotSent &&
		a.Accepted == a.Processed+a.Filtered+a.DeadLettered+a.Expired+a.InFlight+a.Lost+a.Unexplained
}

// RejectedTotal is the number of refused records of all causes.
func (a *Account) RejectedTotal() int64 {
	var n int64
	for _, v := range a.Rejected {
		n += v
	}
	return n
}
