package line

// document is the log line's JSON: an EMF document and the account.
//
// EMF: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring,
// CloudWatch_Embedded_Metric_Format_Specification, read 2026-11-22.
type document struct {
	AWS       metadata  `json:"_aws"`
	Stream    string    `json:"StreamName"`
	Function  string    `json:"FunctionName"`
	Latency   []float64 `json:"RecordProcessingLatency,omitempty"`
	Received  int       `json:"RecordsReceived"`
	Processed int       `json:"RecordsProcessed"`
	Weir      account   `json:"weir"`
}

type metadata struct {
	Timestamp         int64 // milliseconds since the Unix epoch
	CloudWatchMetrics []directive
}

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []metric
}

type metric struct {
	Name              string
	Unit              string
	StorageResolution int `json:",omitempty"` // seconds; 60 where left out
}

// Namespace is the CloudWatch namespace of the line's metrics.
const Namespace = "KinesisLoadTest"

// Names of the line's metrics.
const (
	RecordProcessingLatency = "RecordProcessingLatency"
	RecordsReceived         = "RecordsReceived"
	RecordsProcessed        = "RecordsProcessed"
)

// maxValues is EMF's limit of the numbers in one metric's array.
const maxValues = 100

type account struct {
	V                string      `json:"v"`
	Request          string      `json:"request"`
	Shard            string      `json:"shard"`
	Start            int64       `json:"start"`
	End              int64       `json:"end"`
	OK               bool        `json:"ok"`
	Error            string      `json:"error,omitempty"`
	Records          int         `json:"records"`
	Bytes            int64       `json:"bytes"`
	First            string      `json:"first,omitempty"`
	Last             string      `json:"last,omitempty"`
	Groups           []groupText `json:"groups,omitempty"`
	Foreign          string      `json:"foreign,omitempty"`
	ForeignAge       string      `json:"foreign_age,omitempty"`
	Lanes            *laneTable  `json:"lanes,omitempty"`
	Inversions       int         `json:"inversions,omitempty"`
	InversionsBefore int         `json:"inversions_before,omitempty"`
}

type groupText struct {
	Run        uint32 `json:"run"`
	Step       uint8  `json:"step"`
	Producer   uint16 `json:"producer"`
	Seqs       string `json:"seqs"`
	Duplicates int    `json:"duplicates,omitempty"`
	Due        string `json:"due"`
	Sent       string `json:"sent"`
	Arrive     string `json:"arrive"`
}

// laneTable is []Lane by columns, without what all the sequence numbers begin
// with.
type laneTable struct {
	Prefix   string   `json:"prefix"`
	Run      []uint32 `json:"run"`
	Producer []uint16 `json:"producer"`
	Lane     []uint32 `json:"lane"`
	First    []string `json:"first"`
	Last     []string `json:"last"`
}
