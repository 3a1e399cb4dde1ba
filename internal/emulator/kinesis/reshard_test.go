package kinesis

import (
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	client "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const half = "170141183460469231731687303715884105728" // 2^127

// shardLines are shards as "index parents range", the hash keys in 2^124 units,
// a * behind an open one.
func shardLines(shards []types.Shard) (lines []string) {
	index := func(id *string) string {
		return strings.TrimLeft(strings.TrimPrefix(aws.ToString(id), "shardId-0000000000"), "0")
	}
	unit := func(key *string) string {
		n, _ := new(big.Int).SetString(*key, 10)
		return new(big.Int).Rsh(n, 124).String()
	}
	for _, s := range shards {
		line := fmt.Sprintf("%s<%s,%s %s-%s", index(s.ShardId), index(s.ParentShardId), index(s.AdjacentParentShardId),
			unit(s.HashKeyRange.StartingHashKey), unit(s.HashKeyRange.EndingHashKey))
		if s.SequenceNumberRange.EndingSequenceNumber == nil {
			line += "*"
		}
		lines = append(lines, line)
	}
	return lines
}

// One shard is split, its children are merged, and a consumer follows.
func TestSDKSplitAndMerge(t *testing.T) {
	c, s, now := start(t, Config{CreateTime: time.Second})
	ctx := t.Context()
	mustCreate(t, s, "s", 1)
	name := aws.String("s")
	put := func(hash, data string) {
		must[*client.PutRecordOutput](t)(c.PutRecord(ctx, &client.PutRecordInput{StreamName: name, PartitionKey: aws.String("k"), ExplicitHashKey: &hash, Data: []byte(data)}))
	}
	list := func(filter *types.ShardFilter) []string {
		return shardLines(must[*client.ListShardsOutput](t)(c.ListShards(ctx, &client.ListShardsInput{StreamName: name, ShardFilter: filter})).Shards)
	}
	put("7", "before")
	now.add(time.Minute)
	split := &client.SplitShardInput{StreamName: name, ShardToSplit: aws.String(shardID(0)), NewStartingHashKey: aws.String(half)}
	must[*client.SplitShardOutput](t)(c.SplitShard(ctx, split))
	if got := summary(t, c, "s"); got.StreamStatus != types.StreamStatusUpdating || *got.OpenShardCount != 2 {
		t.Errorf("after the split the stream is %s with %d open shards", got.StreamStatus, *got.OpenShardCount)
	}
	put("7", "low")
	put(half, "high")
	now.add(time.Minute)
	_, err := c.SplitShard(ctx, split)
	if codeOf(err) != "InvalidArgumentException" {
		t.Errorf("a second split of a shard gives %v", err)
	}
	merge := &client.MergeShardsInput{StreamName: name, ShardToMerge: aws.String(shardID(2)), AdjacentShardToMerge: aws.String(shardID(1))}
	if _, err := c.MergeShards(ctx, merge); codeOf(err) != "InvalidArgumentException" {
		t.Errorf("a merge the wrong way round gives %v", err)
	}
	merge.ShardToMerge, merge.AdjacentShardToMerge = merge.AdjacentShardToMerge, merge.ShardToMerge
	must[*client.MergeShardsOutput](t)(c.MergeShards(ctx, merge))
	put("7", "after")

	// Index 0 has no digits left in these lines.
	all := []string{"<, 0-15", "1<, 0-7", "2<, 8-15", "3<1,2 0-15*"}
	filters := []struct {
		filter *types.ShardFilter
		want   []string
	}{
		{nil, all},
		{&types.ShardFilter{Type: types.ShardFilterTypeAtLatest}, all[3:]},
		{&types.ShardFilter{Type: types.ShardFilterTypeAtTrimHorizon}, all[:1]},
		{&types.ShardFilter{Type: types.ShardFilterTypeFromTrimHorizon}, all},
		{&types.ShardFilter{Type: types.ShardFilterTypeAfterShardId, ShardId: aws.String(shardID(1))}, all[2:]},
		{&types.ShardFilter{Type: types.ShardFilterTypeAtTimestamp, Timestamp: aws.Time(epoch.Add(90 * time.Second))}, all[1:3]},
		{&types.ShardFilter{Type: types.ShardFilterTypeFromTimestamp, Timestamp: aws.Time(epoch.Add(90 * time.Second))}, all[1:]},
	}
	for i, f := range filters {
		if diff := cmp.Diff(f.want, list(f.filter)); diff != "" {
			t.Errorf("filter %d (-want +got):\n%s", i, diff)
		}
	}
	if got := followShards(t, c, "s"); got != "0:before 1:low 2:high 3:after" {
		t.Errorf("a consumer that reads children after parents got %s", got)
	}

	now.add(24*time.Hour - time.Minute) // the first shard was closed 24 h and a minute ago
	if diff := cmp.Diff(all[1:], list(nil)); diff != "" {
		t.Errorf("a day later (-want +got):\n%s", diff)
	}
}

// followShards reads the shard 0 and, from each shard's end, its children when
// all their parents were read: "shard:data" in order.
func followShards(t *testing.T, c *client.Client, stream string) string {
	t.Helper()
	var got []string
	read := map[string]bool{}
	queue := []string{shardID(0)}
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		it := must[*client.GetShardIteratorOutput](t)(c.GetShardIterator(t.Context(), &client.GetShardIteratorInput{
			StreamName: &stream, ShardId: &id, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
		})).ShardIterator
		out := must[*client.GetRecordsOutput](t)(c.GetRecords(t.Context(), &client.GetRecordsInput{ShardIterator: it}))
		for _, r := range out.Records {
			got = append(got, id[len(id)-1:]+":"+string(r.Data))
		}
		if (out.NextShardIterator == nil) != (len(out.ChildShards) > 0) {
			t.Errorf("%s: next iterator %v with %d children", id, out.NextShardIterator, len(out.ChildShards))
		}
		read[id] = true
		for _, child := range out.ChildShards {
			ready := true
			for _, p := range child.ParentShards {
				ready = ready && read[p]
			}
			if ready {
				queue = append(queue, *child.ShardId)
			}
		}
	}
	return strings.Join(got, " ")
}

