package pgproxy

import (
	"bytes"
	"encoding/binary"
	"net"
	"slices"
)

// upstream copies client to server and looks for COMMIT, a prepared statement that
// the recorder sends behind its rows, in the same write.
func (p *Proxy) upstream(client, server net.Conn, lose chan<- Rule) {
	defer server.Close()
	buf := make([]byte, 64<<10)
	mute := false
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		if p.isQuiet(client) {
			if half := buf[:n/2]; n > 5 {
				_, _ = server.Write(half)
			}
			<-p.t.Context().Done()
			return
		}
		if mute {
			lose <- loseAll
		}
		mute = p.mutes(buf[:n]) // The statement is prepared by this write and executed by the next.
		rows, rest := buf[:n], []byte(nil)
		if at := bytes.Index(rows, bindCommit); at >= bindHead {
			rows, rest = rows[:at-bindHead], rows[at-bindHead:]
		}
		if _, err := server.Write(rows); err != nil {
			return
		}
		if rest == nil {
			continue
		}
		if !p.onCommit(client, lose) {
			return
		}
		if _, err := server.Write(rest); err != nil {
			return
		}
	}
}

// bindCommit is how the message that binds the statement goes on after its head: the
// unnamed portal and the statement's name.
var bindCommit = []byte("\x00commit\x00")

const bindHead = 5 // type and length

// confirmation is the message CommandComplete of COMMIT.
var confirmation = []byte("C\x00\x00\x00\x0bCOMMIT\x00")

// onCommit applies the rule. It reports whether the server is to see COMMIT.
func (p *Proxy) onCommit(client net.Conn, lose chan<- Rule) bool {
	p.mu.Lock()
	rule := p.rule
	if rule != Pass {
		p.rule = armed
	}
	if rule == CutAndDown || rule == LoseReceiptAndDown {
		p.down = true
	}
	p.mu.Unlock()
	switch rule {
	case Drop, CutAndDown:
		_ = client.Close()
		return false
	case LoseReceipt, LoseReceiptAndDown, WarnReceipt:
		lose <- rule
	case Hold:
		<-p.Release
	}
	return true
}

func (p *Proxy) downstream(client, server net.Conn, lose <-chan Rule) {
	defer p.hangUp(client)
	rule := Pass
	buf := make([]byte, 64<<10)
	for {
		n, err := server.Read(buf)
		if err != nil {
			return
		}
		select {
		case rule = <-lose:
		default:
		}
		answers := buf[:n]
		if rule == loseAll {
			return
		}
		if p.isQuiet(client) {
			continue
		}
		if at := bytes.Index(answers, confirmation); at >= 0 && rule != Pass {
			if rule != WarnReceipt {
				return
			}
			answers, rule = slices.Insert(answers, at, warning()...), Pass // Behind what was done before COMMIT.
		}
		if _, err := client.Write(answers); err != nil {
			return
		}
	}
}

// hangUp tells the client that its server has gone, unless that is not to be heard.
func (p *Proxy) hangUp(client net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.halfOpen {
		_ = client.Close()
	}
}

// warning is a NoticeResponse as PostgreSQL sends it when the wait for a standby
// is cancelled.
func warning() []byte {
	body := []byte("SWARNING\x00VWARNING\x00C01000\x00Mcanceling wait for synchronous replication due to user request\x00\x00")
	head := binary.BigEndian.AppendUint32([]byte{'N'}, uint32(len(body)+4))
	return append(head, body...)
}
