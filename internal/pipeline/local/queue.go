package local

import (
	"bytes"
	"context"
	"crypto/md5" // what SQS says of a body
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// sendTimeout bounds one SendMessage call.
const sendTimeout = 10 * time.Second

// queue sends messages as SQS's SendMessage (AWSSimpleQueueService/latest/APIReference/API_SendMessage,
// read 2026-11-22): AWS JSON 1.0, signed with the embedded account's key.
type queue struct{ endpoint, region string }

// send waits until the endpoint has taken the message.
func (q *queue) send(name string, body []byte) error {
	request, err := json.Marshal(map[string]string{
		"QueueUrl": q.endpoint + "/" + AccountID + "/" + name, "MessageBody": string(body),
	})
	if err != nil {
		return fmt.Errorf("encode SendMessage: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), sendTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, q.endpoint+"/", bytes.NewReader(request))
	if err != nil {
		return fmt.Errorf("make SendMessage: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
	hash := sha256.Sum256(request)
	credentials := aws.Credentials{AccessKeyID: AccessKey, SecretAccessKey: SecretKey}
	if err := v4.NewSigner().SignHTTP(ctx, credentials, r, hex.EncodeToString(hash[:]), "sqs", q.region, time.Now()); err != nil {
		return fmt.Errorf("sign SendMessage: %w", err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("send to queue %s: %w", name, err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<10)) // only says more of a refusal
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("send to queue %s: %s answered %s: %s", name, q.endpoint, answer.Status, bytes.TrimSpace(text))
	}
	return nil
}

// newMessage is a message as ReceiveMessage gives it, but for the receipt.
func newMessage(body []byte) (message []byte, id string) {
	sum := md5.Sum(body)
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	id = fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
	message, err := json.Marshal(struct{ MessageId, MD5OfBody, Body string }{id, hex.EncodeToString(sum[:]), string(body)})
	if err != nil { // strings marshal
		panic(err)
	}
	return message, id
}
