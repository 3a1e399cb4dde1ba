// Package line is the format of the log line that the probe writes per
// invocation: a CloudWatch embedded metric format (EMF) document whose member
// "weir" is the account of the invocation. [Account] draws one up from a
// batch, [Line.Append] and [Parse] write and read it.
//
// # The document
//
// One JSON object on one line. What CloudWatch makes metrics of, in namespace
// KinesisLoadTest with the dimensions StreamName and FunctionName:
//
//	RecordProcessingLatency  milliseconds from arrival in the stream to the end
//	                         of the invocation: every record's up to 100
//	                         records, else 100 order statistics, the i-th (from
//	                         0) of rank ⌊i·(n-1)/99⌋, so that the least and the
//	                         greatest are among them; middles of the buckets
//	                         below, to three significant digits, whole above
//	                         100 ms. Left out where nothing was processed
//	RecordsReceived          records in the batch
//	RecordsProcessed         the same if the handler succeeded, else 0
//
// # The account
//
// The members of "weir", in this order; times are microseconds since the Unix
// epoch; those marked ? are left out when zero or empty:
//
//	v            the text weir_ledger_v1 (Marker)
//	request      the invocation's request id
//	shard        the shard's id
//	start, end   when the handler was called, and when it returned
//	ok           whether it succeeded
//	error?       why not, at most 200 bytes
//	records      records in the batch
//	bytes        their data, decoded
//	first?, last?  stream sequence numbers of the first and last delivered
//	groups?      by run, step, producer (ascending) the records with a token:
//	  run, step, producer
//	  seqs         codes: the distinct sequences
//	  duplicates?  tokens seen again in the batch
//	  due, sent, arrive  codes: histograms of the time from then to end; each
//	               counts every delivered record, duplicates too
//	foreign?     base64 of 8 bytes each, big-endian: StreamID of the records
//	             without token, as delivered
//	foreign_age? codes: histogram of the time from their arrival to end
//	lanes?       columns of equal length, a row for each run, producer, lane
//	             (ascending):
//	  prefix       what all the stream sequence numbers below begin with
//	  run, producer, lane
//	  first        the rest of the lane's first delivered sequence number
//	  last         of its last; empty where it is the first
//	inversions?         records below the one delivered before in their lane
//	inversions_before?  records whose producer's sequence is below that of the
//	                    one before in their lane, in stream order
//
// The account closes: records is the sum over the groups of sequences and
// duplicates, and the records in foreign.
//
// # Codes
//
// Sets and histograms are lists of positive whole numbers, each written as its
// Elias gamma code (a number of n binary digits is n-1 zeros and then those
// digits), one after the other, most significant bit first, filled up with
// zeros to a whole byte, in standard base64 without padding. No numbers at all
// are the empty text.
//
// A set of sequences is two numbers for each run of consecutive sequences,
// ascending: the distance from the end of the run before (its last sequence
// plus one) to the run's first sequence, and the run's length. Before the first
// run, the distance is the first sequence plus one.
//
// A histogram is two numbers for each bucket that counts something, ascending:
// the distance from the index of the bucket before to the bucket's index
// (before the first: its index plus one), and the count. The index of a
// duration of v whole microseconds (negative ones are 0) is v itself up to 127;
// above, with v of n binary digits, it is (n-7)·128 plus the seven digits that
// follow v's first.
package line
