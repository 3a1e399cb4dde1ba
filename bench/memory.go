package main

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// memoryRow puts a million records into a server that keeps them all, and looks
// at its resident memory.
func memoryRow(ctx context.Context, b *bench) (f figures, err error) {
	const records = 1_000_000
	f.reach = "< 800 MB, ≤ 1.3 × the bytes retained"
	args := []string{"-shards", "64", "-retain", strconv.Itoa(1 << 30)}
	err = b.serving(ctx, args, func(p *process) error {
		_, before, err := p.usage()
		if err != nil {
			return err
		}
		t := puts(batch, 64)
		put, err := t.drive(ctx, p.addr, time.Minute, records/batch)
		if err != nil {
			return err
		}
		_, after, err := p.usage()
		if err != nil {
			return err
		}
		const key = len("partition-key-10000")
		retained := put * int64(recordBytes+key)
		f.ours = fmt.Sprintf("%.0f MB resident, %.2f × the bytes retained (%d records, data and key)", float64(after)/1e6, float64(after)/float64(retained), put)
		f.peers = fmt.Sprintf("%.0f MB before them", float64(before)/1e6)
		return nil
	})
	return f, err
}
