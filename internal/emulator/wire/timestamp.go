package wire

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// latestSeconds is the end of the year 9999, the latest time a client may name.
const latestSeconds = 253402300799

// Timestamp is a time on an awsJson wire: a number of seconds since 1970 with
// decimals for the milliseconds; finer parts are cut off.
type Timestamp struct{ time.Time }

// MarshalJSON writes seconds with three decimals.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	return AppendTimestamp(nil, t.UnixMilli()), nil
}

// UnmarshalJSON reads seconds, with or without decimals or an exponent; null
// leaves t alone.
func (t *Timestamp) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	seconds, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.Abs(seconds) > latestSeconds {
		return fmt.Errorf("timestamp %s is not a number of seconds", text)
	}
	t.Time = time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()
	return nil
}

// AppendTimestamp appends a time in Unix milliseconds as awsJson's seconds.
func AppendTimestamp(dst []byte, millis int64) []byte {
	if millis < 0 {
		dst, millis = append(dst, '-'), -millis
	}
	dst = strconv.AppendInt(dst, millis/1000, 10)
	fraction := millis % 1000
	return append(dst, '.', byte('0'+fraction/100), byte('0'+fraction/10%10), byte('0'+fraction%10))
}
