package switching

import (
	"context"
	"testing"
	"time"

	"treasury-switch/internal/fault"
)

// stampOf is an F7, MMDDhhmmss in UTC.
func stampOf(t time.Time) string { return t.UTC().Format("0102150405") }

// ownReversalOf is an advice to undo a purchase that was sent at a time, which carries a
// local time and date of its own.
func (r *rig) ownReversalOf(p *Purchase, sent time.Time) *ReversalRequest {
	v := r.reversalOf(p)
	v.Advice, v.Sent = true, stampOf(sent)
	v.Original.LocalTime = "121733"
	return v
}

// A17: a reversal whose F12 and F13 are its own is found by F90: STAN, terminal, amount, the
// card if it is named, and receipt within ten minutes of F90's time.
func TestA17_ReversalFoundByF90(t *testing.T) {
	for name, change := range map[string]func(*rig, *ReversalRequest){
		"as it is":                   func(*rig, *ReversalRequest) {},
		"F13 is another day's":       func(_ *rig, v *ReversalRequest) { v.Original.LocalDate = v.Original.LocalDate.Add(-1) },
		"with its card":              func(r *rig, v *ReversalRequest) { v.Card = r.purchase().Card },
		"a request, not an advice":   func(_ *rig, v *ReversalRequest) { v.Advice = false },
		"nine minutes after F90":     func(r *rig, v *ReversalRequest) { v.Sent = stampOf(r.clock.now().Add(-9 * time.Minute)) },
		"nine minutes before F90":    func(r *rig, v *ReversalRequest) { v.Sent = stampOf(r.clock.now().Add(9 * time.Minute)) },
		"of F32 and F42 as they are": func(_ *rig, v *ReversalRequest) { v.Original.Acquirer = "581672061" },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			p := r.purchase()
			r.wantCode(r.Purchase(t.Context(), p), OK)
			v := r.ownReversalOf(p, r.clock.now())
			change(r, v)
			for range 2 { // 0420 and 0421
				r.wantCode(r.Reverse(t.Context(), v), OK)
			}
			r.wantStatus(p, Reversing, ByTerminal)
			r.forward()
			r.wantStatus(p, Reversed, ReversalAccepted)
			if n := r.count(`SELECT count(*) FROM payment`); n != 1 || r.seen.alarmed(ReversalUnmatched) != 0 {
				t.Errorf("%d payments, %d alarms", n, r.seen.alarmed(ReversalUnmatched))
			}
			r.wantCode(r.Reverse(t.Context(), v), OK)
			r.holds()
		})
	}
}

// A17: what does not fit in all of that is not undone, and operators are told.
func TestA17_ReversalThatFindsNothing(t *testing.T) {
	for name, change := range map[string]func(*rig, *ReversalRequest){
		"another STAN":             func(_ *rig, v *ReversalRequest) { v.Original.STAN = "999999" },
		"another terminal":         func(_ *rig, v *ReversalRequest) { v.Original.Terminal = "10100002" },
		"another amount":           func(_ *rig, v *ReversalRequest) { v.Amount-- },
		"another card":             func(r *rig, v *ReversalRequest) { v.Card.PAN = mustPAN(r.t, "6037990000000022") },
		"eleven minutes after F90": func(r *rig, v *ReversalRequest) { v.Sent = stampOf(r.clock.now().Add(-11 * time.Minute)) },
		"an hour before F90":       func(r *rig, v *ReversalRequest) { v.Sent = stampOf(r.clock.now().Add(time.Hour)) },
		"F90 names no time":        func(_ *rig, v *ReversalRequest) { v.Sent = "" },
		"F90's time is no day":     func(_ *rig, v *ReversalRequest) { v.Sent = "0230120000" },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			p := r.purchase()
			r.wantCode(r.Purchase(t.Context(), p), OK)
			v := r.ownReversalOf(p, r.clock.now())
			change(r, v)
			r.wantCode(r.Reverse(t.Context(), v), OK)
			r.wantStatus(p, Approved, ByNetwork)
			if n := r.seen.alarmed(ReversalUnmatched); n != 1 {
				t.Errorf("%d alarms", n)
			}
			r.wantCode(r.Reverse(t.Context(), v), OK) // its repeat finds the tombstone
			if n := r.seen.alarmed(ReversalUnmatched); n != 1 {
				t.Errorf("%d alarms after the repeat", n)
			}
			r.holds()
		})
	}
}

