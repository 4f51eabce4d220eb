package threeway

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"treasury-switch/internal/pos"
	"treasury-switch/iso"
	"treasury-switch/simulator"
)

const rrn = "523600000001"

var (
	request = Request{Terminal: "10100001", STAN: "000001", Local: "1121103000"}
	posted  = Payment{RRN: rrn, Request: request, Amount: 100, Status: "APPROVED", Live: 100}
	taken   = Payment{RRN: rrn, Request: request, Amount: 100, Status: "REVERSED"}
	sibling = with(posted, func(p *Payment) { p.RRN = "523600000002" })
	debit   = Debit{RRN: rrn, Amount: 100, State: simulator.Debited}
	second  = Debit{RRN: sibling.RRN, Amount: 100, State: simulator.Debited}
	back    = Debit{RRN: rrn, Amount: 100, State: simulator.Reversed}
)

// told is what the terminal of the one request was told, one word after the other.
func told(words ...Word) []Told {
	for i := range words {
		if words[i].Sent == 0 {
			words[i].Sent = time.Duration(i + 1)
		}
		words[i].Heard = words[i].Sent
	}
	return []Told{{Request: request, Amount: 100, Words: words}}
}

// The words of a terminal.
func purchase(code iso.Code) Word { return Word{MTI: iso.MTIPurchase, Code: code} }
func repeat(code iso.Code) Word   { return Word{MTI: iso.MTIPurchaseRepeat, Code: code} }
func status(code iso.Code) Word   { return Word{MTI: iso.MTIInquiry, Code: code} }
func reversal(code iso.Code) Word { return Word{MTI: iso.MTIReversalAdvice, Code: code} }

// with changes a copy of a payment.
func with(p Payment, change func(*Payment)) Payment {
	change(&p)
	return p
}

type comparing struct {
	name   string
	ours   []Payment
	theirs []Debit
	told   []Told
	broken []string
}

// TestRecordsAgree has a row for every way in which the switch's and the network's records agree or contradict.
func TestRecordsAgree(t *testing.T) {
	for _, c := range []comparing{
		{"all agree", []Payment{posted}, []Debit{debit}, told(purchase("00")), nil},
		{"reversed everywhere", []Payment{taken}, []Debit{back}, told(purchase("68")), nil},
		{"declined, nothing recorded", nil, nil, told(purchase("58")), nil},
		{"never told, and it is approved", []Payment{posted}, []Debit{debit}, told(purchase("")), nil},
		{"debit unknown here", nil, []Debit{debit}, nil, []string{RuleDebitPosted}},
		{"debit not posted", []Payment{taken}, []Debit{debit}, nil, []string{RuleDebitPosted}},
		{"debit of another amount", []Payment{posted}, []Debit{{RRN: rrn, Amount: 99, State: simulator.Debited}}, nil,
			[]string{RuleDebitPosted}},
		{"debit of more", []Payment{posted}, []Debit{{RRN: rrn, Amount: 101, State: simulator.Debited}}, nil, []string{RuleDebitPosted}},
		{"posted without a debit", []Payment{posted}, nil, nil, []string{RulePostedDebited}},
		{"posted, and taken back there", []Payment{posted}, []Debit{back}, nil, []string{RulePostedDebited}},
		{"approved without a journal", []Payment{with(posted, func(p *Payment) { p.Live = 0 })}, []Debit{debit}, nil,
			[]string{RuleLedger}},
		{"journal of less", []Payment{with(posted, func(p *Payment) { p.Live = 99 })}, []Debit{debit}, nil, []string{RuleLedger}},
		{"journal of more", []Payment{with(posted, func(p *Payment) { p.Live = 101 })}, []Debit{debit}, nil, []string{RuleLedger}},
		{"journal of a reversed payment is negative", []Payment{with(taken, func(p *Payment) { p.Live = -100 })}, nil, nil, []string{RuleLedger}},
		{"journal of a reversed payment was not taken back", []Payment{with(taken, func(p *Payment) { p.Live = 100 })}, nil, nil, []string{RuleLedger}},
		{"debited twice", []Payment{posted}, []Debit{debit, debit}, nil, []string{RuleOnce}},
		{"one request approved and debited twice", []Payment{posted, sibling}, []Debit{debit, second}, nil, []string{RuleOnce, RuleOnce}},
		{"two payments of a request, one of which is approved", []Payment{taken, sibling}, []Debit{back, second}, told(purchase("00")), nil},
		{"three payments of a request, none of which is approved", []Payment{taken, with(taken, func(p *Payment) { p.RRN = sibling.RRN }),
			with(taken, func(p *Payment) { p.RRN = "523600000003" })}, []Debit{back}, told(purchase("68")), nil},
		{"three payments of a request, the first and the last of which are approved", []Payment{posted, with(taken, func(p *Payment) { p.RRN = "523600000003" }), sibling},
			[]Debit{debit, second}, nil, []string{RuleOnce, RuleOnce}},
		{"approved, and an earlier one of its request is reversed", []Payment{posted, with(taken, func(p *Payment) { p.RRN = sibling.RRN })}, []Debit{debit}, nil, nil},
		{"reversing, although nothing waits", []Payment{with(taken, func(p *Payment) { p.Status = "REVERSING" })}, nil, nil, []string{RuleSettled}},
		{"something waits, although it is reversed", []Payment{with(taken, func(p *Payment) { p.Queued = true })}, nil, nil, []string{RuleSettled}},
		{"debited with another amount, and a case", []Payment{with(taken, func(p *Payment) { p.Status, p.Case = "CASE", true })},
			[]Debit{{RRN: rrn, Amount: 99, State: simulator.Debited}}, nil, []string{RuleNoCase}},
		{"a case by its status alone", []Payment{with(taken, func(p *Payment) { p.Status = "CASE" })}, nil, nil, []string{RuleNoCase}},
		{"without an outcome", []Payment{with(taken, func(p *Payment) { p.Status = "PENDING" })}, nil, nil, []string{RuleSettled}},
		{"its reversal waits", []Payment{with(taken, func(p *Payment) { p.Status, p.Queued = "REVERSING", true })}, nil, nil,
			[]string{RuleSettled}},
		{"debited, and a case", []Payment{with(taken, func(p *Payment) { p.Status, p.Case = "CASE", true })}, []Debit{debit}, nil,
			[]string{RuleNoCase}},
		{"a case", []Payment{with(taken, func(p *Payment) { p.Case = true })}, nil, nil, []string{RuleNoCase}},
	} {
		c.run(t)
	}
}

