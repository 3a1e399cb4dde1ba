package producer

import (
	"net"
	"net/url"
	"testing"
	"time"
)

func TestTakePassesOverConnectionsIdleTooLong(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	d := newDialer(&url.URL{Scheme: "http", Host: listener.Addr().String()}, nil)
	defer d.close()
	old, fresh := &net.TCPConn{}, &net.TCPConn{}
	d.ready <- opened{old, time.Now().Add(-maxIdle)}
	d.ready <- opened{fresh, time.Now()}
	if got, err := d.take(time.Second); err != nil || got != fresh {
		t.Errorf("took %v, %v, want the connection opened just now", got, err)
	}
	d.ready <- opened{old, time.Now().Add(-maxIdle)}
	got, err := d.take(time.Second)
	if err != nil || got == old {
		t.Fatalf("took %v, %v, want a new connection", got, err)
	}
	if err := got.Close(); err != nil {
		t.Error(err)
	}
}
