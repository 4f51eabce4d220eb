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
)

// copyGroup is how many payments are committed together: as many as a group of the recorder holds at most.
const copyGroup = 500

// batch is one group of payments, ready to be sent: for each table its rows in binary form, which renew makes new.
type batch struct {
	payments int
	parts    []part
}

// part is the rows of one table.
type part struct {
	statement string
	text      []byte
	keys      []int // where ids stand in text
	numbers   []int // where numbers stand
	span      int64
}

// batches makes groups of so many payments of the sample.
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
	p := part{statement: s.copyIn(), text: bytes.Clone(binaryHeader), span: s.span}
	for _, id := range group {
		for _, row := range s.rows[id] {
			var places []int
			p.text, places = appendRow(p.text, row)
			for _, i := range s.keys {
				p.keys = append(p.keys, places[i])
			}
			for _, i := range s.numbers {
				p.numbers = append(p.numbers, places[i])
			}
		}
	}
	p.text = append(p.text, binaryEnd...)
	return p
}

// renew gives the payments ids that nobody had, and raises the numbers of their own beyond all of the sample. One mask for
// all tables keeps the rows of a payment together, and two ids different.
func (b *batch) renew() {
	var mask [16]byte
	_, _ = rand.Read(mask[:]) // It never fails.
	for _, p := range b.parts {
		for _, at := range p.keys {
			for i := range mask {
				p.text[at+i] ^= mask[i]
			}
		}
		for _, at := range p.numbers {
			n := int64(binary.BigEndian.Uint64(p.text[at:]))
			binary.BigEndian.PutUint64(p.text[at:], uint64(n+p.span))
		}
	}
}

// write renews a batch and copies it in one transaction.
func (b *batch) write(ctx context.Context, conn *pgx.Conn) error {
	b.renew()
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

// copyRate is how many payments a second so many connections copy, each with batches of its own, a COMMIT for each.
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
				failures[i] = b.write(ctx, conn)
				copied.Add(int64(b.payments))
			}
		})
	}
	running.Wait()
	return float64(copied.Load()) / time.Since(began).Seconds(), errors.Join(failures...)
}
