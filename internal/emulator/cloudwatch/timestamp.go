package cloudwatch

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/fxamacker/cbor/v2"

	"weir/internal/emulator/wire"
)

// timestamp is a time on any of the three wires: seconds with decimals in
// awsJson, tag 1 in CBOR, ISO 8601 in query.
type timestamp struct{ wire.Timestamp }

func timestampAt(t time.Time) timestamp { return timestamp{wire.Timestamp{Time: t.UTC()}} }

// MarshalCBOR writes tag 1 with seconds as a double.
func (t timestamp) MarshalCBOR() ([]byte, error) {
	return cbor.Marshal(cbor.Tag{Number: 1, Content: float64(t.UnixMilli()) / 1000})
}

// UnmarshalCBOR reads tag 1 with seconds of any numeric type.
func (t *timestamp) UnmarshalCBOR(data []byte) error {
	var tag cbor.RawTag
	if err := cbor.Unmarshal(data, &tag); err != nil {
		return fmt.Errorf("read timestamp: %w", err)
	}
	var seconds float64
	if err := cbor.Unmarshal(tag.Content, &seconds); err != nil {
		return fmt.Errorf("read timestamp: %w", err)
	}
	if tag.Number != 1 || math.IsNaN(seconds) || math.Abs(seconds) > latestTimestamp {
		return errors.New("a timestamp must be tag 1 with seconds since 1970")
	}
	*t = timestampAt(time.UnixMilli(int64(math.Round(seconds * 1000))))
	return nil
}

// latestTimestamp is the end of the year 9999 in Unix seconds.
const latestTimestamp = 253402300799

// parseQueryTime reads ISO 8601 with a zone.
func parseQueryTime(text string) (timestamp, error) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return timestamp{}, fmt.Errorf("%q is not an ISO 8601 time", text)
	}
	return timestampAt(at), nil
}

func (t timestamp) queryText() string { return t.Format("2006-01-02T15:04:05.999Z") }
