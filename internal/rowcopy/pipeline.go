package rowcopy

import (
	"context"
	"errors"
	"fmt"
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
	buffer  []byte
	sent    []sent
	reached func() // what to do when COMMIT is reached; nil if it is not among the statements
}

// sent is what is known of a statement in the pipeline.
type sent struct {
	name string
	tag  string // with which it must be complete; empty: any
	row  func(values [][]byte)
}

// Refusal is the error of a server that refused a statement before COMMIT, so that
// nothing of the transaction is there.
type Refusal struct {
	Statement string // its name
	Err       *pgconn.PgError
}

func (r *Refusal) Error() string { return r.Statement + ": " + r.Err.Error() }

func (r *Refusal) Unwrap() error { return r.Err }

// Reset forgets the statements and keeps the memory.
func (p *Pipeline) Reset() { p.buffer, p.sent, p.reached = p.buffer[:0], p.sent[:0], nil }

// Execute adds a prepared statement with its parameters in binary form. Rows of its
// result are passed over.
func (p *Pipeline) Execute(name string, parameters ...[]byte) { p.Fetch(name, nil, parameters...) }

// Fetch is Execute, and hands each row of the result to row, its values in binary form. They hold until it returns. A row comes before it is
// known whether its statement ends well.
func (p *Pipeline) Fetch(name string, row func(values [][]byte), parameters ...[]byte) {
	bind := pgproto3.Bind{PreparedStatement: name, Parameters: parameters,
		ParameterFormatCodes: []int16{pgproto3.BinaryFormat}, ResultFormatCodes: []int16{pgproto3.BinaryFormat}}
	p.add(&bind)
	p.add(&pgproto3.Execute{})
	p.sent = append(p.sent, sent{name: name, row: row})
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
	p.sent = append(p.sent, sent{name: name, tag: fmt.Sprintf("COPY %d", r.count)})
}

// Commit adds the prepared statement that ends the transaction, the last one of the
// pipeline. Once everything before it is done reached is called, and the time that
// COMMIT takes has no bound: one that strikes would leave its outcome unknown.
func (p *Pipeline) Commit(name string, reached func()) {
	if len(p.sent) > 0 {
		p.add(&pgproto3.Flush{}) // The server reports its progress while it writes to its disk.
	}
	p.Execute(name)
	p.reached, p.sent[len(p.sent)-1].tag = reached, "COMMIT"
}

func (p *Pipeline) add(m pgproto3.FrontendMessage) {
	// Only messages beyond a gigabyte cannot be encoded; a group has bounds far below.
	if b, err := m.Encode(p.buffer); err == nil {
		p.buffer = b
	}
}

// Run sends the pipeline and reads its results within the deadline of the context.
// A *Refusal says that nothing is there; the connection can be used further then,
// unless other errors are joined to it. After any other error it cannot, and if
// COMMIT was among the statements nobody knows what is there: an error of COMMIT
// itself, and a warning before its confirmation (a wait for a standby that was
// cancelled), are such errors.
func (p *Pipeline) Run(ctx context.Context, conn *pgconn.PgConn) error {
	p.add(&pgproto3.Sync{})
	deadline, _ := ctx.Deadline()
	if err := conn.Conn().SetDeadline(deadline); err != nil {
		return err
	}
	err := p.converse(conn)
	return errors.Join(err, conn.Conn().SetDeadline(time.Time{}))
}

func (p *Pipeline) converse(conn *pgconn.PgConn) error {
	if err := p.arrive(0, conn); err != nil {
		return err
	}
	if _, err := conn.Conn().Write(p.buffer); err != nil {
		return fmt.Errorf("send to the database: %w", err)
	}
	return p.receive(conn)
}

// ending reports whether the statement is COMMIT.
func (p *Pipeline) ending(at int) bool { return p.reached != nil && at == len(p.sent)-1 }

// arrive is called when everything before a statement is done.
func (p *Pipeline) arrive(at int, conn *pgconn.PgConn) error {
	if !p.ending(at) {
		return nil
	}
	p.reached()
	return conn.Conn().SetDeadline(time.Time{})
}

// receive reads until the server is ready for more.
func (p *Pipeline) receive(conn *pgconn.PgConn) error {
	var failed error
	fail := func(err error) {
		if failed == nil {
			failed = err
		}
	}
	for at := 0; ; {
		m, err := conn.Frontend().Receive()
		if err != nil {
			return errors.Join(failed, fmt.Errorf("receive from the database: %w", err))
		}
		switch m := m.(type) {
		case *pgproto3.ReadyForQuery:
			if at != len(p.sent) {
				fail(fmt.Errorf("%d of %d statements were done", at, len(p.sent)))
			}
			return failed
		case *pgproto3.ErrorResponse:
			fail(p.refusal(at, pgconn.ErrorResponseToPgError(m)))
		case *pgproto3.DataRow:
			if at < len(p.sent) && p.sent[at].row != nil {
				p.sent[at].row(m.Values)
			}
		case *pgproto3.NoticeResponse:
			if p.ending(at) && m.SeverityUnlocalized == "WARNING" {
				fail(errors.New("a warning came between COMMIT and its confirmation: " + m.Message))
			}
		case *pgproto3.CommandComplete:
			if at < len(p.sent) {
				fail(p.sent[at].check(m.CommandTag))
			}
			at++
			fail(p.arrive(at, conn))
		}
	}
}

// refusal is the server's error at a statement.
func (p *Pipeline) refusal(at int, err *pgconn.PgError) error {
	if at >= len(p.sent) || p.ending(at) {
		return err
	}
	return &Refusal{Statement: p.sent[at].name, Err: err}
}

// check checks what the server says to have done against what it was to do: so many
// rows of a COPY, and COMMIT, which it answers with ROLLBACK where something failed.
func (s *sent) check(tag []byte) error {
	if s.tag == "" || string(tag) == s.tag {
		return nil
	}
	return fmt.Errorf("%s: the database says %q, not %q", s.name, tag, s.tag)
}
