package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
	"treasury-switch/money"
	"treasury-switch/switch/payment"
)

// End is how two persons can end a case.
type End string

const (
	// EndApproved: the card was debited for good; the money in suspense, or in clearing, goes to the beneficiaries.
	EndApproved End = "approved"
	// EndReversed: the card has its money back, or was never debited; what is in suspense goes to clearing.
	EndReversed End = "reversed"
	// EndClosed: a person has looked, and no money moves. For payments that are not in status CASE.
	EndClosed End = "closed"
)

// status is the payment's status after the end; None for EndClosed.
func (e End) status() payment.Status {
	return map[End]payment.Status{EndApproved: payment.Approved, EndReversed: payment.Reversed}[e]
}

// Proposal is a maker's proposal for a payment at a version of its history, with the checker's verdict.
type Proposal struct {
	Version     int16          `json:"version"`      // of the payment when it was proposed
	Round       int16          `json:"round"`        // 1, and one more after each proposal decided at this version
	CaseVersion int16          `json:"case_version"` // the latest case that it answers; it answers all earlier ones too
	Status      payment.Status `json:"status"`       // of the payment when it was proposed
	Outcome     End            `json:"outcome"`
	Maker       string         `json:"maker"`
	Reason      string         `json:"reason"`
	MadeAt      time.Time      `json:"made_at"`
	Verdict     string         `json:"Verdict,omitempty"` // "accepted" or "rejected"; empty: nobody has decided
	Checker     string         `json:"checker,omitempty"` // who decided; never the maker
	Answer      string         `json:"answer,omitempty"`  // why it was rejected
	DecidedAt   *time.Time     `json:"decided_at,omitempty"`
	Done        bool           `json:"done"` // accepted, and carried out
}

// The verdicts of a checker; table case_decision takes no others.
const (
	VerdictAccepted = "accepted"
	VerdictRejected = "rejected"
)

// ID identifies a proposal among those of its payment: version and round, as "3.1".
func (q *Proposal) ID() string { return fmt.Sprintf("%d.%d", q.Version, q.Round) }

// Dossier is everything about the cases of one payment.
type Dossier struct {
	Tracking  payment.Tracking `json:"tracking"`
	Agency    int32            `json:"agency"`
	Book      ledger.Book      `json:"book"`
	Status    payment.Status   `json:"status"`
	Version   int16            `json:"version"`
	Amount    money.Rial       `json:"amount"`
	Held      money.Rial       `json:"held"`      // the debit that the network reports; 0: none
	Suspense  bool             `json:"suspense"`  // the money is in suspense
	Cases     []Item           `json:"cases"`     // in the order of the payment's records
	Proposals []Proposal       `json:"proposals"` // in the order in which they were made
	payment   payment.Payment
}

// Show reads the dossier of the payment with a tracking code. fault.NotFound: there is no such payment, or it has
// never been a case.
func Show(ctx context.Context, db postgres.Querier, tracking string, now time.Time) (Dossier, error) {
	p, err := payment.LoadByTracking(ctx, db, tracking, now)
	if err != nil {
		return Dossier{}, err
	}
	d := Dossier{Tracking: p.Tracking(), Agency: p.Agency, Book: p.Book, Status: p.Status, Version: p.Version, Amount: p.Amount,
		Held: p.Held, Suspense: p.Suspended != 0, payment: p}
	if d.Cases, err = casesOf(ctx, db, p.Key); err != nil {
		return Dossier{}, fmt.Errorf("read the cases of payment %s: %w", d.Tracking, err)
	}
	if len(d.Cases) == 0 {
		return Dossier{}, fault.New(fault.NotFound, "payment %s has no case", d.Tracking)
	}
	if d.Proposals, err = proposalsOf(ctx, db, p.Key); err != nil {
		return Dossier{}, fmt.Errorf("read the proposals for payment %s: %w", d.Tracking, err)
	}
	return d, nil
}

func proposalsOf(ctx context.Context, db postgres.Querier, k payment.Key) ([]Proposal, error) {
	rows, err := db.Query(ctx, `
		SELECT q.version, q.round, q.case_version, q.status, q.outcome, q.maker, q.reason, q.made_at,
		       coalesce(d.Verdict, ''), coalesce(d.checker, ''), coalesce(d.reason, ''), d.decided_at,
		       coalesce(d.verdict = 'accepted' AND `+payment.CarriedOut+`, false)
		  FROM case_proposal q LEFT JOIN case_decision d USING (agency, opened_on, payment, version, round)
		 WHERE q.agency = $1 AND q.opened_on = $2 AND q.payment = $3 ORDER BY q.version, q.round`, k.Agency, k.OpenedOn.Time(), k.ID)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Proposal])
	if all == nil {
		all = []Proposal{}
	}
	return all, err
}

// Last is the latest proposal; nil if there is none.
func (d *Dossier) Last() *Proposal {
	if len(d.Proposals) == 0 {
		return nil
	}
	return &d.Proposals[len(d.Proposals)-1]
}

// latest is the version of the latest open case; 0 if all are answered.
func (d *Dossier) latest() (version int16) {
	for _, c := range d.Cases {
		if c.State != Answered {
			version = c.Version
		}
	}
	return version
}
