// Package rowcopy writes rows into PostgreSQL by COPY in its binary form.
//
// COPY is the cheapest way for many rows to enter a table: no statement is
// planned for them, no array is taken apart, and PostgreSQL logs a page of them
// at a time. A value is encoded once, straight into the bytes that travel.
package rowcopy

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// The binary form of COPY begins with a signature, flags and the length of a
// header extension, and ends with a count of -1 (PostgreSQL manual, COPY, Binary
// Format).
const (
	head = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"
	tail = "\xff\xff"
)

// PostgreSQL counts dates from 2000-01-01, in days and in microseconds.
const (
	epochDays  = 10_957
	epochMicro = epochDays * 24 * 60 * 60 * 1_000_000
)

// Rows collects rows for one COPY. Every row begins with Row and has as many
// values as that says, in the order of the statement's columns. The zero value
// is ready for use. It is not safe for concurrent use.
type Rows struct {
	buffer []byte
	count  int
}

// Reset forgets the rows and keeps the memory.
func (r *Rows) Reset() { r.buffer, r.count = append(r.buffer[:0], head...), 0 }

// Len is the number of rows.
func (r *Rows) Len() int { return r.count }

// Row begins a row of so many columns.
func (r *Rows) Row(columns int) {
	if len(r.buffer) == 0 {
		r.Reset()
	}
	r.count++
	r.buffer = binary.BigEndian.AppendUint16(r.buffer, uint16(columns))
}

func (r *Rows) size(n int) { r.buffer = binary.BigEndian.AppendUint32(r.buffer, uint32(n)) }

// Null is a value that is absent.
func (r *Rows) Null() { r.buffer = append(r.buffer, 0xff, 0xff, 0xff, 0xff) }

// Int16 is a value of type smallint.
func (r *Rows) Int16(v int16) {
	r.size(2)
	r.buffer = binary.BigEndian.AppendUint16(r.buffer, uint16(v))
}

// Int32 is a value of type integer.
func (r *Rows) Int32(v int32) {
	r.size(4)
	r.buffer = binary.BigEndian.AppendUint32(r.buffer, uint32(v))
}

// Int64 is a value of type bigint.
func (r *Rows) Int64(v int64) {
	r.size(8)
	r.buffer = binary.BigEndian.AppendUint64(r.buffer, uint64(v))
}

// Bool is a value of type boolean.
func (r *Rows) Bool(v bool) {
	r.size(1)
	if v {
		r.buffer = append(r.buffer, 1)
		return
	}
	r.buffer = append(r.buffer, 0)
}

// Date is a value of type date, in days since 1970-01-01.
func (r *Rows) Date(days int32) { r.Int32(days - epochDays) }

// Time is a value of type timestamptz. PostgreSQL keeps microseconds.
func (r *Rows) Time(v time.Time) { r.Int64(v.UnixMicro() - epochMicro) }

// UUID is a value of type uuid.
func (r *Rows) UUID(v [16]byte) {
	r.size(16)
	r.buffer = append(r.buffer, v[:]...)
}

// Text is a value of type text.
func (r *Rows) Text(v string) {
	r.size(len(v))
	r.buffer = append(r.buffer, v...)
}

// Bytes is a value of type bytea, or of type text in its bytes.
func (r *Rows) Bytes(v []byte) {
	r.size(len(v))
	r.buffer = append(r.buffer, v...)
}

// Copy sends the rows with a statement such as COPY t (a, b) FROM STDIN BINARY.
// Without rows it does nothing. An error of the server is a *pgconn.PgError, and
// none of the rows is there then.
func (r *Rows) Copy(ctx context.Context, conn *pgconn.PgConn, statement string) error {
	if r.count == 0 {
		return nil
	}
	r.buffer = append(r.buffer, tail...)
	done, err := conn.CopyFrom(ctx, bytes.NewReader(r.buffer), statement)
	if err != nil {
		return err
	}
	if done.RowsAffected() != int64(r.count) {
		return fmt.Errorf("copied %d rows of %d", done.RowsAffected(), r.count)
	}
	return nil
}
