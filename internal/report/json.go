package report

import (
	"encoding/json"
	"fmt"
	"io"

	"weir/internal/judge"
)

// JSON writes the verdict as verdict.json holds it.
func JSON(w io.Writer, v judge.Verdict) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("encode verdict: %w", err)
	}
	return nil
}
