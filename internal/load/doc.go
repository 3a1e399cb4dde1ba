// Package load offers the load of a test, with k6 as its engine.
//
// It has two sides. The parent (Start) runs this same binary again as a k6
// child and receives what the child saw as frames, one a second. The child
// (Main) is k6, whole, with the JavaScript module k6/x/kinesis and the output
// "weir". Nothing else in the program imports k6.
//
// # Who decides when a record is sent
//
// A test's schedule gives every record, its slot, an exact due time. The Pacer
// cuts the slots into calls and the calls into turns, of one call each up to
// 2 000 calls a second; each k6 iteration takes the next turn, waits until its
// calls are due and sends them. A shared-iterations scenario with one iteration
// a turn is all that is asked of k6. Its arrival-rate executors would not do:
// they give an iteration neither its due time nor a number by which a dropped
// one could be named, so latency could not count from due and nobody could say
// which records were never sent.
package load
