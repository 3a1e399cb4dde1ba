package cli

import (
	"encoding/json"
	"fmt"
	"os"

	"weir/internal/judge"
	"weir/internal/record"
)

// checkCertificate tells whether the capacity certificate in a file holds for
// the configuration that a run found: exit code 99 where it is void.
func checkCertificate(p *Process, path string, d *record.Data) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return usage(fmt.Errorf("read the certificate: %w", err), "weir plan run writes certificate.json into the campaign's folder")
	}
	var c judge.Certificate
	if err := json.Unmarshal(text, &c); err != nil {
		return usage(fmt.Errorf("read the certificate %s: %w", path, err), "")
	}
	reasons := c.Void(d)
	if len(reasons) == 0 {
		fmt.Fprintf(p.Stdout, "the certificate holds: %g records/s of %d bytes sustained, shown on %s by run %s\n",
			c.Sustained, c.PayloadBytes, c.Made.Format("2006-01-02"), c.Run)
		if c.JudgedBy != "" { // of a later weir's making
			fmt.Fprintf(p.Stdout, "  judged by: %s\n", c.JudgedBy)
		}
		return nil
	}
	fmt.Fprintf(p.Stdout, "the certificate is void for run %s:\n", d.Run.ID)
	for _, reason := range reasons {
		fmt.Fprintf(p.Stdout, "  %s\n", reason)
	}
	return exitError(ExitFail)
}
