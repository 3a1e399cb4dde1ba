package cli

import (
	"errors"
	"strings"

	"github.com/spf13/pflag"
)

// refuseZero has each of the flags refuse a value that is not above 0. They are
// flags whose 0 stands for "not given": from a user it would be taken for that,
// silently.
func refuseZero(s *pflag.FlagSet, names ...string) {
	for _, name := range names {
		f := s.Lookup(name)
		f.Value = aboveZero{f.Value}
		if f.DefValue == "0s" {
			f.DefValue = "0" // pflag leaves this out of a flag's help, whatever the type
		}
	}
}

// aboveZero is a flag's number or duration that the user can't set to 0 or
// below.
type aboveZero struct{ pflag.Value }

func (v aboveZero) Set(text string) error {
	if err := v.Value.Set(text); err != nil {
		return err //nolint:wrapcheck // pflag names the flag and the text
	}
	if is := v.String(); is == "0" || is == "0s" || strings.HasPrefix(is, "-") {
		return errors.New("must be above 0; leave the flag out for its default")
	}
	return nil
}