func TestSDKUpdateShardCount(t *testing.T) {
	c, s, now := start(t, Config{})
	mustCreate(t, s, "s", 2)
	update := func(target int32) string {
		now.add(time.Minute)
		out, err := c.UpdateShardCount(t.Context(), &client.UpdateShardCountInput{StreamName: aws.String("s"), TargetShardCount: &target, ScalingType: types.ScalingTypeUniformScaling})
		if err != nil {
			return codeOf(err)
		}
		return fmt.Sprint(*out.CurrentShardCount, " to ", *out.TargetShardCount)
	}
	var got []string
	for _, target := range []int32{5, 4, 1, 3, 2, 4, 2, 4, 2, 4, 2, 4, 2} {
		got = append(got, update(target))
	}
	want := []string{
		"LimitExceededException", // 5 is over double
		"2 to 4",
		"LimitExceededException", // 1 is below half
		"4 to 3", "3 to 2", "2 to 4", "4 to 2", "2 to 4", "4 to 2", "2 to 4", "4 to 2", "2 to 4",
		"LimitExceededException", // the eleventh of a day
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := s.CreateStream("o", 0, StreamOptions{OnDemand: true}); err != nil {
		t.Fatal(err)
	}
	_, err := c.UpdateShardCount(t.Context(), &client.UpdateShardCountInput{StreamName: aws.String("o"), TargetShardCount: aws.Int32(8), ScalingType: types.ScalingTypeUniformScaling})
	if codeOf(err) != "ValidationException" {
		t.Errorf("an on-demand stream gives %v", err)
	}
}

// A page token keeps the filter of the request that began the list.
func TestSDKListShardsPages(t *testing.T) {
	c, s, now := start(t, Config{})
	mustCreate(t, s, "s", 2)
	now.add(time.Minute)
	must[*client.UpdateShardCountOutput](t)(c.UpdateShardCount(t.Context(), &client.UpdateShardCountInput{StreamName: aws.String("s"), TargetShardCount: aws.Int32(4), ScalingType: types.ScalingTypeUniformScaling}))
	in := &client.ListShardsInput{StreamName: aws.String("s"), MaxResults: aws.Int32(3), ShardFilter: &types.ShardFilter{Type: types.ShardFilterTypeAtLatest}}
	var pages [][]string
	for {
		out := must[*client.ListShardsOutput](t)(c.ListShards(t.Context(), in))
		pages = append(pages, shardLines(out.Shards))
		if out.NextToken == nil {
			break
		}
		in = &client.ListShardsInput{NextToken: out.NextToken, MaxResults: aws.Int32(3)}
	}
	want := [][]string{{"2<, 0-3*", "3<, 4-7*", "4<1, 8-11*"}, {"5<1, 12-15*"}}
	if diff := cmp.Diff(want, pages); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Go callers learn of a shard's end and of its family as consumers do.
func TestReadToTheEnd(t *testing.T) {
	c, s, _ := start(t, Config{})
	mustCreate(t, s, "s", 2)
	must[*client.MergeShardsOutput](t)(c.MergeShards(t.Context(), &client.MergeShardsInput{
		StreamName: aws.String("s"), ShardToMerge: aws.String(shardID(0)), AdjacentShardToMerge: aws.String(shardID(1)),
	}))
	got, err := s.Read("s", shardID(0), 0, 0)
	if err != nil || !got.End || got.Next != 0 || len(got.Children) != 1 {
		t.Fatalf("read %+v, %v", got, err)
	}
	child := got.Children[0]
	open, err := s.Read("s", child.ID, 0, 0)
	if err != nil || open.End {
		t.Errorf("the child: %+v, %v", open, err)
	}
	parents, err := s.Parents("s", child.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{shardID(0), shardID(1)}
	if diff := cmp.Diff([][]string{want, want}, [][]string{child.Parents, parents}); diff != "" {
		t.Errorf("parents (-want +got):\n%s", diff)
	}
	ids, err := s.Shards("s")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append(want, child.ID), ids); diff != "" {
		t.Errorf("shards (-want +got):\n%s", diff)
	}
}

// Whatever the puts and reshards: the open shards cover the hash space without
// overlap, every record is read once, and a reader that takes children after
// parents sees each key in the order of its puts, with rising sequence numbers.
func TestReshardsLoseNothingAndKeepOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		st := newStream(Config{RetainBytes: 64 << 20, ShardLimitFactor: 1000}, "s", rapid.IntRange(1, 4).Draw(t, "shards"), StreamOptions{}, epoch)
		now := epoch
		put := map[string]int{} // records of each key
		steps := rapid.SliceOfN(rapid.IntRange(0, 5), 1, 40).Draw(t, "steps")
		for _, step := range steps {
			now = now.Add(time.Duration(rapid.IntRange(0, 1500).Draw(t, "millis")) * time.Millisecond)
			switch step {
			case 0:
				i := rapid.IntRange(0, len(st.open)-1).Draw(t, "split")
				r := st.open[i].hashes
				middle := new(big.Int).Add(r.start.big(), r.end.big())
				st.reshard(func() { st.split(i, hashKeyOf(middle.Rsh(middle, 1).Add(middle, big.NewInt(1))), now) })
			case 1:
				if len(st.open) > 1 {
					i := rapid.IntRange(0, len(st.open)-2).Draw(t, "merge")
					st.reshard(func() { st.merge(i, now) })
				}
			case 2:
				n := rapid.IntRange(1, 9).Draw(t, "scale")
				st.reshard(func() { st.scale(n, now) })
				if len(st.open) != n {
					t.Fatalf("scaled to %d open shards, want %d", len(st.open), n)
				}
			default:
				putSomeKeys(t, st, now, put)
			}
			checkCover(t, st)
		}
		checkOrder(t, st, now, put)
	})
}

