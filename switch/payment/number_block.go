package payment

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// Sizes of the ranges that a node takes for an agency: small at first, so that an agency with ten payments a day
// wastes few, then doubling.
const (
	firstBlock = 128
	largeBlock = 16_384
)

// blockTries bounds the attempts to take a range while other nodes take theirs.
const blockTries = 64

// Numbers hands out the day's serial numbers to one node. Ranges are reserved durably before use and lost in a crash,
// so that no number is given twice.
type Numbers struct {
	db   postgres.Querier
	node string

	mu     sync.Mutex
	blocks map[int32]*block
}

type block struct {
	mu        sync.Mutex
	day       calendar.Date
	next, end int32
	size      int32
}

// NewNumbers makes an allocator for the node of that name.
func NewNumbers(db postgres.Querier, node string) *Numbers {
	return &Numbers{db: db, node: node, blocks: map[int32]*block{}}
}

// Next returns the next serial of the agency's range for the day. It asks the
// database only when the range is used up; fault.Unavailable if that fails.
func (n *Numbers) Next(ctx context.Context, agency int32, day calendar.Date, now time.Time) (int32, error) {
	b := n.block(agency)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.day != day || b.next >= b.end {
		if err := n.take(ctx, b, agency, day, now); err != nil {
			return 0, err
		}
	}
	b.next++
	return b.next - 1, nil
}

func (n *Numbers) block(agency int32) *block {
	n.mu.Lock()
	defer n.mu.Unlock()
	b, ok := n.blocks[agency]
	if !ok {
		b = &block{}
		n.blocks[agency] = b
	}
	return b
}

func (n *Numbers) take(ctx context.Context, b *block, agency int32, day calendar.Date, now time.Time) error {
	size := min(max(b.size*2, firstBlock), largeBlock)
	if b.day != day {
		size = firstBlock
	}
	for range blockTries {
		first, taken, err := n.insert(ctx, agency, day, size, now)
		if errors.Is(err, pgx.ErrNoRows) {
			continue // another node took this range
		}
		if postgres.State(err) == postgres.CheckViolation { // an empty range: all serials are taken
			return fault.New(fault.Unavailable, "reserve serial numbers of %s for agency %d: %w", day, agency, ErrSerialsUsedUp)
		}
		if err != nil {
			return fault.New(fault.Unavailable, "reserve serial numbers of %s for agency %d: %w", day, agency, err)
		}
		b.day, b.next, b.end, b.size = day, first, first+taken, size
		return nil
	}
	return fault.New(fault.Unavailable, "reserve serial numbers of %s for agency %d: no range in %d tries", day, agency, blockTries)
}

// ErrSerialsUsedUp: a day has no serial numbers left.
var ErrSerialsUsedUp = errors.New("every serial number of the day is taken")

// insert takes the range after the last one of the day, cut at the day's end; the table refuses an empty range. Two
// nodes that see the same last range collide on the primary key, and one of them gets no row.
func (n *Numbers) insert(ctx context.Context, agency int32, day calendar.Date, size int32, now time.Time) (first, taken int32, err error) {
	err = n.db.QueryRow(ctx, `
		INSERT INTO number_block (day, first, size, agency, node, taken_at)
		SELECT $1, next, least($2, $6 - next), $3, $4, $5
		  FROM (SELECT coalesce((`+lastBlock+`), 0) + 1 AS next) AS free
		ON CONFLICT (day, first) DO NOTHING
		RETURNING first, size`, day.Time(), size, agency, n.node, now, SerialsPerDay).Scan(&first, &taken)
	return first, taken, err
}

// lastBlock is the last serial number of day $1 that is taken.
const lastBlock = `SELECT first + size - 1 FROM number_block WHERE day = $1 ORDER BY first DESC LIMIT 1`

// SerialsTaken returns how many serial numbers of a day were given to nodes.
func SerialsTaken(ctx context.Context, db postgres.Querier, day calendar.Date) (taken int, err error) {
	err = db.QueryRow(ctx, `SELECT coalesce((`+lastBlock+`), 0)`, day.Time()).Scan(&taken)
	if err != nil {
		return 0, fmt.Errorf("read how many serial numbers of %s are taken: %w", day, err)
	}
	return taken, nil
}
