package recorder

import (
	"fmt"
	"testing"

	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment/paymenttest"
)

// locking makes the database say that the rows of so many payments are locked, each time that one of them is written.
func (r *rig) locking(entries ...*Entry) {
	r.t.Helper()
	r.exec(`CREATE SEQUENCE waits; GRANT USAGE ON SEQUENCE waits TO PUBLIC`)
	r.exec(`CREATE TABLE locked (payment uuid); GRANT SELECT ON locked TO PUBLIC`)
	for _, e := range entries {
		r.exec(`INSERT INTO locked VALUES ($1)`, e.Plan.Payment.ID)
	}
	r.exec(`CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF EXISTS (SELECT FROM locked WHERE payment = NEW.id) THEN
			PERFORM nextval('waits'); RAISE EXCEPTION 'made to fail' USING ERRCODE = 'lock_not_available';
		END IF;
		RETURN NEW; END $$`)
	r.exec(`CREATE TRIGGER wait BEFORE INSERT ON payment FOR EACH ROW EXECUTE FUNCTION wait()`)
}

// E8: a row of one payment stays locked. Its neighbours are recorded; where many are locked, the lane does not wait for each.
func TestE8_ALockedRowSparesItsNeighbours(t *testing.T) {
	for _, c := range []struct{ members, locked, atLeast, waits int }{
		{100, 1, 99, lockTries + 1 + 7},
		{100, 2, 90, lockTries + 1 + mostWaits},
		{100, 100, 0, lockTries + 1 + mostWaits},
		{1, 1, 0, groupTries + 1},
	} {
		t.Run(fmt.Sprintf("%d of %d", c.locked, c.members), func(t *testing.T) {
			r := newRig(t)
			l := r.own()
			var entries []*Entry
			for range c.members {
				entries = append(entries, r.intent())
			}
			r.locking(entries[:c.locked]...)
			l.record(t.Context(), groupOf(l, entries...))
			written := 0
			for _, e := range entries {
				switch o, err := e.Wait(t.Context()); {
				case err == nil && o == Written:
					written++
				case !fault.Is(err, fault.Unavailable):
					t.Errorf("outcome %d, %v", o, err)
				}
			}
			if n := r.count(`SELECT count(*) FROM payment`); n != written || written < c.atLeast {
				t.Errorf("%d recorded, %d told so, want %d at least", n, written, c.atLeast)
			}
			if n := r.count(`SELECT last_value::int FROM waits`); n > c.waits {
				t.Errorf("%d waits, want %d at most", n, c.waits)
			}
		})
	}
}

// What terminals ask for leaves room in a lane's queue for what the network has said.
func TestOutcomesHaveRoomKept(t *testing.T) {
	l := &lane{others: make(chan *Entry, 8), steady: (&paymenttest.Clock{}).Steady}
	for i := range 4 {
		err := l.hand(&Entry{Asked: true})
		if full := i >= 2; full != fault.Is(err, fault.Unavailable) {
			t.Errorf("what is asked for, number %d: %v", i, err)
		}
	}
	for i := range 7 {
		err := l.hand(&Entry{})
		if full := i == 6; full != fault.Is(err, fault.Unavailable) {
			t.Errorf("outcome number %d: %v", i, err)
		}
	}
}
