package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/postgres"
	"treasury-switch/switch/payment"
)

// copyGroup is how many payments are committed together: as many as a group of the recorder holds at most.
const copyGroup = 500

// batch is one group of payments ready to be sent: for each table its rows in binary form, which renew makes unique again.
type batch struct {
	payments int
	parts    []part
}

// part is the rows of one table, and where in its text the values are that each copy renews.
type part struct {
	statement string
	text      []byte
	keys      []int
	numbers   []number
	dates     []int // days in four bytes
	times     []int // microseconds in eight bytes
}

// number is a unique number and the range of its column's numbers.
type number struct {
	at   int
	span int64
}

// batches divides the sample into groups of payments.
func (s *sample) batches(ids [][16]byte, size int) []batch {
	var all []batch
	for group := range slices.Chunk(ids, size) {
		b := batch{payments: len(group)}
		for _, t := range s.tables {
			b.parts = append(b.parts, t.part(group))
		}
		all = append(all, b)
	}
	return all
}

func (s *sampled) part(group [][16]byte) part {
	p := part{statement: s.copyIn(), text: bytes.Clone(binaryHeader)}
	for _, id := range group {
		for _, row := range s.rows[id] {
			var places []int
			p.text, places = appendRow(p.text, row)
			s.mark(&p, row, places)
		}
	}
	p.text = append(p.text, binaryEnd...)
	return p
}

// mark notes where the values of a row are that each copy renews.
func (s *sampled) mark(p *part, row [][]byte, places []int) {
	for i, c := range s.columns {
		span, isNumber := s.numbers[i]
		switch {
		case row[i] == nil:
		case slices.Contains(s.keys, i):
			p.keys = append(p.keys, places[i])
		case isNumber:
			p.numbers = append(p.numbers, number{places[i], span})
		case c.kind == "date":
			p.dates = append(p.dates, places[i])
		case c.kind == "timestamptz":
			p.times = append(p.times, places[i])
		}
	}
}

// shift is how a batch's payments differ from its earlier ones, besides their ids.
type shift struct {
	spans int64  // by how many spans of their column numbers are raised
	base  int64  // what is added to them beside
	days  int32  // by which all dates and times are moved
	at    string // hhmmss, the time that leads the ids; empty leaves each its own
}

// renew gives the payments new ids and shifts the other unique numbers. One mask for all tables keeps the rows of a payment
// together and ids distinct.
func (b *batch) renew(s shift) {
	var mask [16]byte
	_, _ = rand.Read(mask[:]) // It never fails.
	mask = payment.NewID(mask, "000000")
	for _, p := range b.parts {
		for _, at := range p.keys {
			id := [16]byte(p.text[at:])
			for i := range mask {
				id[i] ^= mask[i]
			}
			if s.at != "" {
				id = payment.NewID(id, s.at)
			}
			copy(p.text[at:], id[:])
		}
		for _, n := range p.numbers {
			add64(p.text[n.at:], s.base+s.spans*n.span)
		}
		if s.days == 0 {
			continue
		}
		for _, at := range p.dates {
			binary.BigEndian.PutUint32(p.text[at:], binary.BigEndian.Uint32(p.text[at:])+uint32(s.days))
		}
		for _, at := range p.times {
			add64(p.text[at:], int64(s.days)*24*time.Hour.Microseconds())
		}
	}
}

func add64(to []byte, n int64) {
	binary.BigEndian.PutUint64(to, binary.BigEndian.Uint64(to)+uint64(n))
}

// write copies a batch in one transaction.
func (b *batch) write(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, `BEGIN`); err != nil {
		return fmt.Errorf("copy rows: %w", err)
	}
	for _, p := range b.parts {
		if _, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(p.text), p.statement); err != nil {
			return fmt.Errorf("copy rows (%s): %w", p.statement, err)
		}
	}
	if _, err := conn.Exec(ctx, `COMMIT`); err != nil {
		return fmt.Errorf("copy rows: %w", err)
	}
	return nil
}

// copyRate is the payments a second that a number of connections copy, each its own batches, with a COMMIT for each.
func copyRate(ctx context.Context, address string, all []batch, connections int, duration time.Duration) (float64, error) {
	var conns []*pgx.Conn
	defer func() {
		for _, conn := range conns {
			_ = conn.Close(context.WithoutCancel(ctx))
		}
	}()
	for range connections {
		conn, err := postgres.Connect(ctx, address)
		if err != nil {
			return 0, err
		}
		conns = append(conns, conn)
	}
	var running sync.WaitGroup
	var copied atomic.Int64
	failures := make([]error, connections)
	began := time.Now()
	for i, conn := range conns {
		running.Go(func() {
			for n := i; failures[i] == nil && time.Since(began) < duration; n += connections {
				b := &all[n%(len(all)-len(all)%connections)] // No two connections share one.
				b.renew(shift{spans: 1, at: time.Now().Format("150405")})
				failures[i] = b.write(ctx, conn)
				copied.Add(int64(b.payments))
			}
		})
	}
	running.Wait()
	return float64(copied.Load()) / time.Since(began).Seconds(), errors.Join(failures...)
}
