package kinesis

import "slices"

// replacement is what a split or a merge does to the open shards: the closed
// ones, neighbours from the at-th on, make room for others.
type replacement struct {
	at, closed int
	ranges     []hashRange // of the others
}

// splitting divides the i-th open shard at a hash key, which becomes the first
// of its upper child.
func splitting(open []hashRange, i int, at hashKey) replacement {
	return replacement{i, 1, []hashRange{{open[i].start, at.before()}, {at, open[i].end}}}
}

// merging joins the i-th open shard and its neighbour above.
func merging(open []hashRange, i int) replacement {
	return replacement{i, 2, []hashRange{{open[i].start, open[i+1].end}}}
}

// scaling makes the open shards n of equal ranges, by splits and merges of
// neighbours only; shards that live no longer than the whole may come between.
func scaling(open []hashRange, n int) (all []replacement) {
	open = slices.Clone(open)
	do := func(r replacement) {
		open = slices.Replace(open, r.at, r.at+r.closed, r.ranges...)
		all = append(all, r)
	}
	targets := splitEvenly(n)
	for i, want := range targets {
		for open[i].end.compare(want.end) < 0 {
			if open[i+1].end.compare(want.end) > 0 {
				do(splitting(open, i+1, targets[i+1].start))
			}
			do(merging(open, i))
		}
		if open[i].end.compare(want.end) > 0 {
			do(splitting(open, i, targets[i+1].start))
		}
	}
	return all
}
