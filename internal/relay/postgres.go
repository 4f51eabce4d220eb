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

// The deeds. Of rows there are Swallow, Keep and Fade.
const (
	Swallow Deed = iota // the server never gets it, and the connection is reset
	Keep                // the server gets it at Release
	Lose                // the server does it, and the connection is reset in place of its confirmation
	Mute                // the server does it, and the client hears of it at Release
	Fade                // the server does it (of rows: gets half), and then neither side hears anything any more; see Vanish
)

// afterwards reports whether the deed comes when the server has confirmed.
func (d Deed) afterwards() bool { return d >= Lose }

// trap is a deed that waits for its moment.
type trap struct {
	of     Of
	at     Moment
	having string // a prepared statement that the transaction has used; empty: any
	do     Deed
	sprung chan struct{}
}

// Message types of PostgreSQL's protocol, version 3.0.
const (
	startup     = 196_608 // the code of a start-up message; others are requests to cancel
	mostStartup = 10_000  // bytes of a start-up message
	headSize    = 5       // of all later messages: type, and a length that counts itself
	namesSize   = 128     // as much of a message as the names in it may take
	bindMessage = 'B'
	queryText   = 'Q'
	copyRows    = 'd'
	complete    = 'C'
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
	for {
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
		kind, size, err := next(in)
		if err != nil || !c.moment(in, kind, size, out) {
			return
		}
		if _, err := io.CopyN(out, in, size); err != nil {
			return
		}
	}
}

// down carries what the server sends.
func (c *conn) down() {
	in, out := bufio.NewReaderSize(c.server, chunk), bufio.NewWriterSize(gate{c, Down}, chunk)
	if !c.relay.postgres {
		_, _ = io.Copy(gate{c, Down}, in) // It ends with the connection.
		return
	}
	for {
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
		kind, size, err := next(in)
		if err != nil {
			return
		}
		if kind == complete && size == int64(len(confirmation)) {
			if text, err := in.Peek(len(confirmation)); err == nil && bytes.Equal(text, confirmation) && !c.confirm(out) {
				return
			}
		}
		if _, err := io.CopyN(out, in, size); err != nil {
			return
		}
	}
}

// next is the type and the size of the message that comes.
func next(in *bufio.Reader) (kind byte, size int64, err error) {
	head, err := in.Peek(headSize)
	if err != nil {
		return 0, 0, err
	}
	size = int64(binary.BigEndian.Uint32(head[1:])) + 1
	if size < headSize {
		return 0, 0, io.ErrUnexpectedEOF
	}
	return head[0], size, nil
}

// confirm does what a trap wants with the confirmation of COMMIT; false means that the connection has ended.
func (c *conn) confirm(out *bufio.Writer) bool {
	do, sprung := c.relay.confirmed(c)
	if !sprung {
		return true
	}
	_ = out.Flush() // The client gets every answer from before COMMIT.
	switch do {
	case Lose:
		c.end(true)
		return false
	case Fade:
		_ = c.vanish() // The scenario sees that nothing has vanished.
		<-c.gone
		return false
	}
	c.relay.change(func() { c.muted = Down })
	return true
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

// moment does what a trap wants with this message; false means that the connection has ended.
func (c *conn) moment(in *bufio.Reader, kind byte, size int64, out *bufio.Writer) bool {
	at, commits := AtCommit, false
	switch kind {
	case copyRows:
		at = AtRows
	case bindMessage, queryText:
		if commits = c.commits(in, kind, size); !commits {
			return true
		}
	default:
		return true
	}
	do, taken := c.relay.take(c, at)
	if commits {
		c.bound = nil
	}
	if !taken {
		return true
	}
	if do == Fade {
		_, _ = io.CopyN(out, in, size/2)
	}
	_ = out.Flush() // Earlier bytes belong to the server.
	switch do {
	case Swallow:
		c.end(true)
		return false
	case Fade:
		_ = c.vanish() // The scenario sees that nothing has vanished.
		<-c.gone
		return false
	}
	c.relay.change(func() { c.muted = Up })
	return true
}

// commits reads the name of the statement that a message is about, keeps it, and reports whether it is COMMIT.
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
