// Package scripts holds the ready-to-use k6 scripts of the catalogue, one file
// a test. The binary carries them; they also run with any k6 that has the
// module k6/x/kinesis.
package scripts

import "embed"

// Files holds the script of every test of the catalogue; see Name.
//
//go:embed *.js
var Files embed.FS

// Name is the file of a test of the catalogue.
func Name(test string) string {
	switch test {
	case "stress", "spike":
		return test + "-test.js"
	}
	return test + ".js"
}
