package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// held sums samples up as they are read.
type held struct {
	mu        sync.Mutex
	sum, last map[string]float64
}

func newHeld() *held { return &held{sum: map[string]float64{}, last: map[string]float64{}} }

func (h *held) add(metric string, v float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sum[metric] += v
	h.last[metric] = v
}

func (h *held) set(metric string, v float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sum[metric], h.last[metric] = v, v
}

// destination is one whose samples were held as they came.
func (h *held) destination(d destination) destination {
	d.sum = func(_ *testing.T, metric string) float64 { h.mu.Lock(); defer h.mu.Unlock(); return h.sum[metric] }
	d.last = func(_ *testing.T, metric string) float64 { h.mu.Lock(); defer h.mu.Unlock(); return h.last[metric] }
	return d
}

// fileDestination is a file that is read once the run has ended.
func fileDestination(name, path string, read func(*testing.T, *os.File, *held)) destination {
	load := sync.OnceValue(newHeld)
	var once sync.Once
	get := func(t *testing.T) *held {
		once.Do(func() {
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			read(t, file, load())
		})
		return load()
	}
	return destination{
		name: name, args: []string{"--out", name + "=" + path},
		sum:  func(t *testing.T, metric string) float64 { return get(t).sum[metric] },
		last: func(t *testing.T, metric string) float64 { return get(t).last[metric] },
	}
}

func jsonFile(folder string) destination {
	return fileDestination("json", filepath.Join(folder, "samples.json"), func(t *testing.T, file *os.File, h *held) {
		for lines := bufio.NewScanner(file); lines.Scan(); {
			var s struct {
				Type, Metric string
				Data         struct{ Value float64 }
			}
			if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
				t.Fatal(err)
			}
			if s.Type == "Point" {
				h.add(s.Metric, s.Data.Value)
			}
		}
	})
}

func csvFile(folder string) destination {
	return fileDestination("csv", filepath.Join(folder, "samples.csv"), func(t *testing.T, file *os.File, h *held) {
		lines := bufio.NewScanner(file)
		lines.Scan() // metric_name,timestamp,metric_value,…
		for lines.Scan() {
			fields := strings.SplitN(lines.Text(), ",", 4)
			v, err := strconv.ParseFloat(fields[2], 64)
			if err != nil {
				t.Fatal(err)
			}
			h.add(fields[0], v)
		}
	})
}
