package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/testdb"
	"treasury-switch/ledger"
	"treasury-switch/registry"
)

// D21: a day that the network named and nobody believed is listed as such; two persons approve it; and neither that nor a far day that is open
// lets anybody close today.
func TestD21_AFarDayIsApprovedByTwoPersons(t *testing.T) {
	url, owner := sampled(t), testdb.Owner(t)
	today := calendar.DateOf(time.Now())
	yesterday, far, farther := today.Add(-1), today.Add(180), today.Add(300)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(ledger.OpenDay(t.Context(), owner, ledger.Live, yesterday, "cut-over", time.Now()))
	must(ledger.OpenDay(t.Context(), owner, ledger.Live, today, "cut-over", time.Now()))
	must(ledger.OpenDay(t.Context(), owner, ledger.Live, farther, "answer", time.Now())) // from a time when it was believed
	must(ledger.KeepClaim(t.Context(), owner, ledger.Claim{Book: ledger.Live, Day: far, Source: "cut-over", SaidAt: time.Now()}))
	code, out, problem := command(t, "day", "propose", far.String(), "--as", "maker", "--json", url)
	var asked registry.Request
	if err := json.Unmarshal([]byte(out), &asked); code != 0 || err != nil {
		t.Fatalf("%d %s%s", code, out, problem)
	}
	for _, step := range []struct {
		args string
		code int
		says string
	}{
		{"day close " + today.String() + " --as maker", 73, "is the current business day"},
		{"day list", 0, "too far from Tehran's date"},
		{"day list", 0, far.String()},
		{"day propose " + far.String() + " --as maker", 73, "there already"},
		{"day propose " + today.String() + " --as maker", 73, "is there already"},
		{"day propose 1405/13/01 --as maker", 65, ""},
		{"day propose " + today.Add(90).String() + " --as maker", 73, "has not named"},
		{"day propose " + far.String(), 77, "--as maker"},
		{"accounts requests", 0, "day.open"},
		{"day approve " + asked.ID + " --as maker", 77, "somebody else"},
		{"day approve " + asked.ID + " --as stranger", 77, "no member of staff"},
		{"day approve CR-NONE --as checker", 66, "CR-NONE"},
		{"day approve " + asked.ID + " --as checker", 0, "approved"},
		{"day reject " + asked.ID + " --reason no --as checker", 73, "already"},
		{"day list", 0, "is awaited is open once the network names it again"},
		{"day close " + today.String() + " --as maker", 73, "is the current business day"},
		{"day close " + far.String() + " --as maker", 73, "comes after the current business day"},
		{"day close " + yesterday.String(), 77, "say who you are"},
		{"day close " + yesterday.String() + " --as stranger", 77, "no member of staff"},
		{"day close " + yesterday.String() + " --as maker", 0, "is closed"},
		{"day list", 0, " by maker"},
		{"day close " + yesterday.String() + " --as checker", 0, "is closed"}, // and it stays the maker's
	} {
		if code, out, problem := command(t, append(strings.Fields(step.args), url)...); code != step.code || !strings.Contains(out+problem, step.says) {
			t.Errorf("%s: %d, want %d and %q in\n%s%s", step.args, code, step.code, step.says, out, problem)
		}
	}
	must(ledger.OpenDay(t.Context(), owner, ledger.Live, far, "cut-over", time.Now())) // the network names it again
	if code, _, problem := command(t, "day", "close", today.String(), "--as=maker", url); code != 73 || !strings.Contains(problem, "not over in Tehran") {
		t.Errorf("close today: %d %s", code, problem)
	}
}

// A day that two persons had believed is closed by two, and a request about it is shown with the command that decides it.
func TestADayOfTwoPersonsIsClosedByTwo(t *testing.T) {
	url, owner := sampled(t), testdb.Owner(t)
	today := calendar.DateOf(time.Now())
	believed := today.Add(-2)
	if err := ledger.KeepClaim(t.Context(), owner, ledger.Claim{Book: ledger.Live, Day: believed, Source: "cut-over", SaidAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	asks := func(args ...string) string {
		t.Helper()
		code, out, problem := command(t, append([]string{"day", "propose", believed.String(), "--as=maker", url}, args...)...)
		next := regexp.MustCompile(`treasury-switch day approve (CR-[A-Z0-9]+)`).FindStringSubmatch(out)
		if code != 0 || next == nil {
			t.Fatalf("%d %s%s", code, out, problem)
		}
		return next[1]
	}
	walk(t, url, []called{{"day approve " + asks() + " --as checker", 0, "approved"}})
	for _, day := range []calendar.Date{believed, today} {
		if err := ledger.OpenDay(t.Context(), owner, ledger.Live, day, "cut-over", time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	walk(t, url, []called{
		{"day close " + believed.String() + " --as checker", 77, "day propose --close " + believed.String()},
		{"day propose --close " + today.String() + " --as maker", 73, "is the current business day"},
	})
	request := asks("--close")
	walk(t, url, []called{
		{"accounts requests", 0, "day.close"},
		{"accounts approve " + request + " --as checker", 65, "day approve"},
		{"day approve " + request + " --as maker", 77, "somebody else"},
		{"day approve " + request + " --as checker", 0, "approved"},
		{"day list", 0, " by checker"},
	})
}
