package main

import "treasury-switch/switch/cases"

func (a *app) printCases(items []cases.Item) {
	g := grid{headings: []any{"payment", "since", "because", "status", "amount", "agency", "book", "owner", "state", "proposed"}, numbers: []int{5},
		empty: "No case waits for anybody."}
	for _, i := range items {
		proposed := ""
		if i.Outcome != "" && i.State != cases.Open {
			proposed = string(i.Outcome) + " by " + i.Maker
		}
		g.add(string(i.Tracking), clock(i.OpenedAt), string(i.Reason), string(i.Status), i.Amount.Grouped(), i.Agency, i.Book.String(),
			i.Owner, string(i.State), proposed)
	}
	a.print(g)
}

// printDossier shows the cases of a payment, what was proposed, and what comes next.
func (a *app) printDossier(d cases.Dossier) {
	a.printCases(d.Cases)
	held, where := "The network has not said that it debited the card", "no money waits in suspense"
	if d.Held > 0 {
		held = "The network said that it debited " + d.Held.Grouped() + " rial"
	}
	if d.Suspense {
		where = "the money waits in suspense"
	}
	a.say("%s; %s.", held, where)
	a.printProposals(d.Proposals)
	if q := d.Last(); q != nil && q.Version == d.Version && q.Verdict == "" {
		a.say("It waits for a second person: treasury-switch cases decide %s --proposal %s --as checker", d.Tracking, q.ID())
	} else if q != nil && q.Version == d.Version && q.Verdict == cases.VerdictAccepted && !q.Done {
		a.say("It is decided and not carried out: treasury-switch cases decide %s --proposal %s --as %s", d.Tracking, q.ID(), q.Checker)
	}
}

func (a *app) printProposals(items []cases.Proposal) {
	g := grid{title: "\nProposals", headings: []any{"proposal", "outcome", "by", "at", "because", "verdict", "by", "at", "because"},
		empty: "Nobody has proposed anything."}
	for _, q := range items {
		verdict, decided := q.Verdict, ""
		if q.Verdict == cases.VerdictAccepted && !q.Done {
			verdict += ", not carried out"
		}
		if q.DecidedAt != nil {
			decided = clock(*q.DecidedAt)
		}
		g.add(q.ID(), string(q.Outcome), q.Maker, clock(q.MadeAt), q.Reason, verdict, q.Checker, decided, q.Answer)
	}
	a.print(g)
}
