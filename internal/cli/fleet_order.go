package cli

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"weir/internal/load"
)

// fleetOrder is what each runner of a fleet is told, and what its reports are
// merged by afterwards. It holds no credentials.
type fleetOrder struct {
	Format   int       `json:"format"`
	Version  string    `json:"version"` // of weir
	Runners  int       `json:"runners"`
	Script   string    `json:"script"`         // that carries the test out, of the embedded ones
	Args     []string  `json:"args,omitempty"` // more of k6 run; {runner} is the runner's number
	Spec     load.Spec `json:"spec"`
	Function string    `json:"function,omitempty"`
}

// orderFormat is the version of fleetOrder.
const orderFormat = 1

// orderLimit bounds a text that is unpacked, in bytes.
const orderLimit = 1 << 20

// pack is the order as one word, for a command line or an environment variable.
func (o fleetOrder) pack() (string, error) {
	text, err := json.Marshal(o)
	if err != nil {
		return "", fmt.Errorf("encode the fleet's order: %w", err)
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return "", fmt.Errorf("pack the fleet's order: %w", err)
	}
	_, err = w.Write(text)
	if err := errors.Join(err, w.Close()); err != nil {
		return "", fmt.Errorf("pack the fleet's order: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(packed.Bytes()), nil
}

// unpackOrder reads what pack wrote.
func unpackOrder(word string) (fleetOrder, error) {
	packed, err := base64.RawURLEncoding.DecodeString(word)
	if err != nil {
		return fleetOrder{}, fmt.Errorf("unpack the fleet's order: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), orderLimit))
	if err != nil {
		return fleetOrder{}, fmt.Errorf("unpack the fleet's order: %w", err)
	}
	return readOrder(text)
}

// readOrder reads an order from its JSON.
func readOrder(text []byte) (fleetOrder, error) {
	var o fleetOrder
	if err := json.Unmarshal(text, &o); err != nil {
		return fleetOrder{}, fmt.Errorf("read the fleet's order: %w", err)
	}
	if o.Format != orderFormat {
		return fleetOrder{}, fmt.Errorf("the fleet's order is of format %d, this weir reads %d: use the same weir everywhere", o.Format, orderFormat)
	}
	return o, nil
}
