package local

import (
	"fmt"
	"net/url"
	"os"
	"path"
	"strings"
)

// OnFailure is where the documents of batches go that a mapping gave up: the
// embedded one, and any that an AWS client makes.
type OnFailure struct {
	// ARN is the embedded mapping's destination: a queue, a topic or a bucket.
	// Empty: the bucket weir-on-failure where there is a Dir, else the queue of
	// that name where there is an Endpoint, else none.
	ARN string
	// Dir is the folder that documents are written to: an object as
	// bucket/key, a message as queue/id.json. Empty: there is none, and
	// documents for buckets and topics can't be delivered.
	Dir string
	// Endpoint is the URL of something that answers SQS's SendMessage, which
	// documents for queues are sent to. Empty: they go to Dir.
	Endpoint string
}

// destinationName is the bucket or queue where OnFailure names none.
const destinationName = "weir-on-failure"

// destination is the ARN of the embedded mapping's destination, or "".
func (o OnFailure) destination(region string) string {
	switch {
	case o.ARN != "":
		return o.ARN
	case o.Dir != "":
		return "arn:aws:s3:::" + destinationName
	case o.Endpoint != "":
		return "arn:aws:sqs:" + region + ":" + AccountID + ":" + destinationName
	}
	return ""
}

// Validate reports what can't work, in the words of the command line's flags.
func (o OnFailure) Validate() error {
	if o.Endpoint != "" {
		if u, err := url.Parse(o.Endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("--on-failure-endpoint %q is not a URL such as http://127.0.0.1:9324", o.Endpoint)
		}
	}
	if o.ARN == "" {
		return nil
	}
	service, _, err := destinationOf(o.ARN)
	switch {
	case err != nil:
		return fmt.Errorf("--on-failure: %w", err)
	case o.Dir == "" && (o.Endpoint == "" || service != "sqs"):
		return fmt.Errorf("--on-failure %s: give --on-failure-dir, a folder to deliver to, or for a queue --on-failure-endpoint", o.ARN)
	}
	return nil
}

// destinationOf takes an ARN apart: the service, sqs, sns or s3, and the name
// of the queue or topic or the bucket/key.
func destinationOf(arn string) (service, name string, err error) {
	part := strings.SplitN(arn, ":", 6) // arn:partition:service:region:account:name
	if len(part) == 6 && part[0] == "arn" && part[5] != "" {
		switch part[2] {
		case "sqs", "sns", "s3":
			return part[2], part[5], nil
		}
	}
	return "", "", fmt.Errorf("%q is not the ARN of a queue, a topic or a bucket, for example arn:aws:s3:::failures", arn)
}

// destinations delivers to where OnFailure says.
type destinations struct {
	folder *os.Root // nil: none
	queue  *queue   // nil: none
}

// open makes the folder if it isn't there.
func (o OnFailure) open(region string) (*destinations, error) {
	d := &destinations{}
	if o.Endpoint != "" {
		d.queue = &queue{endpoint: strings.TrimRight(o.Endpoint, "/"), region: region}
	}
	if o.Dir == "" {
		return d, nil
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder for on-failure documents: %w", err)
	}
	var err error
	if d.folder, err = os.OpenRoot(o.Dir); err != nil {
		return nil, fmt.Errorf("open the folder for on-failure documents: %w", err)
	}
	return d, nil
}

func (d *destinations) close() error {
	if d.folder == nil {
		return nil
	}
	return d.folder.Close()
}

// deliver hands over one document.
func (d *destinations) deliver(arn string, document []byte) error {
	service, name, err := destinationOf(arn)
	if err != nil {
		return err
	}
	switch {
	case service == "sqs" && d.queue != nil:
		return d.queue.send(name, document)
	case d.folder == nil:
		return fmt.Errorf("deliver to %s: there is no folder for documents: --on-failure-dir names one", arn)
	case service == "s3":
		return d.write(name, document)
	default:
		message, id := newMessage(document)
		return d.write(path.Join(name, id+".json"), message)
	}
}

// write makes a file in the folder and nowhere else.
func (d *destinations) write(name string, content []byte) error {
	if err := d.folder.MkdirAll(path.Dir(name), 0o755); err != nil {
		return fmt.Errorf("make folder of on-failure document: %w", err)
	}
	if err := d.folder.WriteFile(name, content, 0o644); err != nil {
		return fmt.Errorf("write on-failure document: %w", err)
	}
	return nil
}
