package switching

import (
	"context"
	"testing"
	"time"

	"treasury-switch/internal/postgres"
)

// TestLookUpReadsAFewMinutes: a look-up reads the blocks of its minutes, not a day of its
// agency and never a table from end to end, also among payments that came after the tables
// were last analysed.
func TestLookUpReadsAFewMinutes(t *testing.T) {
	r := newRig(t)
	const perMinute = 60
	r.exec(`DO $$ DECLARE part regclass; BEGIN
		FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'payment'::regclass LOOP
			EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = false)', part); -- it would keep summarise away
		END LOOP; END $$`)
	r.fill(24*time.Hour, 12*time.Hour, perMinute)
	r.exec(`ANALYZE payment`)
	r.fill(12*time.Hour, 0, perMinute)
	r.must(r.Store.summarise(t.Context()))
	for _, ago := range []time.Duration{18 * time.Hour, 6 * time.Hour, 11 * time.Minute, 0} {
		sent := r.clock.Now().Add(-ago)
		q := sought{agency: 101, terminal: "10100002", stan: "000000", amount: 1_000_000, since: sent.Add(-receiptWindow), until: sent.Add(receiptWindow), most: mostCandidates}
		fetched, whole := r.blocks(func(db postgres.Querier) {
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
func (r *rig) blocks(read func(postgres.Querier)) (fetched, whole int) {
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
