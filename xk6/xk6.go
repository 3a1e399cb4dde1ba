// Package xk6 adds weir's extensions to a k6 binary of one's own: the module
// k6/x/kinesis and the outputs cloudwatch and dogstatsd (docs/outputs.md).
// Importing it is all there is to do:
//
//	package main
//
//	import (
//		"go.k6.io/k6/v2/cmd"
//
//		_ "weir/xk6"
//	)
//
//	func main() { cmd.Execute() }
//
// xk6 makes such a main by itself, but none that builds k6 v2 was seen
// (2026-11-22), so that this is the way that is tested.
package xk6

import "weir/internal/load"

func init() { load.Register() }
