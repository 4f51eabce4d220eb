package threeway

import (
	"fmt"
	"iter"

	"treasury-switch/money"
	"treasury-switch/simulator"
)

// Status names of a payment that the comparison looks for.
const (
	pending   = "PENDING"
	approved  = "APPROVED"
	reversing = "REVERSING"
	caseOpen  = "CASE"
)

// Debit is a debit in the card network's ledger. The names of its fields are those of the ledger that the simulator shows.
type Debit struct {
	RRN    string          `json:"rrn"`
	Amount money.Rial      `json:"amount"`
	State  simulator.State `json:"state"`
}

// DebitsOf converts a simulator's ledger for the comparison.
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
	RuleSettled       = "every payment has its outcome, and every reversal its answer"
	RuleDebitPosted   = "every live debit of the network is approved here with its amount, or a case"
	RulePostedDebited = "every payment approved here is a live debit of the network"
	RuleLedger        = "beneficiaries' accounts hold exactly what is approved"
	RuleOnce          = "a request is approved at most once, and debited at most once"
	RuleApproved      = "a terminal that was told 00 has its payment and its debit, unless it reversed it"
	RuleUnknown       = "a terminal that was told 68 has no payment and no debit"
	RuleDeclined      = "a terminal that was told no has no payment and no debit"
	RuleReversed      = "a terminal whose reversal was accepted has no payment and no debit, and is told 00 no more"
	RuleNoCase        = "nothing is left for a person to decide"
)

// Rules lists them.
var Rules = []string{RuleSettled, RuleDebitPosted, RulePostedDebited, RuleLedger, RuleOnce, RuleApproved, RuleUnknown, RuleDeclined,
	RuleReversed, RuleNoCase}

// comparison gathers the findings of one Compare.
type comparison struct {
	payments  []Payment
	byRRN     map[string]int32 // index of payments, for there may be millions
	byRequest map[Request]int32
	siblings  map[Request][]*Payment // of the requests that have several payments, which are few if any
	live      map[string]bool        // RRNs of the network's live debits
	findings  []Finding
}

func (c *comparison) find(rule, id, format string, args ...any) {
	c.findings = append(c.findings, Finding{Rule: rule, ID: id, Detail: fmt.Sprintf(format, args...)})
}

// Compare compares the three records once everything should be settled. It returns every contradiction; none
// means that no money was lost and none was doubled, and that whatever a terminal was told agrees with where the money is.
func Compare(payments []Payment, debits []Debit, told iter.Seq[Told]) []Finding {
	c := comparison{payments: payments, byRRN: make(map[string]int32, len(payments)), byRequest: make(map[Request]int32, len(payments)),
		siblings: map[Request][]*Payment{}, live: make(map[string]bool, len(debits))}
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

// ofRequest are the payments of a request: as a rule one, or none.
func (c *comparison) ofRequest(r Request) []*Payment {
	if several := c.siblings[r]; several != nil {
		return several
	}
	if i, there := c.byRequest[r]; there {
		return []*Payment{&c.payments[i]}
	}
	return nil
}

// ours checks our own records against themselves.
func (c *comparison) ours() {
	for i := range c.payments {
		p := &c.payments[i]
		standing := money.Rial(0)
		if p.Status == approved {
			standing = p.Amount
		}
		if p.Live != standing {
			c.find(RuleLedger, p.RRN, "%s of %s rial, and beneficiaries' accounts hold %s of it", p.Status, p.Amount.Grouped(), p.Live.Grouped())
		}
		if p.Status == pending || p.Status == reversing || p.Queued {
			c.find(RuleSettled, p.RRN, "still %s (%s)", p.Status, p.Reason)
		}
		if p.Case || p.Status == caseOpen {
			c.find(RuleNoCase, p.RRN, "%s (%s) has a case", p.Status, p.Reason)
		}
		c.alone(p)
		c.byRRN[p.RRN], c.byRequest[p.Request] = int32(i), int32(i)
	}
}

// alone checks that a request has no second approved payment, and remembers requests with several payments.
func (c *comparison) alone(p *Payment) {
	earlier := c.ofRequest(p.Request)
	for _, sibling := range earlier {
		if sibling.Status == approved && p.Status == approved {
			c.find(RuleOnce, p.Request.String(), "approved as %s and as %s", sibling.RRN, p.RRN)
		}
	}
	if len(earlier) > 0 {
		c.siblings[p.Request] = append(earlier, p)
	}
}

// theirs checks the network's live debits against our payments.
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
		c.debitedOnce(p)
	}
}

// debitedOnce checks that the debit of a payment is the only one of its request.
func (c *comparison) debitedOnce(p *Payment) {
	if p == nil {
		return
	}
	for _, sibling := range c.siblings[p.Request] {
		if sibling != p && c.live[sibling.RRN] {
			c.find(RuleOnce, p.Request.String(), "debited as %s and as %s", sibling.RRN, p.RRN)
		}
	}
}
