package lambda

import (
	"encoding/json"
	"time"

	"weir/internal/quota"
)

// windowEvent is what a tumbling window adds to the event.
type windowEvent struct {
	Window struct {
		Start string `json:"start"`
		End   string `json:"end"`
	} `json:"window"`
	State     json.RawMessage `json:"state"`
	ShardID   string          `json:"shardId"`
	StreamARN string          `json:"eventSourceARN"`
	Final     bool            `json:"isFinalInvokeForWindow"`
	Early     bool            `json:"isWindowTerminatedEarly"`
}

// appendWindow puts the window's members into the event of a batch.
func (s *eventSource) appendWindow(event []byte, shard string, w *Window) []byte {
	state, ok := w.State.(json.RawMessage)
	if !ok {
		state = json.RawMessage("{}")
	}
	e := windowEvent{State: state, ShardID: shard, StreamARN: s.streamARN, Final: w.Final, Early: w.Early}
	e.Window.Start, e.Window.End = dayTime(w.Start), dayTime(w.End)
	members, err := json.Marshal(e)
	if err != nil { // the state was valid when it came
		panic(err)
	}
	return append(append(event[:len(event)-1], ','), members[1:]...)
}

// dayTime is a time since the Unix epoch as Lambda writes it.
func dayTime(t time.Duration) string { return time.Unix(0, int64(t)).UTC().Format(time.RFC3339) }

// withState is the outcome of an invocation in a tumbling window: a function
// that answers without a state has failed.
func withState(o Outcome, response []byte) Outcome {
	var answer struct {
		State json.RawMessage `json:"state"`
	}
	if json.Unmarshal(response, &answer) != nil || answer.State == nil {
		return Outcome{Result: Failed, Item: o.Item}
	}
	o.State, o.StateFull = answer.State, len(answer.State) > quota.WindowStateBytes
	return o
}
