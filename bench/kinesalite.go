package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// kinesaliteVersion is the last published.
const kinesaliteVersion = "3.3.3"

// peer is an emulator that others wrote, in a folder of its own.
type peer struct {
	dir string
	err error // why it can't be had
}

// installKinesalite asks npm for it.
func installKinesalite(ctx context.Context) *peer {
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return &peer{err: fmt.Errorf("make a folder: %w", err)}
	}
	out, err := exec.CommandContext(ctx, "npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", dir, "kinesalite@"+kinesaliteVersion).CombinedOutput()
	if err != nil {
		return &peer{dir: dir, err: fmt.Errorf("npm install: %w: %.200s", err, out)}
	}
	return &peer{dir: dir}
}

func (k *peer) remove() {
	if k != nil && k.dir != "" {
		os.RemoveAll(k.dir) //nolint:errcheck // a temporary folder
	}
}

// start serves a stream with so many shards, active, in memory.
func (k *peer) start(ctx context.Context, shards int) (*process, error) {
	if k.err != nil {
		return nil, k.err
	}
	const addr = "127.0.0.1:4599"
	cli := filepath.Join(k.dir, "node_modules", "kinesalite", "cli.js")
	p, err := start(ctx, addr, "node", cli, "--port", "4599", "--shardLimit", fmt.Sprint(shards), "--createStreamMs", "10")
	if err != nil {
		return nil, err
	}
	if err := k.create(addr, shards); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// create makes the stream and waits until it must be active.
func (k *peer) create(addr string, shards int) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return fmt.Errorf("connect to kinesalite: %w", err)
	}
	defer conn.Close() //nolint:errcheck // nothing is under way
	if _, err := conn.Write(request("CreateStream", fmt.Appendf(nil, `{"StreamName":"%s","ShardCount":%d}`, stream, shards))); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	if _, err := receive(bufio.NewReader(conn), nil); err != nil {
		return fmt.Errorf("create kinesalite's stream: %w", err)
	}
	time.Sleep(500 * time.Millisecond)
	return nil
}
