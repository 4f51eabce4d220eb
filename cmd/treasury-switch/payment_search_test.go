package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/testdb"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// copyOf inserts copies of the payment of stuck, each received a second after the one before, with what differs as SQL.
func copyOf(t *testing.T, n, serial int, received time.Time, terminal, stan, processing string) {
	t.Helper()
	day := calendar.DateOf(received)
	_, err := testdb.Owner(t).Exec(t.Context(), `
		INSERT INTO payment (agency, opened_on, id, rrn, amount, opened_at, send_before, deadline, fingerprint, pan_token, key_day, book,
		       feed, channel, acquirer, acceptor, terminal, stan, local_time, processing, reference, price, pan_first6, pan_last4, sealed_pan)
		SELECT agency, $1, gen_random_uuid(), $2::bigint + i, amount, $3::timestamptz + i * interval '1 second', send_before, deadline, fingerprint,
		       pan_token, key_day, book, feed, channel, acquirer, acceptor, $4, $5, local_time, $6, reference, price, pan_first6, pan_last4, sealed_pan
		  FROM payment, generate_series(0, $7 - 1) i WHERE id = '00000000-0000-0000-0000-000000000001'`,
		day.Time(), int64(payment.NewRRN(day, int32(serial))), received, terminal, stan, processing, n)
	if err != nil {
		t.Fatal(err)
	}
}

// TestPaymentsAreFoundBySTANAndTime among others of the terminal, of other terminals and of other times.
func TestPaymentsAreFoundBySTANAndTime(t *testing.T) {
	url := sampled(t)
	code := stuck(t)
	noon := calendar.DateOf(time.Now()).Add(-3).Begins().Add(12 * time.Hour)
	copyOf(t, 1, 10, noon, "10100001", "000001", "000000")
	copyOf(t, 1, 20, noon.Add(20*time.Minute), "10100001", "000001", "000000")
	copyOf(t, 1, 30, noon, "10100001", "000002", "000000")
	copyOf(t, 1, 40, noon, "10100002", "000001", "000000")
	copyOf(t, 1, 60, noon.Add(30*time.Second), "10100001", "000004", "000000") // where the search goes on to its next stretch
	copyOf(t, 1, 70, noon.Add(-time.Minute), "10100001", "000004", "000000")
	copyOf(t, 1, 50, noon, "10100001", "000001", "") // a tombstone
	copyOf(t, switching.MostFound+5, 100, noon.Add(-10*24*time.Hour), "10100001", "000001", "000000")
	day := noon.In(calendar.Tehran).Format(time.DateOnly)
	for _, c := range []struct {
		name, args string
		serials    []int32 // of the day of noon
		today      bool    // and the one of now
		n          int
		more       bool
	}{
		{"now", "--stan 1", nil, true, 1, false},
		{"ten minutes", "--stan 000001 --since '" + day + " 11:50' --until '" + day + " 12:10:30'", []int32{10}, false, 1, false},
		{"half an hour", "--stan 1 --since '" + day + " 12:00' --until '" + day + " 12:30'", []int32{10, 20}, false, 2, false},
		{"at the end of a stretch", "--stan 4 --since '" + day + " 12:00' --until '" + day + " 12:30'", []int32{60}, false, 1, false},
		{"in UTC", "--stan 1 --since " + noon.UTC().Format(time.RFC3339) + " --until " + noon.UTC().Add(time.Minute).Format(time.RFC3339), []int32{10}, false, 1, false},
		{"a day before", "--stan 1 --until '" + day + " 12:10'", []int32{10}, false, 1, false},
		{"Jalali", "--stan 2 --since " + calendar.DateOf(noon).JalaliString(), []int32{30}, false, 1, false},
		{"all days", "--stan 1 --since " + day, []int32{10, 20}, true, 3, false},
		{"none", "--stan 3", nil, false, 0, false},
		{"many", "--stan 1 --since " + calendar.DateOf(noon).Add(-11).String(), nil, false, switching.MostFound, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			exit, out, problem := command(t, append(words("payment search --terminal 10100001 --json "+c.args), url)...)
			var found searched
			if err := json.Unmarshal([]byte(out), &found); err != nil || exit != 0 || len(found.Items) != c.n || found.More != c.more {
				t.Fatalf("%d, %v\n%s%s", exit, err, out, problem)
			}
			var got, want []string
			for _, p := range found.Items {
				got = append(got, string(p.Tracking))
			}
			for _, serial := range c.serials {
				want = append(want, string(payment.NewTracking(1, calendar.DateOf(noon), serial)))
			}
			if c.today {
				want = append(want, code)
			}
			if !c.more && !slices.Equal(got, want) {
				t.Errorf("found %v, want %v", got, want)
			}
		})
	}
}

// words divides a command line as a shell does.
func words(line string) (all []string) {
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			all = append(all, part)
		} else {
			all = append(all, strings.Fields(part)...)
		}
	}
	return all
}

// TestWhatCannotBeSearched is said.
func TestWhatCannotBeSearched(t *testing.T) {
	url := sampled(t)
	code := stuck(t)
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"--terminal 10100001 --stan 1", 0, code},
		{"--terminal 10100001 --stan 1", 0, "603799******0014"},
		{"--terminal 10100001 --stan 2", 0, "no payment with that STAN"},
		{"--terminal 10109999 --stan 1", 66, "10109999"},
		{"--terminal 10100001", 64, "--stan"},
		{"--stan 1", 64, "--terminal"},
		{"--terminal 10100001 --stan 1234567", 65, "1 to 6 digits"},
		{"--terminal 10100001 --stan x", 65, "1 to 6 digits"},
		{"--terminal 10100001 --stan 1 --since 2026-01-01 --until 2026-03-01", 65, "31 days"},
		{"--terminal 10100001 --stan 1 --since 2026-01-02 --until 2026-01-01", 65, "before it begins"},
		{"--terminal 10100001 --stan 1 --since 12:05", 65, "--since"},
		{"--terminal 10100001 --stan 1 --until '2026-11-21 25:05'", 65, "time of day"},
	} {
		if exit, out, problem := command(t, append(words("payment search "+c.args), url)...); exit != c.code || !strings.Contains(out+problem, c.says) {
			t.Errorf("%s: %d, want %d and %q in\n%s%s", c.args, exit, c.code, c.says, out, problem)
		}
	}
}
