package threeway

import (
	"slices"
	"testing"

	"treasury-switch/iso"
	"treasury-switch/simulator"
)

const rrn = "523600000001"

var (
	request = Request{Terminal: "10100001", STAN: "000001", Local: "1121103000"}
	posted  = Payment{RRN: rrn, Request: request, Amount: 100, Status: "APPROVED", Live: 100}
	undone  = Payment{RRN: rrn, Request: request, Amount: 100, Status: "REVERSED"}
	debit   = Debit{RRN: rrn, Amount: 100, State: simulator.Debited}
	back    = Debit{RRN: rrn, Amount: 100, State: simulator.Reversed}
)

// told is what the terminal of the one request knows.
func told(code iso.Code, change func(*Told)) Told {
	t := Told{Request: request, Amount: 100, Code: code}
	if change != nil {
		change(&t)
	}
	return t
}

// with changes a copy of a payment.
func with(p Payment, change func(*Payment)) Payment {
	change(&p)
	return p
}

// TestCompare has a row for every way in which two of the three records agree or contradict.
func TestCompare(t *testing.T) {
	otherRequest := with(posted, func(p *Payment) { p.RRN = "523600000002" })
	for _, c := range []struct {
		name   string
		ours   []Payment
		theirs []Debit
		told   []Told
		broken []string
	}{
		{"all agree", []Payment{posted}, []Debit{debit}, []Told{told("00", nil)}, nil},
		{"reversed everywhere", []Payment{undone}, []Debit{back}, []Told{told("68", nil)}, nil},
		{"declined, nothing recorded", nil, nil, []Told{told("58", nil)}, nil},
		{"reversed by the terminal", []Payment{undone}, []Debit{back},
			[]Told{told("00", func(t *Told) { t.Reversing, t.Reversed = true, true })}, nil},
		{"never told, and it stands", []Payment{posted}, []Debit{debit}, []Told{told("", nil)}, nil},
		{"debit unknown here", nil, []Debit{debit}, nil, []string{RuleDebitPosted}},
		{"debit not posted", []Payment{undone}, []Debit{debit}, nil, []string{RuleDebitPosted}},
		{"debit of another amount", []Payment{posted}, []Debit{{RRN: rrn, Amount: 99, State: simulator.Debited}}, nil,
			[]string{RuleDebitPosted}},
		{"posted without a debit", []Payment{posted}, nil, nil, []string{RulePostedDebited}},
		{"posted, and taken back there", []Payment{posted}, []Debit{back}, nil, []string{RulePostedDebited}},
		{"approved without a journal", []Payment{with(posted, func(p *Payment) { p.Live = 0 })}, []Debit{debit}, nil,
			[]string{RuleLedger}},
		{"journal of a reversed payment stands", []Payment{with(undone, func(p *Payment) { p.Live = 100 })}, nil, nil, []string{RuleLedger}},
		{"debited twice", []Payment{posted}, []Debit{debit, debit}, nil, []string{RuleOnce}},
		{"approved twice", []Payment{posted, otherRequest}, []Debit{debit, {RRN: otherRequest.RRN, Amount: 100,
			State: simulator.Debited}}, nil, []string{RuleOnce}},
		{"told 00, nothing here", nil, nil, []Told{told("00", nil)}, []string{RuleApproved}},
		{"told 00, reversed here", []Payment{undone}, nil, []Told{told("00", nil)}, []string{RuleApproved}},
		{"told 00 for another amount", []Payment{posted}, []Debit{debit}, []Told{told("00", func(t *Told) { t.Amount = 99 })},
			[]string{RuleApproved}},
		{"told no, and it stands", []Payment{posted}, []Debit{debit}, []Told{told("51", nil)}, []string{RuleDeclined}},
		{"reversal accepted, and it stands", []Payment{posted}, []Debit{debit},
			[]Told{told("00", func(t *Told) { t.Reversing, t.Reversed = true, true })}, []string{RuleDeclined}},
		{"debited, and a case", []Payment{with(undone, func(p *Payment) { p.Status, p.Case = "CASE", true })}, []Debit{debit}, nil,
			[]string{RuleNoCase}},
		{"a case", []Payment{with(undone, func(p *Payment) { p.Case = true })}, nil, nil, []string{RuleNoCase}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var broken []string
			for _, f := range Compare(c.ours, c.theirs, slices.Values(c.told)) {
				broken = append(broken, f.Rule)
			}
			if !slices.Equal(broken, c.broken) {
				t.Errorf("found %q, want %q", broken, c.broken)
			}
		})
	}
}
