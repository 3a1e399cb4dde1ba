package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/internal/producer"
)

var (
	//go:embed weir.js
	weirScript []byte
	//go:embed jslib.js
	jslibScript []byte
)

// setup is what a measurement needs.
type setup struct {
	weir, jslib string
	window      time.Duration
	repeat      int
	row         string // the only one; empty: all
	columns     string // the only ones, by parts of their names; empty: all

	self, dir string
}

// load is what a row of the table measures.
type load struct {
	batch, size int
	rejected    float64
	tls         bool
}

func (l load) String() string {
	name := fmt.Sprintf("%d × %d B", l.batch, l.size)
	if l.rejected > 0 {
		name += fmt.Sprintf(", %g %% rejected", l.rejected*100)
	}
	if l.tls {
		name += ", TLS"
	}
	return name
}

var loads = []load{
	{batch: 500, size: 500},
	{batch: 500, size: 500, rejected: 0.01},
	{batch: 500, size: 500, tls: true},
	{batch: 500, size: 100},
	{batch: 500, size: 100, rejected: 0.01},
	{batch: 500, size: 10240},
	{batch: 500, size: 10240, rejected: 0.01},
	{batch: 1, size: 500},
}

// client is one program that puts records.
type client struct {
	name    string
	command func(load) []string
}

// figure is what one measurement found, records a second.
type figure struct{ perCPU, perClock float64 }

func (s *setup) clients() []client {
	clients := []client{
		{"weir, k6 script", func(load) []string { return s.script("weir.js", "BENCH_ENCODING=auto") }},
		{"the same in JSON", func(load) []string { return s.script("weir.js", "BENCH_ENCODING=json") }},
		{"in CBOR", func(load) []string { return s.script("weir.js", "BENCH_ENCODING=cbor") }},
		{"floor in JSON", func(l load) []string { return s.floor(l, producer.JSON) }},
		{"floor in CBOR", func(l load) []string { return s.floor(l, producer.CBOR) }},
		{"weir's producer alone, 32 in flight", func(l load) []string { return s.loop("producer", l) }},
		{"aws-sdk-go-v2, 32 in flight", func(l load) []string { return s.loop("sdk", l) }},
	}
	if _, err := os.Stat(s.jslib); err != nil {
		fmt.Fprintf(os.Stderr, "left out: k6 + jslib-aws (%v)\n", err)
		return clients
	}
	return append(clients, client{"k6 + jslib-aws", func(load) []string { return s.script("jslib.js", "BENCH_ENCODING=json") }})
}

// script runs a script by k6, with a variable for it.
func (s *setup) script(name, variable string) []string {
	return []string{s.weir, "k6", "run", "--quiet", "--log-output=none", "--no-thresholds", "--summary-mode=disabled", "-e", variable, filepath.Join(s.dir, name)}
}

// loop runs this program in a client's role.
func (s *setup) loop(role string, l load) []string {
	return []string{s.self, role, strconv.Itoa(l.batch), strconv.Itoa(l.size)}
}

// floor runs this program as a bare loop over one request.
func (s *setup) floor(l load, e producer.Encoding) []string {
	return append(s.loop("floor", l), string(e))
}

// measure prints the table.
func (s *setup) measure() error {
	if s.weir == "" {
		return errors.New("-weir is missing: go build -o weir . and give -weir ./weir")
	}
	var err error
	if s.self, err = os.Executable(); err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	if s.dir, err = os.MkdirTemp("", "weir-bench"); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(s.dir) //nolint:errcheck // a temporary folder
	if err := s.writeScripts(); err != nil {
		return err
	}
	clients := slices.DeleteFunc(s.clients(), func(c client) bool { return !s.shows(c.name) })
	fmt.Print("| records a call |")
	for _, c := range clients {
		fmt.Printf(" %s |", c.name)
	}
	fmt.Print("\n|---|" + strings.Repeat("---|", len(clients)) + "\n")
	for _, l := range loads {
		if s.row != "" && s.row != fmt.Sprintf("%dx%d", l.batch, l.size) {
			continue
		}
		if err := s.printRow(l, clients); err != nil {
			return err
		}
	}
	return nil
}

// shows reports whether a client is one of those asked for.
func (s *setup) shows(name string) bool {
	return s.columns == "" || slices.ContainsFunc(strings.Split(s.columns, ","), func(part string) bool { return strings.Contains(name, part) })
}

func (s *setup) writeScripts() error {
	files := map[string][]byte{"weir.js": weirScript, "jslib.js": jslibScript}
	if bundle, err := os.ReadFile(s.jslib); err == nil {
		files["aws-kinesis.js"] = bundle
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(s.dir, name), text, 0o600); err != nil {
			return fmt.Errorf("write script: %w", err)
		}
	}
	return nil
}

