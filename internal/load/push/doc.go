// Package push holds the k6 outputs of our own, which send samples to a
// service while a test runs: cloudwatch (PutMetricData) and dogstatsd
// (Datadog's agent).
//
// Each has a pure core that sums samples up, driven by a thin shell. What a
// service cannot take in time is dropped and counted: no output ever blocks
// the load.
package push
