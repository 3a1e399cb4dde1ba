// Package tally counts the records that a consumer was given.
package tally

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Tally counts records "KEY NUMBER": each key's numbers have to come from 1 on,
// each once. It is safe for concurrent use.
type Tally struct {
	all int

	mu       sync.Mutex
	last     map[string]int
	complete chan struct{} // closed when all have come
	count    int
	wrong    int
}

// Main is the main function of a consumer: begin starts it with the tally that
// it has to fill. The process fails if what it was given within the limit isn't
// what the variable RECORDS says.
func Main(limit time.Duration, begin func(context.Context, *Tally) error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	all, err := strconv.Atoi(os.Getenv("RECORDS"))
	if err != nil {
		log.Fatalf("read RECORDS: %v", err)
	}
	t := &Tally{all: all, last: map[string]int{}, complete: make(chan struct{})}
	if err := begin(ctx, t); err != nil {
		log.Fatal(err)
	}
	if !t.wait(ctx) {
		os.Exit(1)
	}
}

// Add takes a record's data.
func (t *Tally) Add(data []byte) {
	key, text, _ := strings.Cut(string(data), " ")
	number, err := strconv.Atoi(text)
	t.mu.Lock()
	defer t.mu.Unlock()
	if want := t.last[key] + 1; err != nil || number != want {
		t.wrong++
		fmt.Fprintf(os.Stderr, "key %s: record %q in the place of %d\n", key, text, want)
	}
	t.last[key] = max(t.last[key], number)
	if t.count++; t.count == t.all {
		close(t.complete)
	}
}

// wait waits for all records and a second more, or until ctx ends. It says what
// came, and reports whether that was right.
func (t *Tally) wait(ctx context.Context) bool {
	select {
	case <-t.complete:
		time.Sleep(time.Second)
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Printf("%d of %d records of %d keys, %d out of place\n", t.count, t.all, len(t.last), t.wrong)
	return t.count == t.all && t.wrong == 0
}
