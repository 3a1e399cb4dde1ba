// Package lambda is the embedded AWS Lambda: functions, their execution
// environments, and the event source mapping that polls a Kinesis stream and
// invokes a function with batches of its records.
//
// # Parts
//
// Pure state machines, with the time as an argument and no goroutine, socket
// or randomness of their own:
//
//   - [Mapping]: polling, batching, ordering, retry and checkpoint of one event
//     source mapping. Its inputs are groups of records, so that it can be
//     driven record by record in real time or with aggregates in virtual time.
//   - [Concurrency]: the account's and each function's concurrent executions.
//   - [Environments]: which environment serves the next invocation, which
//     invocation is a cold start, and which idle environment goes.
//
// A thin shell, [Server], drives them: one goroutine per mapping, one per read
// and per invocation under way, and the REST operations of Lambda's API.
//
// # What is a model
//
// Lambda does not publish how long it waits before it retries a batch, how it
// hashes partition keys to concurrent batches, or how long an idle environment
// lives. The choices made here are said where the constants stand.
//
// # Processes
//
// A function that runs as a process has a process per environment, in a group
// of its own. Between invocations the group is stopped (SIGSTOP), so that it
// takes no processor time. On Linux a process whose resident set outgrows the
// function's memory is killed; what it starts itself is not counted. Should
// this process be killed, a shell that it keeps for that kills the groups; a
// process that left its group, by setsid, stays.
//
// # What is not emulated
//
//   - Tumbling windows with more than one concurrent batch per shard: refused.
//     An update of the mapping begins a new window, without a state.
//   - Filter patterns on anything but the data of a record: they are refused.
//   - Runtimes other than provided: CreateFunction runs the bootstrap of a zip,
//     on this machine and as its user: there is no sandbox.
//   - Versions, aliases, layers, provisioned concurrency, SnapStart.
//   - Queues, topics and buckets: what becomes of the document of a batch that
//     was given up is Config's Destination to say. It is tried once.
//   - The retry of a failed init inside the first invocation: the invocation
//     fails, and the next one starts a new environment.
//   - Dead-letter queues and destinations of asynchronous invocations.
package lambda
