// Package cloudwatch is the embedded pipeline's CloudWatch and CloudWatch
// Logs: a store of metrics at one-second and one-minute resolution, a store of
// log events, and the operations on them in the protocols that AWS's clients
// speak (rpc-v2-cbor, awsJson 1.0 and query for CloudWatch; awsJson 1.1 for
// Logs).
//
// # Where it is more than AWS
//
// Metrics of the namespaces AWS/* are kept at one second besides the vended
// sixty, and every point can be read at once. Options.LikeAWS and
// Options.Delay take both away.
//
// # What it leaves out, and why
//
//   - Alarms, dashboards, metric streams and anomaly detection: nothing in the
//     embedded pipeline reads them.
//   - The statistics tm, tc, ts, wm, IQM and PR, the functions SEARCH, SORT,
//     SLICE and SERVICE_QUOTA, and dynamic labels: asked for, they are answered
//     with an error that names them, never with a guess.
//   - Log retention, subscriptions, Logs Insights, and JSON, space-delimited and
//     regular-expression filter patterns. A group is bounded by bytes instead of
//     days.
//   - Permissions and request rates: any signature is accepted.
package cloudwatch