// TestWordsAreKept has a row for everything that a terminal may be told, with the payment as it must be and as it must not be.
func TestWordsAreKept(t *testing.T) {
	held, gone := []Payment{posted}, []Payment{taken}
	there, undone := []Debit{debit}, []Debit{back}
	claimed := []Payment{with(posted, func(p *Payment) { p.Case, p.Reasons = true, "network refund_claimed" })}
	for _, c := range []comparing{
		{"told 00, nothing here", nil, nil, told(purchase("00")), []string{RuleApproved}},
		{"told 00, reversed here", gone, undone, told(purchase("00")), []string{RuleApproved}},
		{"told 00 by a repeat, reversed here", gone, undone, told(purchase(""), repeat("00")), []string{RuleApproved}},
		{"told 00 to a question, reversed here", gone, undone, told(purchase(""), status("00")), []string{RuleApproved}},
		{"told 00, the debit is gone", held, undone, told(purchase("00")), []string{RulePostedDebited, RuleApproved}},
		{"told 00 for another amount", []Payment{with(posted, func(p *Payment) { p.Amount, p.Live = 99, 99 })},
			[]Debit{{RRN: rrn, Amount: 99, State: simulator.Debited}}, told(purchase("00")), []string{RuleApproved}},
		{"told 00 for less", []Payment{with(posted, func(p *Payment) { p.Amount, p.Live = 101, 101 })},
			[]Debit{{RRN: rrn, Amount: 101, State: simulator.Debited}}, told(purchase("00")), []string{RuleApproved}},
		{"told 00, then reversed by its terminal", gone, undone, told(purchase("00"), reversal("00")), nil},
		{"told 00, its reversal not answered", gone, undone, told(purchase("00"), reversal("")), nil},
		{"told 00, its reversal not known yet", held, there, told(purchase("00"), reversal("09")), nil},
		{"told 00, its reversal not taken, and reversed all the same", gone, undone, told(purchase("00"), reversal("96")), nil},
		{"told 00, its reversal refused, and it is approved", held, there, told(purchase("00"), reversal("77")), nil},
		{"told 00, then reversed by a 0400", gone, undone, told(purchase("00"), Word{MTI: iso.MTIReversal, Code: "00"}), nil},
		{"told 00, then reversed by a repeated 0401 without an answer", gone, undone, told(purchase("00"), Word{MTI: iso.MTIReversalRepeat}), nil},
		{"told 00, its reversal refused, and reversed all the same", gone, undone, told(purchase("00"), reversal("77")), []string{RuleApproved}},
		{"told 68, and it is approved", held, there, told(purchase("68")), []string{RuleUnknown}},
		{"told 68 by a repeat, and it is approved", held, there, told(purchase("09"), repeat("68")), []string{RuleUnknown}},
		{"told 68, and it is approved without a debit", held, nil, told(purchase("68")), []string{RulePostedDebited, RuleUnknown}},
		{"told 68, debited, and a case", []Payment{with(taken, func(p *Payment) { p.Status, p.Case = "CASE", true })}, there, told(purchase("68")),
			[]string{RuleNoCase}},
		{"told 68, and the debit was not undone", gone, there, told(purchase("68")), []string{RuleDebitPosted, RuleUnknown}},
		{"told 51, and it is approved", held, there, told(purchase("51")), []string{RuleDeclined}},
		{"told 51, asked again, and it is approved", held, there, told(purchase("51"), repeat("")), []string{RuleDeclined}},
		{"told 25, and it is approved", held, there, told(purchase(""), status("25")), []string{RuleDeclined}},
		{"told 25, asked again, and it is approved", held, there, told(purchase(""), status("25"), repeat("00")), []string{RuleDeclined}},
		{"told 91, and it is approved", held, there, told(purchase("91")), []string{RuleDeclined}},
		{"told 91, then only a question, and it is approved", held, there, told(purchase("91"), status("09")), []string{RuleDeclined}},
		{"told 91, then asked again", held, there, told(purchase("91"), repeat("00")), nil},
		{"told 58 by a repeat, and it is approved", held, there, told(purchase(""), repeat("58")), []string{RuleDeclined}},
		{"told 09, and it is approved", held, there, told(purchase("09")), nil},
		{"told 09, and it is gone", gone, undone, told(purchase("09")), nil},
		{"reversal accepted, and it is approved", held, there, told(purchase("00"), reversal("00")), []string{RuleReversed}},
		{"reversal accepted, and the debit was not undone", gone, there, told(purchase(""), reversal("00")), []string{RuleDebitPosted, RuleReversed}},
		{"reversal accepted, and told 00 afterwards", gone, undone, told(reversal("00"), repeat("00")), []string{RuleReversed}},
		{"told 00 while its reversal was accepted", gone, undone, told(Word{MTI: iso.MTIReversalAdvice, Code: "00", Sent: 2},
			Word{MTI: iso.MTIPurchaseRepeat, Code: "00", Sent: 2}), nil},
		{"reversal accepted after its day was settled, and told 00 again", claimed, there, told(purchase("00"), reversal("00"), repeat("00")),
			[]string{RuleNoCase}},
		{"reversal accepted, and approved without a claim", []Payment{with(posted, func(p *Payment) { p.Reasons = "network refund" })}, there,
			told(purchase("00"), reversal("00"), repeat("00")), []string{RuleReversed, RuleReversed}},
		{"reversal accepted after its day was settled", claimed, there, told(purchase("00"), reversal("00")), []string{RuleNoCase}},
	} {
		c.run(t)
	}
}

