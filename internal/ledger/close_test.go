package ledger

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

var oneStep = []StepRange{{Step: 0, Rate: 100, First: 0, End: 1000}}

func TestClose(t *testing.T) {
	for _, tt := range []struct{ name, trace, want string }{
		{
			"all is well",
			`accepted 0-9
			ok 1 0-4
			ok 2 5-9
			close`,
			`offered=10 accepted=10 attempted=10 processed=10`,
		},
		{
			"every fate at the producer: 10 = 3 + 2 + 1 + 4",
			`accepted 0-2
			rejected 3-3 ProvisionedThroughputExceededException
			rejected 4-4 InternalFailure
			indeterminate 5
			notsent 6-9
			ok 1 0-2
			close`,
			`offered=10 accepted=3 rejected=2 indeterminate=1 notsent=4 attempted=3 processed=3`,
		},
		{
			"offered and never settled by a generator that finished: not sent",
			`offer 10
			accepted 0-7
			ok 1 0-7
			close`,
			`offered=10 accepted=8 notsent=2 attempted=8 processed=8`,
		},
		{
			"the generator was killed: 8 and 9 were processed, 10 to 12 may have been sent",
			`offer 13
			accepted 0-7
			ok 1 0-9
			close killed`,
			`offered=13 accepted=10 indeterminate=3 attempted=10 processed=10
			records due when the generator was killed and never seen, sent or not: 3`,
		},
		{
			"a checkpoint while the load runs",
			`offer 10
			accepted 0-7
			ok 1 0-3
			close running no-lines no-readback`,
			`offered=10 accepted=8 indeterminate=2 attempted=4 processed=4 unexplained=4 reordered=?
			records due without an answer yet, counted as indeterminate: 2
			accepted records not processed as far as is known, log lines are missing: 4
			reordered is unknown, log lines are missing`,
		},
		{
			"indeterminate records that are seen become accepted: 4 processed, 5 in the stream, 6 nowhere",
			`accepted 0-3
			indeterminate 4-6
			ok 1 0-4
			found 5
			close`,
			`offered=7 accepted=6 indeterminate=1 attempted=5 processed=5 inflight=1`,
		},
		{
			"refused by the producer's word, and processed",
			`rejected 0-1 InternalFailure
			ok 1 0
			close`,
			`offered=2 accepted=1 rejected=1 attempted=1 processed=1
			records refused or not sent by the producer's word but seen in the stream, counted as accepted: 1`,
		},
		{
			"two fates: 1 was processed, so it was accepted; of 2 nothing is known",
			`accepted 0-2
			notsent 1-2
			ok 1 0-1
			close`,
			`offered=3 accepted=3 attempted=2 processed=2 unexplained=1
			records settled twice with different fates and never seen in the stream: 1`,
		},
		{
			"the same fate twice counts once",
			`accepted 0-9
			accepted 5-9
			ok 1 0-9
			close`,
			`offered=10 accepted=10 attempted=10 processed=10`,
		},
		{
			"settled outside the schedule of 1000 slots",
			`accepted 998-1001
			ok 1 998-999
			close`,
			`offered=1000 accepted=2 notsent=998 attempted=2 processed=2
			records settled outside the schedule, left out: 2`,
		},
		{
			"a failed batch is attempted, then retried: 20 deliveries of 10 records",
			`accepted 0-9
			fail 1 0-9
			ok 2 0-9
			close`,
			`offered=10 accepted=10 attempted=20 processed=10 retried=10`,
		},
		{
			"killed without a line, then retried: the mapping counted 20 deliveries",
			`accepted 0-9
			ok 2 0-9
			close delivered=20`,
			`offered=10 accepted=10 attempted=20 processed=10 retried=10`,
		},
		{
			"killed without a line and given up at once: 5 to 9 were delivered, none of them again",
			`accepted 0-14
			ok 1 0-4
			ok 2 10-14
			found 5-9
			close delivered=15 dropped=5`,
			`offered=15 accepted=15 attempted=15 processed=10 expired=5
			records given up by the mapping and delivered nowhere, counted as expired: 5`,
		},
		{
			"killed without a line twice and given up: 5 deliveries of the 20 were retries",
			`accepted 0-14
			ok 1 0-4
			ok 2 10-14
			found 5-9
			close delivered=20 dropped=5`,
			`offered=15 accepted=15 attempted=20 processed=10 expired=5 retried=5
			records given up by the mapping and delivered nowhere, counted as expired: 5`,
		},
		{
			"a line read twice counts once",
			`accepted 0-9
			ok 1 0-9
			again
			close`,
			`offered=10 accepted=10 attempted=10 processed=10`,
		},
		{
			"record 3 lies twice in the stream, in one batch: the producer's",
			`accepted 0-9
			ok 1 0-9,3@50
			close`,
			`offered=10 accepted=10 attempted=11 processed=10 dup.producer=1`,
		},
		{
			"record 3 lies twice in the stream, in two batches: the producer's",
			`accepted 0-9
			ok 1 0-9
			ok 2 3@50
			close`,
			`offered=10 accepted=10 attempted=11 processed=10 dup.producer=1`,
		},
		{
			"a batch delivered twice, with its copy of record 3: the mapping's, 11 stream records",
			`accepted 0-9
			ok 1 0-9,3@50
			ok 2 0-9,3@50
			close`,
			// attempted 22 = 10 records + 1 copy + 11 delivered again
			`offered=10 accepted=10 attempted=22 processed=10 dup.producer=1 dup.mapping=11 retried=11`,
		},
		{
			"half a batch delivered twice: 5 to 9 overlap",
			`accepted 0-14
			ok 1 0-9
			ok 2 5-14
			close`,
			`offered=15 accepted=15 attempted=20 processed=15 dup.mapping=5 retried=5`,
		},
		{
			"batches out of order: 0 to 4 come after 5 to 9",
			`accepted 0-9
			ok 1 5-9
			ok 2 0-4
			close`,
			`offered=10 accepted=10 attempted=10 processed=10 reordered=5`,
		},
		{
			"log lines out of order are none: the start of the invocation counts",
			`accepted 0-9
			ok 2 5-9
			ok 1 0-4
			close`,
			`offered=10 accepted=10 attempted=10 processed=10`,
		},
		{
			"a redelivery is no disorder, whichever line comes first",
			`accepted 0-9
			ok 3 0-4
			ok 2 5-9
			ok 1 0-4
			close`,
			`offered=10 accepted=10 attempted=15 processed=10 dup.mapping=5 retried=5`,
		},
		{
			"two shards have orders of their own",
			`accepted 0-9
			ok 1 0:5-9
			ok 2 1:0-4
			close`,
			`offered=10 accepted=10 attempted=10 processed=10`,
		},
		{
			"disorder inside a batch: 13 lies before 3 in their lane and is delivered after, 4 after 14",
			// Lane 3: positions 20, 10: one inversion by place. Sequences by
			// place: 10 is 13, 20 is 3: one inversion before the stream.
			`accepted 3
			accepted 13
			ok 1 3@20,13@10
			close`,
			`offered=14 accepted=2 notsent=12 attempted=2 processed=2 reordered=1 before.stream=1`,
		},
		{
			"parallel batches interleave: by lanes nothing is out of order",
			`accepted 0-3
			ok 1 0,2 lanes
			ok 1 1,3 lanes
			close parallel=2`,
			`offered=4 accepted=4 attempted=4 processed=4`,
		},
		{
			"parallel batches: lane 1 has 11 before 1",
			`accepted 0-1
			accepted 10-11
			ok 1 0,11 lanes
			ok 2 1,10 lanes
			close parallel=2`,
			`offered=12 accepted=4 notsent=8 attempted=4 processed=4 reordered=1`,
		},
		{
			"parallel batches without lanes",
			`accepted 0-3
			ok 1 0,2
			ok 1 1,3
			close parallel=2`,
			`offered=4 accepted=4 attempted=4 processed=4 reordered=?
			reordered is unknown, lanes of a shard run in parallel and log lines name none: 2`,
		},
		{
			"acknowledged and not in the stream: lost",
			`accepted 0-9
			ok 1 0-6,8-9
			close`,
			`offered=10 accepted=10 attempted=9 processed=9 lost=1
			lost 0/7
			records lost, acknowledged and not in the stream: 1`,
		},
		{
			"in the stream, passed by, never processed: lost",
			`accepted 0-9
			ok 1 0-2
			ok 2 5-9
			found 3-4
			close`,
			`offered=10 accepted=10 attempted=8 processed=8 lost=2
			lost 0/3
			lost 0/4
			records lost, delivered past and never processed: 2`,
		},
		{
			"above the highest position delivered: in flight",
			`accepted 0-9
			ok 1 0-2
			found 3-9
			close`,
			`offered=10 accepted=10 attempted=3 processed=3 inflight=7`,
		},
		{
			"the line came after the reading back: nothing is in flight",
			`accepted 0-9
			ok 1 0-2
			found 3-9
			ok 2 3-9
			close`,
			`offered=10 accepted=10 attempted=10 processed=10`,
		},
		{
			"no shard delivered anything: all in flight",
			`accepted 0-4
			found 0-4
			close`,
			`offered=5 accepted=5 inflight=5`,
		},
		{
			"the newest batch failed and is being retried: in flight",
			`accepted 0-9
			ok 1 0-4
			fail 2 5-9
			fail 3 5-9
			found 5-9
			close`,
			// attempted 15 = 5 + 2·5; retried 5: the second attempt
			`offered=10 accepted=10 attempted=15 processed=5 inflight=5 retried=5`,
		},
		{
			"bisected: the first half is being retried, the second waits",
			`accepted 0-9
			fail 1 0-9
			fail 2 0-4
			found 0-9
			close`,
			`offered=10 accepted=10 attempted=15 inflight=10 retried=5`,
		},
		{
			"failed and passed by: dead-lettered 2, dropped 1, then lost 2",
			`accepted 0-9
			fail 1 0-4
			ok 2 5-9
			found 0-4
			close dead=2 dropped=1`,
			`offered=10 accepted=10 attempted=10 processed=5 deadlettered=2 expired=1 lost=2
			lost 0/3
			lost 0/4
			records given up by the mapping and delivered nowhere, counted as expired: 1
			records lost, delivered past and never processed: 2
			records that counters explain in part, the lost ones among them may be others than those named: 5`,
		},
		{
			"the last batch of all was given up: nothing after it, but the counter says so",
			`accepted 0-4
			fail 1 0-4
			found 0-4
			close dead=5`,
			`offered=5 accepted=5 attempted=5 deadlettered=5`,
		},
		{
			"filtered: passed by without an attempt, inside the last batch too",
			`accepted 0-9
			ok 1 0,2
			ok 2 4,6,9
			found 1,3,5,7-8
			close filtered=5`,
			`offered=10 accepted=10 attempted=5 processed=5 filtered=5`,
		},
		{
			"filtered 2 and killed 1 without a line, dead-lettered",
			`accepted 0-5
			ok 1 0-1
			ok 2 5
			found 2-4
			close filtered=2 dead=1`,
			`offered=6 accepted=6 attempted=3 processed=3 filtered=2 deadlettered=1`,
		},
		{
			"passed by, and the mapping's counters are unknown: not lost",
			`accepted 0-9
			ok 1 0-2
			ok 2 5-9
			found 3-4
			close counters=-1`,
			`offered=10 accepted=10 attempted=8 processed=8 unexplained=2
			records delivered past, unknown how many of them the mapping filtered or gave up: 2`,
		},
		{
			"out of retention: 3 of 4 not in the stream, one was never there",
			`accepted 0-9
			ok 1 4-9
			close trimmed=3`,
			`offered=10 accepted=10 attempted=6 processed=6 expired=3 lost=1
			lost 0/3
			records that left the stream before the mapping had read them (retention), counted as expired: 3
			records lost, acknowledged and not in the stream: 1
			records that counters explain in part, the lost ones among them may be others than those named: 4`,
		},
		{
			"a batch failed until it was out of retention",
			`accepted 0-9
			fail 1 0-4
			ok 2 5-9
			close trimmed=5`,
			`offered=10 accepted=10 attempted=10 processed=5 expired=5`,
		},
		{
			"dead-lettered, and out of retention since: not lost",
			`accepted 0-9
			fail 1 0-4
			ok 2 5-9
			close dead=5`,
			`offered=10 accepted=10 attempted=10 processed=5 deadlettered=5`,
		},
		{
			"read back in part: what was found ahead is in flight, the rest is not lost",
			`accepted 0-9
			ok 1 0-2
			ok 2 5-6
			found 3,7
			close part-readback`,
			`offered=10 accepted=10 attempted=5 processed=5 inflight=1 unexplained=4
			accepted records not found, the stream was not read back completely: 4`,
		},
		{
			"retention took records unread, so the stream can't be read back whole",
			`accepted 0-9
			ok 1 0-2
			found 8-9
			ok 2 8-9
			close part-readback trimmed=5`,
			// 10 - 5 processed = 5, all of them trimmed
			`offered=10 accepted=10 attempted=5 processed=5 expired=5
			records that left the stream before the mapping had read them (retention), counted as expired: 5`,
		},
		{
			"retention took fewer than are missing: of the others nothing is known",
			`accepted 0-9
			ok 1 0-2
			close part-readback trimmed=5`,
			`offered=10 accepted=10 attempted=3 processed=3 expired=5 unexplained=2
			records that left the stream before the mapping had read them (retention), counted as expired: 5
			accepted records not found, the stream was not read back completely: 2`,
		},
		{
			"not read back: not lost",
			`accepted 0-9
			ok 1 0-7
			close no-readback`,
			`offered=10 accepted=10 attempted=8 processed=8 unexplained=2
			accepted records not known to be processed, the stream was not read back to look for them: 2`,
		},
		{
			"log lines missing: not lost",
			`accepted 0-9
			ok 1 0-7
			close no-lines`,
			`offered=10 accepted=10 attempted=8 processed=8 unexplained=2 reordered=?
			accepted records not processed as far as is known, log lines are missing: 2
			reordered is unknown, log lines are missing`,
		},
		{
			"deliveries that no line tells of: no retries",
			`accepted 0-9
			ok 1 0-7
			close no-lines delivered=10`,
			`offered=10 accepted=10 attempted=10 processed=8 unexplained=2 reordered=?
			accepted records not processed as far as is known, log lines are missing: 2
			reordered is unknown, log lines are missing`,
		},
		{
			"no probe: 8 in the stream are unknown, 2 are not in it and lost",
			`accepted 0-9
			found 0-7
			close no-probe delivered=8`,
			`offered=10 accepted=10 attempted=8 lost=2 unexplained=8 reordered=?
			lost 0/8
			lost 0/9
			records in the stream, unknown whether processed as the function has no probe: 8
			records lost, acknowledged and not in the stream: 2
			reordered is unknown, the function has no probe`,
		},
		{
			"parallel lanes: ahead of all, being retried, passed in its lane",
			// Lane 0 was given 0, then 10; lane 1 was given 11, which failed;
			// lane 2 was given 12. So 13 is above all, 11 is being retried, and 1
			// and 2 lie below what their lanes were given later.
			`accepted 0-2
			accepted 10-13
			ok 1 0 lanes
			ok 2 10,12 lanes
			fail 2 11 lanes
			found 1-2,11,13
			close parallel=2`,
			`offered=14 accepted=7 notsent=7 attempted=4 processed=3 inflight=2 lost=2
			lost 0/1
			lost 0/2
			records lost, delivered past and never processed: 2`,
		},
		{
			"parallel lanes: a lane without a batch may be waiting",
			`accepted 0-9
			ok 1 0-8 lanes
			found 9@5
			close parallel=2`,
			`offered=10 accepted=10 attempted=9 processed=9 unexplained=1
			records in the stream, unknown whether the mapping has passed them: 1`,
		},
		{
			"records without token: one processed, one processed twice, one in flight",
			`foreign 0@10
			foreign 1@11
			foreign 2@12
			ok 1 x@10,x@11
			ok 2 x@11
			found x@12
			close`,
			`offered=3 accepted=3 attempted=3 processed=2 inflight=1 dup.mapping=1 retried=1 notoken=3`,
		},
		{
			"records without token: the log came first, after a failed attempt and twice",
			`fail 1 x@10
			ok 2 x@10
			ok 3 x@10
			foreign 0@10
			accepted 0
			close`,
			`offered=1 accepted=1 attempted=3 processed=1 dup.mapping=1 retried=2 notoken=1`,
		},
		{
			"records without token: read back before the producer's account, which says it twice",
			`ok 1 x@9
			found x@9,x@10
			foreign 0@9
			foreign 1@10
			foreign 1@10
			close`,
			`offered=2 accepted=2 attempted=1 processed=1 inflight=1 notoken=2`,
		},
		{
			"a record without token outside the schedule",
			`foreign 1000@10
			close`,
			`records settled outside the schedule, left out: 1`,
		},
		{
			"a record without token is lost: its place is named",
			`foreign 5@77
			close`,
			`offered=6 accepted=1 notsent=5 lost=1 notoken=1
			lost 0/5 77
			records lost, acknowledged and not in the stream: 1`,
		},
		{
			"records of another run and of nobody: 2 + 1 in the log, 4 in the stream",
			`accepted 0-2
			ok 1 0-2,o5-6@8,x@9
			found o5@7,o6@8,x@9,x@10
			close delivered=6`,
			// 6 delivered, less 3 that are not ours
			`offered=3 accepted=3 attempted=3 processed=3
			records of other runs or without token that this run did not send: 4`,
		},
		{
			"the stream is read back twice",
			`accepted 0-4
			found 0-4
			found 0-4
			ok 1 0-2
			close`,
			`offered=5 accepted=5 attempted=3 processed=3 inflight=2`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := play(t, oneStep, tt.trace)
			if diff := cmp.Diff(lines(tt.want), show(&r.Account)); diff != "" {
				t.Errorf("account (-want +got):\n%s", diff)
			}
			if !r.Balanced() {
				t.Errorf("the account does not balance: %+v", r.Account)
			}
		})
	}
}
