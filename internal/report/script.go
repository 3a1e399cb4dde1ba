package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
)

// scriptText adds to a page what paper can't: values at the cursor, tables that
// can be copied. Without it nothing is missing.
//
//go:embed report.js
var scriptText string

func script() template.HTML {
	return template.HTML("<script>" + scriptText + "</script>") //nolint:gosec // a file of ours
}

// policy lets a page run that script and reach nothing.
func policy() template.HTML {
	sum := sha256.Sum256([]byte(scriptText))
	return template.HTML(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-` + //nolint:gosec // no foreign text
		base64.StdEncoding.EncodeToString(sum[:]) + `'">`)
}