// A17: of several that fit none is undone, until the card tells them apart.
func TestA17_ReversalThatFitsTwo(t *testing.T) {
	r := newRig(t)
	first, second := r.purchase(), r.purchase()
	second.STAN, second.LocalTime, second.Card.PAN = first.STAN, "120001", mustPAN(t, "6037990000000022")
	for _, p := range []*Purchase{first, second} {
		r.wantCode(r.Purchase(t.Context(), p), OK)
	}
	v := r.ownReversalOf(first, r.clock.now())
	r.wantCode(r.Reverse(t.Context(), v), OK)
	r.wantStatus(first, Approved, ByNetwork)
	r.wantStatus(second, Approved, ByNetwork)
	if n := r.seen.alarmed(ReversalUnmatched); n != 1 {
		t.Errorf("%d alarms", n)
	}
	v.Card = second.Card
	r.wantCode(r.Reverse(t.Context(), v), OK)
	r.wantStatus(first, Approved, ByNetwork)
	r.wantStatus(second, Reversing, ByTerminal)
	r.forward()
	r.holds()
}

// A17: what was declined or refused has nothing to undo, and nobody need look.
func TestA17_ReversalOfADecline(t *testing.T) {
	r := newRig(t)
	r.net.script(func(context.Context, Debit) (Answered, error) {
		return Answered{Word: SaidDeclined, Code: "51", Day: today}, nil
	})
	declined, refused := r.purchase(), r.purchase()
	r.wantCode(r.Purchase(t.Context(), declined), "51")
	refused.Amount++
	r.wantCode(r.Purchase(t.Context(), refused), InvalidAmount)
	for _, p := range []*Purchase{declined, refused} {
		before := r.payment(p)
		r.wantCode(r.Reverse(t.Context(), r.ownReversalOf(p, r.clock.now())), OK)
		if after := r.payment(p); after.Version != before.Version {
			t.Errorf("%s became %s", before.Status, after.Status)
		}
	}
	if n := r.seen.alarmed(ReversalUnmatched); n != 0 || r.count(`SELECT count(*) FROM payment`) != 2 {
		t.Errorf("%d alarms", n)
	}
	r.holds()
}

// A17: the reversal comes before its original, which its tombstone does not keep out. Its
// repeat finds it.
func TestA17_RepeatFindsTheOriginalThatCameLater(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	v := r.ownReversalOf(p, r.clock.now())
	r.wantCode(r.Reverse(t.Context(), v), OK)
	r.wantCode(r.Purchase(t.Context(), p), OK)
	r.wantCode(r.Reverse(t.Context(), v), OK)
	r.wantStatus(p, Reversing, ByTerminal)
	r.forward()
	r.holds()
}

// A17: while the look-up cannot be made nothing is promised.
func TestA17_LookUpFails(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), OK)
	v := r.ownReversalOf(p, r.clock.now())
	for range lookUps {
		r.looking <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := r.orByF90(ctx, Payment{}, fault.New(fault.NotFound, "x"), named{original: v.Original, sent: v.Sent}, v.Card.PAN); !fault.Is(err, fault.Unavailable) {
		t.Errorf("error %v", err)
	}
	r.wantCode(r.Reverse(t.Context(), v), InProgress)
	r.wantStatus(p, Approved, ByNetwork)
	for range lookUps {
		<-r.looking
	}
	r.wantCode(r.Reverse(t.Context(), v), OK)
	r.wantStatus(p, Reversing, ByTerminal)
	r.holds()
}

// A17: a status inquiry with an F12 and F13 of its own is told how the payment ended, not
// that there is none: it would be charged again. Of two it is told nothing.
func TestA17_StatusFoundByF90(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.wantCode(r.Purchase(t.Context(), p), OK)
	asked := &StatusInquiry{Original: r.ownReversalOf(p, r.clock.now()).Original, Sent: stampOf(r.clock.now())}
	a := r.Status(t.Context(), asked)
	r.wantCode(a, OK)
	if a.RRN != r.payment(p).RRN || a.Amount != p.Amount {
		t.Errorf("the answer is of another payment: %+v", a)
	}
	twin := r.purchase()
	twin.STAN, twin.LocalTime = p.STAN, "120001"
	r.wantCode(r.Purchase(t.Context(), twin), OK)
	r.wantCode(r.Status(t.Context(), asked), InProgress)
	if n := r.count(`SELECT count(*) FROM payment`); n != 2 {
		t.Errorf("%d payments", n)
	}
}

