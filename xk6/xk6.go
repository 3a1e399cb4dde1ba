// Package xk6 adds weir's extensions to a k6 binary of one's own: the module
// k6/x/kinesis and the output weir. Importing it is all there is to do:
//
//	xk6 build --with weir/xk6
package xk6

import "weir/internal/load"

func init() { load.Register() }
