package rowcopy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// chunk is the size of the messages in which the rows of a COPY travel. Larger
// ones make the server ask its system for memory anew for each.
const chunk = 60 << 10

// Pipeline sends statements that were prepared before, COPY among them, in one
// write, and reads their results in one go: every turn of the conversation that is
// spared is two processes that need not be woken. The first error ends it, and the
// server passes over what follows. The zero value is ready for use; it is not safe
// for concurrent use.
type Pipeline struct {
	buffer []byte
	sent   []sent
}

// sent is what is known of a statement in the pipeline.
type sent struct {
	name string
	rows int // a COPY's; -1: not a COPY
	row  func(values [][]byte) error
}

// Reset forgets the statements and keeps the memory.
func (p *Pipeline) Reset() { p.buffer, p.sent = p.buffer[:0], p.sent[:0] }

// Execute adds a prepared statement with its parameters in binary form. The rows of
// its result, in binary form too, go to row, which may be nil.
func (p *Pipeline) Execute(name string, row func(values [][]byte) error, parameters ...[]byte) {
	bind := pgproto3.Bind{PreparedStatement: name, Parameters: parameters,
		ParameterFormatCodes: []int16{pgproto3.BinaryFormat}, ResultFormatCodes: []int16{pgproto3.BinaryFormat}}
	p.add(&bind)
	p.add(&pgproto3.Execute{})
	p.sent = append(p.sent, sent{name: name, rows: -1, row: row})
}

// Copy adds a prepared COPY with its rows, if there are any.
func (p *Pipeline) Copy(name string, r *Rows) {
	if r.count == 0 {
		return
	}
	p.add(&pgproto3.Bind{PreparedStatement: name})
	p.add(&pgproto3.Execute{})
	r.buffer = append(r.buffer, tail...)
	for rest := r.buffer; len(rest) > 0; {
		n := min(len(rest), chunk)
		p.add(&pgproto3.CopyData{Data: rest[:n]})
		rest = rest[n:]
	}
	p.add(&pgproto3.CopyDone{})
	p.sent = append(p.sent, sent{name: name, rows: r.count})
}

func (p *Pipeline) add(m pgproto3.FrontendMessage) {
	// Only messages beyond a gigabyte cannot be encoded; a group has bounds far below.
	if b, err := m.Encode(p.buffer); err == nil {
		p.buffer = b
	}
}

// Run sends the pipeline and reads its results within the deadline of the context.
// An error of the server is a *pgconn.PgError; the connection can be used further
// then. After any other error it cannot.
func (p *Pipeline) Run(ctx context.Context, conn *pgconn.PgConn) error {
	p.add(&pgproto3.Sync{})
	deadline, _ := ctx.Deadline()
	if err := conn.Conn().SetDeadline(deadline); err != nil {
		return err
	}
	if _, err := conn.Conn().Write(p.buffer); err != nil {
		return fmt.Errorf("send to the database: %w", err)
	}
	failed := p.receive(conn.Frontend())
	return errors.Join(failed, conn.Conn().SetDeadline(time.Time{}))
}

// receive reads until the server is ready for more.
func (p *Pipeline) receive(from *pgproto3.Frontend) error {
	var failed error
	for at := 0; ; {
		m, err := from.Receive()
		if err != nil {
			return fmt.Errorf("receive from the database: %w", err)
		}
		switch m := m.(type) {
		case *pgproto3.ReadyForQuery:
			if failed == nil && at != len(p.sent) {
				failed = fmt.Errorf("%d of %d statements were done", at, len(p.sent))
			}
			return failed
		case *pgproto3.ErrorResponse:
			failed = errors.Join(failed, pgconn.ErrorResponseToPgError(m))
		case *pgproto3.DataRow:
			if at < len(p.sent) && p.sent[at].row != nil && failed == nil {
				failed = p.sent[at].row(m.Values)
			}
		case *pgproto3.CommandComplete:
			if failed == nil && at < len(p.sent) {
				failed = p.sent[at].check(m.CommandTag)
			}
			at++
		}
	}
}

// check holds a COPY against the rows it was given.
func (s *sent) check(tag []byte) error {
	if s.rows < 0 || bytes.Equal(tag, fmt.Appendf(nil, "COPY %d", s.rows)) {
		return nil
	}
	return fmt.Errorf("%s copied %q, not %d rows", s.name, strings.TrimSpace(string(tag)), s.rows)
}