func (c comparing) run(t *testing.T) {
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

// TestBook finds the purchase that each message is about, and passes over what is about none.
func TestBook(t *testing.T) {
	var b Book
	asked := message(iso.MTIPurchase, map[int]string{4: "000000000100", 11: "000001", 12: "103000", 13: "1121", 41: "10100001"})
	undo := message(iso.MTIReversalAdvice, map[int]string{4: "000000000100", 11: "000002", 12: "103000", 13: "1121", 41: "10100001",
		90: "020000000111210700000000000000000000000000"})
	b.Enter(undo, Word{Code: "", Sent: 1})
	b.Enter(asked, Word{Code: "12", Sent: 2, Heard: 3})
	b.Enter(message(iso.MTINetwork, map[int]string{11: "000003"}), Word{Code: "00"})
	got := slices.Collect(b.All)
	if len(got) != 1 || b.Len() != 1 || got[0].Request != request || got[0].Amount != 100 || len(got[0].Words) != 2 ||
		got[0].Words[0].MTI != iso.MTIReversalAdvice || got[0].Words[1].Code != "12" {
		t.Errorf("the book says %+v", got)
	}
}

func message(mti iso.MTI, fields map[int]string) *iso.Message {
	m := &iso.Message{MTI: mti}
	for f, value := range fields {
		m.Set(f, value)
	}
	return m
}

// TestBookOfSeveral keeps each purchase apart, with the amount of the purchase wherever it was told, in the order of their first messages.
func TestBookOfSeveral(t *testing.T) {
	var b Book
	of := func(mti iso.MTI, stan, original, amount string) *iso.Message {
		m := message(mti, map[int]string{4: amount, 11: stan, 12: "103000", 13: "1121", 41: "10100001"})
		if original != "" {
			m.Set(90, "0200"+original+"11210700000000000000000000000000")
		}
		return m
	}
	b.Enter(of(iso.MTIPurchase, "000001", "", "000000000100"), Word{Code: "00"})
	b.Enter(of(iso.MTIReversalAdvice, "000003", "000002", "000000000050"), Word{})
	b.Enter(of(iso.MTIInquiry, "000004", "000001", "000000000000"), Word{Code: "00"})
	b.Enter(of(iso.MTIReversal, "000005", "000001", "000000000070"), Word{Code: "00"})
	b.Enter(of(iso.MTIInquiry, "000006", "", "000000000000"), Word{Code: "00"}) // about no purchase
	var got []string
	for told := range b.All {
		got = append(got, fmt.Sprintf("%s %s %d", told.STAN, told.Amount, len(told.Words)))
	}
	if want := []string{"000001 100 3", "000002 50 1"}; !slices.Equal(got, want) || b.Len() != 2 {
		t.Errorf("the book says %q of %d, want %q", got, b.Len(), want)
	}
	b.Enter(of(iso.MTIPurchase, "000002", "", "000000000060"), Word{Code: "00"})
	for told := range b.All {
		got = append(got[:0], fmt.Sprintf("%s %s", told.STAN, told.Amount))
		if told.STAN == "000001" {
			continue
		}
		break
	}
	if got[0] != "000002 60" {
		t.Errorf("the purchase that came after its reversal is %q", got)
	}
	for told := range b.All {
		got = append(got[:0], told.STAN)
		break
	}
	if got[0] != "000001" {
		t.Errorf("the first is %q", got)
	}
}

// TestBookOfACarriedPurchase enters what one terminal was told, message by message.
func TestBookOfACarriedPurchase(t *testing.T) {
	var b Book
	b.Carried(&pos.Carried{
		Request:  message(iso.MTIPurchase, map[int]string{4: "000000000100", 11: "000001", 12: "103000", 13: "1121", 41: "10100001"}),
		Attempts: []pos.Attempt{{MTI: iso.MTIPurchase}, {MTI: iso.MTIPurchaseRepeat, Code: "09"}, {MTI: iso.MTIReversalAdvice, Code: "00"}},
	})
	got := slices.Collect(b.All)
	want := []Word{{MTI: iso.MTIPurchase}, {MTI: iso.MTIPurchaseRepeat, Code: "09", Sent: 1, Heard: 1}, {MTI: iso.MTIReversalAdvice, Code: "00", Sent: 2, Heard: 2}}
	if len(got) != 1 || got[0].Request != request || got[0].Amount != 100 || !slices.Equal(got[0].Words, want) {
		t.Errorf("the book says %+v", got)
	}
}

// TestDebitsOf takes every debit of the simulator's ledger as it is.
func TestDebitsOf(t *testing.T) {
	l := simulator.Ledger{Debits: []simulator.Debit{{RRN: rrn, Amount: 100, State: simulator.Debited}, {RRN: sibling.RRN, Amount: 7, State: simulator.Reversed}}}
	if got, want := DebitsOf(l), []Debit{debit, {RRN: sibling.RRN, Amount: 7, State: simulator.Reversed}}; !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