// TestInstantOfF90 takes the nearest year.
func TestInstantOfF90(t *testing.T) {
	now := time.Date(2027, 1, 1, 0, 30, 0, 0, time.UTC)
	for stamp, want := range map[string]time.Time{
		"1231235959": time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC),
		"0101000001": time.Date(2027, 1, 1, 0, 0, 1, 0, time.UTC),
	} {
		if got, err := instant(stamp, now); err != nil || !got.Equal(want) {
			t.Errorf("%s: %s, %v", stamp, got, err)
		}
	}
	for _, stamp := range []string{"", "0000000000", "123123595", "1332000000"} {
		if got, err := instant(stamp, now); err == nil {
			t.Errorf("%q is %s", stamp, got)
		}
	}
}

// TestLookUpReadsAFewMinutes: a look-up reads the blocks of its minutes, not a day of its
// agency and never a table from end to end, also among payments that came after the tables
// were last analysed.
func TestLookUpReadsAFewMinutes(t *testing.T) {
	r := newRig(t)
	const perMinute = 60
	r.fill(24*time.Hour, 12*time.Hour, perMinute)
	r.exec(`ANALYZE payment`)
	r.fill(12*time.Hour, 0, perMinute)
	r.must(r.Store.summarise(t.Context()))
	for _, ago := range []time.Duration{18 * time.Hour, 6 * time.Hour, 11 * time.Minute, 0} {
		sent := r.clock.now().Add(-ago)
		q := sought{agency: 101, terminal: "10100002", stan: "000000", amount: 1_000_000, since: sent.Add(-receiptWindow), until: sent.Add(receiptWindow)}
		fetched, whole := r.blocks(func(db DB) {
			if keys, err := (tables{db}).received(t.Context(), q); err != nil || len(keys) != 0 {
				t.Errorf("%v, %v", keys, err)
			}
		})
		if fetched*10 > whole || fetched < 10 {
			t.Errorf("%s ago: %d blocks were read of %d", ago, fetched, whole)
		}
	}
}

// fill records so many payments a minute of three agencies, from so long ago to so long ago.
func (r *rig) fill(from, to time.Duration, perMinute int) {
	r.t.Helper()
	r.exec(`INSERT INTO payment (agency, opened_on, id, rrn, amount, opened_at, send_before, deadline, fingerprint, pan_token, key_day,
			book, feed, channel, acquirer, acceptor, terminal, stan, local_time, processing, reference, price, pan_first6, pan_last4, sealed_pan)
		SELECT 101 + n % 3, (at AT TIME ZONE 'Asia/Tehran')::date, gen_random_uuid(), n + 1, 1000000, at, at, at, gen_random_uuid(), gen_random_uuid(),
			(at AT TIME ZONE 'Asia/Tehran')::date, 1, false, 'pos', '581672061', '000000000000101', '10100002',
			lpad((1 + n % 999999)::text, 6, '0'), '120000', '000000', '', repeat('x', 200), '603799', '0014', decode(repeat('00', 40), 'hex')
		  FROM (SELECT n, now() - $1::interval + n * interval '1 minute' / $2 AS at FROM generate_series(0, $3::int - 1) n) AS rows`,
		from, perMinute, int((from-to).Minutes())*perMinute)
}

// blocks counts the blocks of the payments' partitions that a transaction reads, and those
// that there are.
func (r *rig) blocks(read func(DB)) (fetched, whole int) {
	r.t.Helper()
	tx, err := r.owner.Begin(r.t.Context())
	r.must(err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(r.t.Context())) }() // it only reads
	count := func() (fetched int) {
		r.must(tx.QueryRow(r.t.Context(), `SELECT coalesce(sum(pg_stat_get_xact_blocks_fetched(inhrelid)), 0)::bigint
			  FROM pg_inherits WHERE inhparent = 'payment'::regclass`).Scan(&fetched))
		return fetched
	}
	before := count() // of this connection's earlier transactions, which the server has not added up yet
	read(tx)
	fetched = count() - before
	r.must(tx.QueryRow(r.t.Context(), `SELECT coalesce(sum(pg_relation_size(inhrelid)) / 8192, 0)::bigint
		  FROM pg_inherits WHERE inhparent = 'payment'::regclass`).Scan(&whole))
	return fetched, whole
}
