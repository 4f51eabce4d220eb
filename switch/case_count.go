package switching

import (
	"context"
	"fmt"
	"time"
)

// countCases tells those who watch how many cases wait for persons, and drops the rows of those that wait no more.
func (s *Switch) countCases(ctx context.Context) error {
	if err := s.Store.dropAnswered(ctx); err != nil {
		return err
	}
	open, oldest, err := s.Store.openCases(ctx)
	if err != nil {
		return err
	}
	var age time.Duration
	if !oldest.IsZero() {
		age = max(0, s.Now().Sub(oldest))
	}
	s.Observe.Cases(open, age)
	return nil
}

// openCases counts the cases that are open; oldest is zero if there are none.
func (t tables) openCases(ctx context.Context) (open int, oldest time.Time, err error) {
	var since *time.Time
	err = t.db.QueryRow(ctx, `SELECT count(*), min(c.opened_at) FROM `+openCasesOnly).Scan(&open, &since)
	if err != nil {
		return 0, oldest, fmt.Errorf("count the open cases: %w", err)
	}
	if since != nil {
		oldest = *since
	}
	return open, oldest, nil
}

// dropAnswered takes answered cases out of the open ones. An answer is never taken back, so it does not matter when, or by how many
// nodes at once.
func (t tables) dropAnswered(ctx context.Context) error {
	if _, err := t.db.Exec(ctx, `DELETE FROM open_case c WHERE `+answeredCase); err != nil {
		return fmt.Errorf("drop answered cases from the open ones: %w", err)
	}
	return nil
}