// printRow measures all clients under one load; the ratio is to the first.
func (s *setup) printRow(l load, clients []client) error {
	fmt.Printf("| %v |", l)
	var first float64
	for _, c := range clients {
		var figures []figure
		for range s.repeat {
			f, err := s.once(l, c)
			if err != nil {
				return fmt.Errorf("%v by %s: %w", l, c.name, err)
			}
			figures = append(figures, f)
		}
		slices.SortFunc(figures, func(a, b figure) int { return int(a.perCPU - b.perCPU) })
		f := figures[len(figures)/2]
		ratio := ""
		if first == 0 {
			first = f.perCPU
		} else {
			ratio = fmt.Sprintf(", %.2f×", first/f.perCPU)
		}
		fmt.Printf(" %s (%s)%s |", short(f.perCPU), short(f.perClock), ratio)
	}
	fmt.Println()
	return nil
}

func short(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.2f M", v/1e6)
	case v >= 1e4:
		return fmt.Sprintf("%.0f k", v/1e3)
	}
	return fmt.Sprintf("%.1f k", v/1e3)
}

// warmUp is what a client gets to start and reach its pace.
const warmUp = 2 * time.Second

// once measures one client under one load against a server of its own.
func (s *setup) once(l load, c client) (f figure, err error) {
	cert := ""
	if l.tls {
		cert = filepath.Join(s.dir, "cert.pem")
	}
	server := exec.Command("taskset", "-c", "1", s.self, "serve", strconv.Itoa(l.batch), fmt.Sprint(l.rejected), cert)
	server.Env = append(os.Environ(), "GOMAXPROCS=1")
	server.Stderr = os.Stderr
	out, err := server.StdoutPipe()
	if err != nil {
		return f, fmt.Errorf("pipe the server's output: %w", err)
	}
	if err := server.Start(); err != nil {
		return f, fmt.Errorf("start the server: %w", err)
	}
	defer end(server)
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return f, fmt.Errorf("read the server's address: %w", err)
	}
	address = strings.TrimSpace(address)
	counter, err := newCounter(address, cert)
	if err != nil {
		return f, err
	}

	command := exec.Command("taskset", append([]string{"-c", "0"}, c.command(l)...)...)
	command.Env = append(os.Environ(), "GOMAXPROCS=1", "AWS_ENDPOINT_URL="+address, "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=AKIABENCHMARK0000000", "AWS_SECRET_ACCESS_KEY="+strings.Repeat("s", 40), "AWS_CA_BUNDLE="+cert, "SSL_CERT_FILE="+cert,
		"BENCH_BATCH="+strconv.Itoa(l.batch), "BENCH_BYTES="+strconv.Itoa(l.size))
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		return f, fmt.Errorf("start the client: %w", err)
	}
	defer end(command)
	return s.watch(counter, command.Process.Pid, l.batch)
}

// watch measures between two moments of a client's steady work.
func (s *setup) watch(c counter, pid, batch int) (f figure, err error) {
	time.Sleep(warmUp)
	puts, cpu, began, err := c.look(pid)
	if err != nil {
		return f, err
	}
	time.Sleep(s.window)
	puts2, cpu2, ended, err := c.look(pid)
	if err != nil {
		return f, err
	}
	records := float64((puts2 - puts) * batch)
	if records == 0 {
		return f, errors.New("it put nothing")
	}
	return figure{records / (cpu2 - cpu).Seconds(), records / ended.Sub(began).Seconds()}, nil
}

func end(c *exec.Cmd) {
	_ = c.Process.Kill() // it works until it is told to stop
	_ = c.Wait()
}

// counter asks the server how many puts it has answered.
type counter struct {
	address string
	client  *http.Client
}

func newCounter(address, cert string) (counter, error) {
	transport := &http.Transport{}
	if cert != "" {
		text, err := os.ReadFile(cert)
		if err != nil {
			return counter{}, fmt.Errorf("read the server's certificate: %w", err)
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(text)
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return counter{address, &http.Client{Transport: transport}}, nil
}

// look is the number of puts so far and the CPU time that a process has used.
func (c counter) look(pid int) (puts int, cpu time.Duration, at time.Time, err error) {
	resp, err := c.client.Get(c.address)
	if err != nil {
		return 0, 0, at, fmt.Errorf("ask the server: %w", err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, 0, at, fmt.Errorf("read the server's count: %w", err)
	}
	if puts, err = strconv.Atoi(string(text)); err != nil {
		return 0, 0, at, fmt.Errorf("read the server's count: %w", err)
	}
	at = time.Now()
	cpu, err = cpuTime(pid)
	return puts, cpu, at, err
}

// cpuTime is what a process has used, in user and kernel, by its own threads
// (proc(5): fields 14 and 15 of stat, in ticks of a hundredth of a second).
func cpuTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read the client's CPU time: %w", err)
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("read the client's CPU time: %q", text)
	}
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		return 0, fmt.Errorf("read the client's CPU time: %w", err)
	}
	kernel, err := strconv.Atoi(fields[12])
	if err != nil {
		return 0, fmt.Errorf("read the client's CPU time: %w", err)
	}
	return time.Duration(user+kernel) * 10 * time.Millisecond, nil
}
