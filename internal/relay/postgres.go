package relay

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
)

// Moment is a place in a transaction.
type Moment int

// The moments.
const (
	AtRows   Moment = iota // the first rows of a COPY are on their way
	AtCommit               // COMMIT is on its way
)

// Deed is what a trap does to the connection.
type Deed int

// The deeds.
const (
	Swallow Deed = iota // the server never gets it, and the connection is reset
	Lose                // the server does it, and the connection is reset in place of its confirmation
	Mute                // the server does it, and the client hears nothing until Release
	Keep                // the server gets it at Release
	Fade                // the server gets it (of rows: half), and then both sides hear nothing any more; see Vanish
)

// trap is a deed that waits for its moment.
type trap struct {
	of     Of
	at     Moment
	having string // a prepared statement that the transaction has used; empty: any
	do     Deed
	sprung chan struct{}
}

// What PostgreSQL's protocol (version 3.0) says.
const (
	startup     = 196_608 // the code of a start-up message; others are requests to cancel
	mostStartup = 10_000  // bytes of a start-up message
	headSize    = 5       // of all later messages: type, and a length that counts itself
	namesSize   = 128     // as much of a message as the names in it may take
	bindMessage = 'B'
	queryText   = 'Q'
	copyRows    = 'd'
	syncMessage = 'S'
)

// confirmation is the message CommandComplete of COMMIT.
var confirmation = []byte("C\x00\x00\x00\x0bCOMMIT\x00")

// up carries what the client sends.
func (c *conn) up() {
	in, out := bufio.NewReaderSize(c.client, chunk), bufio.NewWriterSize(gate{c, Up}, chunk)
	if !c.relay.postgres {
		_, _ = io.Copy(gate{c, Up}, in) // It ends with the connection.
		return
	}
	if !c.greet(in) {
		return
	}
	fading := false
	for {
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
		head, err := in.Peek(headSize)
		if err != nil {
			return
		}
		kind, size := head[0], int64(binary.BigEndian.Uint32(head[1:]))+1
		if size < headSize {
			return
		}
		switch c.moment(in, kind, size, out) {
		case ends:
			return
		case fades:
			fading = true
		}
		if _, err := io.CopyN(out, in, size); err != nil {
			return
		}
		if fading && (kind == syncMessage || kind == queryText) {
			if out.Flush() != nil || c.vanish() != nil {
				return
			}
			fading = false
		}
	}
}

// greet passes the client's first message on and reads its name.
func (c *conn) greet(in *bufio.Reader) bool {
	head, err := in.Peek(8)
	if err != nil {
		return false
	}
	size := binary.BigEndian.Uint32(head)
	if size < 8 || size > mostStartup {
		return false
	}
	first := make([]byte, size)
	if _, err := io.ReadFull(in, first); err != nil {
		return false
	}
	if binary.BigEndian.Uint32(first[4:]) == startup {
		words := bytes.Split(first[8:], []byte{0})
		for i := 0; i+1 < len(words); i += 2 {
			if string(words[i]) == "application_name" {
				c.relay.change(func() { c.name = string(words[i+1]) })
			}
		}
	}
	_, err = gate{c, Up}.Write(first)
	return err == nil
}

// onward says how a message goes on after a trap.
type onward int

const (
	passes onward = iota
	ends
	fades // once the transaction's last message is through
)

// moment springs the trap if this message is its moment.
func (c *conn) moment(in *bufio.Reader, kind byte, size int64, out *bufio.Writer) onward {
	at, commits := AtCommit, false
	switch kind {
	case copyRows:
		at = AtRows
	case bindMessage, queryText:
		if commits = c.commits(in, kind, size); !commits {
			return passes
		}
	default:
		return passes
	}
	do, sprung := c.relay.spring(c, at)
	if commits {
		c.bound = nil
	}
	if !sprung {
		return passes
	}
	switch do {
	case Swallow:
		_ = out.Flush() // What came before is the server's.
		c.end(true)
		return ends
	case Lose:
		c.relay.change(func() { c.losing = true })
	case Mute:
		c.relay.change(func() { c.muted = Down })
	case Keep:
		_ = out.Flush() // What came before is the server's.
		c.relay.change(func() { c.muted = Up })
	case Fade:
		if at == AtCommit {
			return fades
		}
		if _, err := io.CopyN(out, in, size/2); err == nil && out.Flush() == nil {
			_ = c.vanish() // The scenario sees that nothing has vanished.
		}
		<-c.gone
		return ends
	}
	return passes
}

// commits reads the name of the statement that a message is about, keeps it, and says whether it is COMMIT.
func (c *conn) commits(in *bufio.Reader, kind byte, size int64) bool {
	text, err := in.Peek(int(min(size, namesSize)))
	if err != nil {
		return false
	}
	words := bytes.SplitN(text[headSize:], []byte{0}, 3)
	if kind == queryText {
		return bytes.HasPrefix(bytes.ToLower(words[0]), []byte("commit"))
	}
	if len(words) < 2 {
		return false
	}
	name := string(words[1]) // The first is that of the portal.
	if c.bound == nil {
		c.bound = map[string]bool{}
	}
	c.bound[name] = true
	return name == "commit"
}
