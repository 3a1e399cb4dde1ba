package producer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Renewal of credentials that expire.
const (
	// renewEarly is how long before they expire new credentials are asked for,
	// at most: half of a shorter life. AWS's own providers of temporary
	// credentials have the next ones ready five minutes ahead
	// (docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html,
	// read 2026-11-22).
	renewEarly = 5 * time.Minute
	// renewAgain is the pause after a renewal that failed.
	renewAgain = time.Second
	// renewTimeout bounds one renewal; a login service may be slow.
	renewTimeout = 30 * time.Second
)

// ExactExpiry is an option of the SDK's credentials cache, for
// config.WithCredentialsCacheOptions: credentials end when they end. By default
// the SDK calls some of them expired five minutes early and makes whoever comes
// then wait; a producer renews them ahead of time itself.
func ExactExpiry(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = 0 }

// keeper has credentials at hand, so that no call waits for their renewal: it
// asks for the next ones in the background while the present ones still hold.
// Only a caller that finds none, or expired ones, waits. It is safe for
// concurrent use.
type keeper struct {
	provider aws.CredentialsProvider

	mu      sync.Mutex
	current aws.Credentials // without keys: none yet
	renewAt time.Time       // zero: never
	renewal chan struct{}   // closed when the renewal under way has ended; nil without one
	err     error           // of the last renewal
}

// get returns credentials that hold at now. It blocks only where there are
// none, and then at most for patience.
func (k *keeper) get(now time.Time, patience time.Duration) (aws.Credentials, error) {
	k.mu.Lock()
	held := k.holds(now)
	if k.renewal == nil && (!held || !k.renewAt.IsZero() && !now.Before(k.renewAt)) {
		k.renewal = make(chan struct{})
		go k.renew(k.renewal)
	}
	creds, renewal := k.current, k.renewal
	k.mu.Unlock()
	if held {
		return creds, nil
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-renewal:
	case <-timer.C:
		return aws.Credentials{}, fmt.Errorf("no credentials within %v", patience)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err != nil {
		return aws.Credentials{}, k.err
	}
	return k.current, nil
}

// holds reports whether there are credentials and they have not expired.
func (k *keeper) holds(now time.Time) bool {
	return k.current.HasKeys() && (!k.current.CanExpire || now.Before(k.current.Expires))
}

// refused says that the stream called credentials expired, whatever this
// machine's clock says of them: the next call gets others.
func (k *keeper) refused(creds aws.Credentials) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.current.AccessKeyID == creds.AccessKeyID && k.current.SessionToken == creds.SessionToken && k.renewal == nil {
		k.current = aws.Credentials{}
	}
}

// renew asks the provider, and says so by closing ended.
func (k *keeper) renew(ended chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), renewTimeout)
	defer cancel()
	if cache, ok := k.provider.(interface{ Invalidate() }); ok {
		cache.Invalidate() // the SDK's cache would return what it has until that expires
	}
	creds, err := k.provider.Retrieve(ctx)
	if err == nil && strings.ContainsAny(creds.AccessKeyID+creds.SessionToken, "\r\n") {
		err = errors.New("a line break in the access key or the session token")
	}
	now := time.Now()

	k.mu.Lock()
	defer k.mu.Unlock()
	k.renewal = nil
	if err != nil {
		k.err, k.renewAt = fmt.Errorf("retrieve credentials: %w", err), now.Add(renewAgain)
	} else {
		k.err, k.current, k.renewAt = nil, creds, renewalOf(creds, now)
	}
	close(ended)
}

// renewalOf is when credentials got at now are to be renewed; zero when they
// don't expire.
func renewalOf(creds aws.Credentials, now time.Time) time.Time {
	if !creds.CanExpire {
		return time.Time{}
	}
	return creds.Expires.Add(-min(renewEarly, creds.Expires.Sub(now)/2))
}
