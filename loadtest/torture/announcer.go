package main

import (
	"bytes"
	"encoding/json"
	"io"
	"sync"
)

// announcer keeps a node's log and reads from it where the node listens.
type announcer struct {
	log   io.Writer
	ready chan struct{} // closed when the node takes payments

	mu      sync.Mutex
	partial []byte
	where   announcement
}

// announcement is the log line of a node that is ready for payments.
type announcement struct {
	Msg       string `json:"msg"`
	Terminals string `json:"terminals"`
	Admin     string `json:"admin"`
}

const takesPayments = "the switch takes payments"

// Write takes what the program writes.
func (a *announcer) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.partial = append(a.partial, p...)
	for {
		end := bytes.IndexByte(a.partial, '\n')
		if end < 0 {
			break
		}
		var one announcement
		// Other lines use these names for values of other types.
		if json.Unmarshal(a.partial[:end], &one) == nil && one.Msg == takesPayments && a.where.Terminals == "" {
			a.where = one
			close(a.ready)
		}
		a.partial = a.partial[end+1:]
	}
	return a.log.Write(p)
}

// at is where the node listens; empty until it is ready.
func (a *announcer) at() announcement {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.where.Terminals == "" {
		return announcement{Terminals: "127.0.0.1:9", Admin: "127.0.0.1:9"}
	}
	return a.where
}
