package threeway

import (
	"fmt"

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
	byRRN     map[string]Payment
	byRequest map[Request]Payment
	live      map[string]Debit // by RRN
	findings  []Finding
}

func (c *comparison) find(rule, id, format string, args ...any) {
	c.findings = append(c.findings, Finding{Rule: rule, ID: id, Detail: fmt.Sprintf(format, args...)})
}

// Compare holds the three records against each other, once everything is settled: no payment without an outcome, no
// reversal queued. It returns every contradiction; none means that no money was lost and none was doubled.
func Compare(payments []Payment, debits []Debit, told []Told) []Finding {
	c := comparison{byRRN: map[string]Payment{}, byRequest: map[Request]Payment{}, live: map[string]Debit{}}
	c.ours(payments)
	c.theirs(debits)
	for _, p := range payments {
		if _, there := c.live[p.RRN]; p.Status == approved && !there {
			c.find(RulePostedDebited, p.RRN, "approved here, and no live debit of the network has its number")
		}
	}
	for _, t := range told {
		c.terminals(t)
	}
	return c.findings
}

// ours holds our own records against themselves.
func (c *comparison) ours(payments []Payment) {
	for _, p := range payments {
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
		if twin, there := c.byRequest[p.Request]; there && twin.Status == approved && p.Status == approved {
			c.find(RuleOnce, p.Request.String(), "approved as %s and as %s", twin.RRN, p.RRN)
		}
		c.byRRN[p.RRN], c.byRequest[p.Request] = p, p
	}
}

// theirs holds the network's live debits against our payments.
func (c *comparison) theirs(debits []Debit) {
	for _, d := range debits {
		if d.State != simulator.Debited {
			continue
		}
		if _, twice := c.live[d.RRN]; twice {
			c.find(RuleOnce, d.RRN, "the network has debited it twice")
		}
		c.live[d.RRN] = d
		switch p, there := c.byRRN[d.RRN]; {
		case !there:
			c.find(RuleDebitPosted, d.RRN, "debited by the network, and unknown here")
		case p.Status != approved && !p.Case:
			c.find(RuleDebitPosted, d.RRN, "debited by the network, and %s (%s) here", p.Status, p.Reason)
		case p.Status == approved && p.Amount != d.Amount:
			c.find(RuleDebitPosted, d.RRN, "%s rial debited by the network, %s here", d.Amount.Grouped(), p.Amount.Grouped())
		}
	}
}

// terminals holds what a terminal knows against our payment.
func (c *comparison) terminals(t Told) {
	p, there := c.byRequest[t.Request]
	live := there && p.Status == approved
	switch {
	case t.Reversed:
		if live {
			c.find(RuleDeclined, t.String(), "its reversal was accepted, and %s is approved", p.RRN)
		}
	case t.Reversing, t.Code == "":
		// Nobody knows more than our records.
	case t.Code == iso.RC00Approved && !live:
		c.find(RuleApproved, t.String(), "told 00, and the payment is %q (%s)", p.Status, p.Reason)
	case t.Code == iso.RC00Approved && p.Amount != t.Amount:
		c.find(RuleApproved, t.String(), "told 00 for %s rial, and the payment is of %s", t.Amount.Grouped(), p.Amount.Grouped())
	case t.Code != iso.RC00Approved && live:
		c.find(RuleDeclined, t.String(), "told %s, and %s is approved", t.Code, p.RRN)
	}
}
