package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"weir/internal/judge"
	"weir/internal/record"
)

type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitProblem `xml:"failure"`
	Error   *junitProblem `xml:"error"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes a test case for the verdict on the whole, which thresholds of a
// script, exceptions and lost runners decide too, and one per target and per
// judged step: a failed one has a failure, an unknown one an error, each with the
// reason.
func JUnit(w io.Writer, d *record.Data, v judge.Verdict) error {
	suite := junitSuite{
		Name: "weir " + v.Test, Timestamp: d.Run.Started.UTC().Format("2006-01-02T15:04:05"),
		Time: seconds(d.Run.Ended.Sub(d.Run.Started)),
		Properties: []junitProperty{
			{"run", v.Run}, {"pipeline", pipelineLine(d)}, {"overall", string(v.Overall)},
		},
	}
	suite.add("run", "verdict", [2]time.Time{d.Run.Started, d.Run.Ended}, v.Overall, v.Reason, capacityLine(v))
	for _, t := range v.Targets {
		suite.add("target", t.ID, t.Window, t.Verdict, t.Reason,
			fmt.Sprintf("measured %s, limit %s; %s; source: %s", measured(t), limit(t), evidence(t), t.Source))
	}
	for _, s := range v.Steps {
		if s.Judged {
			suite.add("step", fmt.Sprintf("step %d at %s", s.Index+1, s.Load()), s.Window, s.Verdict, s.Reason,
				fmt.Sprintf("offered %d, accepted %d, not sent %d; sustained: %s", s.Offered, s.Accepted, s.NotSent, sustained(s)))
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(junitSuites{Suite: suite}); err != nil {
		return fmt.Errorf("encode junit: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(class, name string, window [2]time.Time, o judge.Outcome, reason, out string) {
	c := junitCase{Class: strings.ReplaceAll(s.Name, " ", ".") + "." + class, Name: name, Time: seconds(window[1].Sub(window[0])), Out: out}
	problem := &junitProblem{Message: reason, Type: string(o), Text: out}
	switch o {
	case judge.Fail:
		c.Failure = problem
		s.Failures++
	case judge.Unknown:
		c.Error = problem
		s.Errors++
	}
	s.Tests++
	s.Cases = append(s.Cases, c)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", max(d, 0).Seconds()) }