// putSomeKeys puts one record for each of eight keys; its data is its number.
func putSomeKeys(t *rapid.T, st *stream, now time.Time, put map[string]int) {
	var b batch
	for i := range 8 {
		key := fmt.Sprint("key", i)
		b.body.entries = append(b.body.entries, putEntry{data: fmt.Append(nil, put[key]), key: []byte(key)})
		put[key]++
	}
	if err := st.take(&b, now); err != nil {
		t.Fatal(err)
	}
	for i := range b.offers {
		if !b.offers[i].accepted {
			t.Fatal("a record was refused")
		}
	}
}

func checkCover(t *rapid.T, st *stream) {
	next := new(big.Int)
	for _, s := range st.open {
		if s.hashes.start.big().Cmp(next) != 0 || !s.closedAt().IsZero() {
			t.Fatalf("%s starts at %s, want %s; closed %v", s.id, s.hashes.start, next, s.closedAt())
		}
		next = new(big.Int).Add(s.hashes.end.big(), big.NewInt(1))
	}
	if next.Cmp(hashSpace) != 0 {
		t.Fatalf("the last shard ends before %s, want 2^128", next)
	}
}

func checkOrder(t *rapid.T, st *stream, now time.Time, put map[string]int) {
	read, last := map[string]int{}, map[string]string{}
	for _, s := range st.shards { // parents before children
		f := s.fetch(now, 0, 10000, nil)
		got := f.read()
		if got.End == s.closedAt().IsZero() {
			t.Fatalf("%s: end %v, closed %v", s.id, got.End, s.closedAt())
		}
		if ending := s.lastSequence(); got.End && ending < s.sequence.start() {
			t.Fatalf("%s: ends at %s, before its start", s.id, ending)
		}
		for _, r := range got.Records {
			key := r.PartitionKey
			if string(r.Data) != fmt.Sprint(read[key]) || r.SequenceNumber <= last[key] {
				t.Fatalf("%s: record %s of %s, want %d; sequence number %s after %s", s.id, r.Data, key, read[key], r.SequenceNumber, last[key])
			}
			read[key]++
			last[key] = r.SequenceNumber
		}
	}
	if diff := cmp.Diff(put, read); diff != "" {
		t.Fatalf("records put and read (-put +read):\n%s", diff)
	}
}

// Puts go on while the stream is resharded: what was acknowledged is there.
func TestPutsDuringReshards(t *testing.T) {
	s := New(Config{ShardLimitFactor: 1000})
	mustCreate(t, s, "s", 1)
	const writers, calls = 4, 100
	turns := make(chan int) // a reshard for each tenth put, while the others go on
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range calls {
				if i%10 == 0 {
					turns <- i/10%3 + 1
				}
				answer := post(s, "Kinesis_20131202.PutRecord", fmt.Sprintf(`{"StreamName":"s","PartitionKey":"%d-%d","Data":"AA=="}`, w, i))
				if answer.Code != 200 {
					t.Error(answer.Body)
				}
			}
		})
	}
	for range writers * calls / 10 {
		shards := <-turns
		err := s.update(streamRef{StreamName: aws.String("s")}, s.cfg.Now(), func(st *stream) error {
			st.reshard(func() { st.scale(shards, s.cfg.Now()) })
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
	ids, err := s.Shards("s")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, id := range ids {
		got, err := s.Read("s", id, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		read += len(got.Records)
	}
	if read != writers*calls {
		t.Errorf("%d records in %d shards, want %d", read, len(ids), writers*calls)
	}
}
