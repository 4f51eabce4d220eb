package threeway

import (
	"fmt"
	"iter"

	"treasury-switch/internal/terminal"
	"treasury-switch/iso"
	"treasury-switch/money"
	"treasury-switch/simulator"
)

// Status names of a payment that the comparison looks for.
const (
	approved = "APPROVED"
	caseOpen = "CASE"
)

// Told is what a terminal knows of a purchase.
type Told struct {
	Request
	Amount money.Rial
	// Code is the final F39, "" where none came.
	Code iso.Code
	// Reversing says that the terminal sent a reversal, Reversed that it was accepted.
	Reversing, Reversed bool
}

// TellOf is what a terminal knows once it has carried a purchase through.
func TellOf(c *terminal.Carried) Told {
	m := c.Request
	return Told{
		Request: Request{Terminal: m.Get(41), STAN: m.Get(11), Local: m.Get(13) + m.Get(12)},
		Amount:  terminal.Amount(m), Code: c.Code(), Reversing: c.Reversing, Reversed: c.Reversed,
	}
}

// Debit is a debit in the card network's ledger. The names of its fields are those of the ledger that the simulator shows.
type Debit struct {
	RRN    string          `json:"rrn"`
	Amount money.Rial      `json:"amount"`
	State  simulator.State `json:"state"`
}

// DebitsOf takes from a simulator's ledger what the comparison needs.
func DebitsOf(l simulator.Ledger) []Debit {
	debits := make([]Debit, 0, len(l.Debits))
	for _, d := range l.Debits {
		debits = append(debits, Debit{RRN: d.RRN, Amount: d.Amount, State: d.State})
	}
	return debits
}

// Finding is one contradiction.
type Finding struct {
	Rule   string // one of Rules
	ID     string // the payment's RRN, or the request's terminal, STAN and time
	Detail string
}

// The rules, in the order in which a reader wants them.
const (
	RuleDebitPosted   = "every live debit of the network is approved here with its amount, or a case"
	RulePostedDebited = "every payment approved here is a live debit of the network"
	RuleLedger        = "what stands on beneficiaries' accounts is what is approved"
	RuleOnce          = "a request is approved at most once, and debited at most once"
	RuleApproved      = "a terminal that was told 00 has its payment, unless it reversed it"
	RuleDeclined      = "a terminal that was told no has no payment"
	RuleNoCase        = "nothing is left for a person to decide"
)

// Rules lists them.
var Rules = []string{RuleDebitPosted, RulePostedDebited, RuleLedger, RuleOnce, RuleApproved, RuleDeclined, RuleNoCase}

// comparison gathers the findings of one Compare.
type comparison struct {
	payments  []Payment
	byRRN     map[string]int32 // index of payments, for there may be millions
	byRequest map[Request]int32
	live      map[string]bool // RRNs of the network's live debits
	findings  []Finding
}

func (c *comparison) find(rule, id, format string, args ...any) {
	c.findings = append(c.findings, Finding{Rule: rule, ID: id, Detail: fmt.Sprintf(format, args...)})
}

// Compare holds the three records against each other, once everything is settled: no payment without an outcome, no
// reversal queued. It returns every contradiction; none means that no money was lost and none was doubled.
func Compare(payments []Payment, debits []Debit, told iter.Seq[Told]) []Finding {
	c := comparison{payments: payments, byRRN: make(map[string]int32, len(payments)), byRequest: make(map[Request]int32, len(payments)),
		live: make(map[string]bool, len(debits))}
	c.ours()
	c.theirs(debits)
	for i := range payments {
		if p := &payments[i]; p.Status == approved && !c.live[p.RRN] {
			c.find(RulePostedDebited, p.RRN, "approved here, and no live debit of the network has its number")
		}
	}
	for t := range told {
		c.terminals(&t)
	}
	return c.findings
}

// ofRequest is the payment of a request, nil if there is none.
func (c *comparison) ofRequest(r Request) *Payment {
	if i, there := c.byRequest[r]; there {
		return &c.payments[i]
	}
	return nil
}

// ours holds our own records against themselves.
func (c *comparison) ours() {
	for i := range c.payments {
		p := &c.payments[i]
		standing := money.Rial(0)
		if p.Status == approved {
			standing = p.Amount
		}
		if p.Live != standing {
			c.find(RuleLedger, p.RRN, "%s of %s rial, and %s stand on beneficiaries' accounts", p.Status, p.Amount.Grouped(), p.Live.Grouped())
		}
		if p.Case || p.Status == caseOpen {
			c.find(RuleNoCase, p.RRN, "%s (%s) has a case", p.Status, p.Reason)
		}
		if twin := c.ofRequest(p.Request); twin != nil && twin.Status == approved && p.Status == approved {
			c.find(RuleOnce, p.Request.String(), "approved as %s and as %s", twin.RRN, p.RRN)
		}
		c.byRRN[p.RRN], c.byRequest[p.Request] = int32(i), int32(i)
	}
}

// theirs holds the network's live debits against our payments.
func (c *comparison) theirs(debits []Debit) {
	for _, d := range debits {
		if d.State != simulator.Debited {
			continue
		}
		if c.live[d.RRN] {
			c.find(RuleOnce, d.RRN, "the network has debited it twice")
		}
		c.live[d.RRN] = true
		var p *Payment
		if i, there := c.byRRN[d.RRN]; there {
			p = &c.payments[i]
		}
		switch {
		case p == nil:
			c.find(RuleDebitPosted, d.RRN, "debited by the network, and unknown here")
		case p.Status != approved && !p.Case:
			c.find(RuleDebitPosted, d.RRN, "debited by the network, and %s (%s) here", p.Status, p.Reason)
		case p.Status == approved && p.Amount != d.Amount:
			c.find(RuleDebitPosted, d.RRN, "%s rial debited by the network, %s here", d.Amount.Grouped(), p.Amount.Grouped())
		}
	}
}

// terminals holds what a terminal knows against our payment.
func (c *comparison) terminals(t *Told) {
	p := c.ofRequest(t.Request)
	live := p != nil && p.Status == approved
	switch {
	case t.Reversed:
		if live {
			c.find(RuleDeclined, t.String(), "its reversal was accepted, and %s is approved", p.RRN)
		}
	case t.Reversing, t.Code == "":
		// Nobody knows more than our records.
	case t.Code == iso.RC00Approved && !live:
		status, reason := "", ""
		if p != nil {
			status, reason = p.Status, p.Reason
		}
		c.find(RuleApproved, t.String(), "told 00, and the payment is %q (%s)", status, reason)
	case t.Code == iso.RC00Approved && p.Amount != t.Amount:
		c.find(RuleApproved, t.String(), "told 00 for %s rial, and the payment is of %s", t.Amount.Grouped(), p.Amount.Grouped())
	case t.Code != iso.RC00Approved && live:
		c.find(RuleDeclined, t.String(), "told %s, and %s is approved", t.Code, p.RRN)
	}
}
