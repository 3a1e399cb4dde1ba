// Package scripts holds the ready-to-use k6 scripts of the catalogue, one file
// a test. The binary carries them; they also run with any k6 that has the
// module k6/x/kinesis.
package scripts

import "embed"

// Files holds <test>.js for every test of the catalogue.
//
//go:embed *.js
var Files embed.FS
