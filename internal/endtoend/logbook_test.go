package endtoend

import (
	"bytes"
	"encoding/json"
	"sync"
)

// logbook keeps everything that a program has written, and tells of lines as they come.
type logbook struct {
	mu      sync.Mutex
	text    bytes.Buffer
	partial []byte
	heard   chan struct{} // closed and replaced with every line
	lines   []line
}

// line is a log line of the switch, as far as the tests read it.
type line struct {
	Msg       string `json:"msg"`
	Terminals any    `json:"terminals"` // an address, in the line that says so
	HTTP      any    `json:"http"`
	Admin     any    `json:"admin"`
}

func newLogbook() *logbook { return &logbook{heard: make(chan struct{})} }

// Write takes what the program writes.
func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	l.partial = append(l.partial, p...)
	for {
		end := bytes.IndexByte(l.partial, '\n')
		if end < 0 {
			break
		}
		var one line
		if json.Unmarshal(l.partial[:end], &one) == nil {
			l.lines = append(l.lines, one)
		}
		l.partial = l.partial[end+1:]
	}
	close(l.heard)
	l.heard = make(chan struct{})
	return len(p), nil
}

// find returns the first line with a message from place on, and what to wait for where there is none yet.
func (l *logbook) find(message string, from int) (line, bool, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, one := range l.lines[from:] {
		if one.Msg == message {
			return one, true, nil
		}
	}
	return line{}, false, l.heard
}

// count is how many lines there are.
func (l *logbook) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.lines)
}

// String is all that was written.
func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
