package main

import (
	"errors"
	"fmt"
	"time"

	"treasury-switch/internal/pos"
	"treasury-switch/iso"
)

// exchanged is one exchange as it is printed for programs. Messages mask themselves.
type exchanged struct {
	Sent    time.Time    `json:"sent"`
	TookMS  int64        `json:"took_ms"`
	Code    iso.Code     `json:"code"`
	Request *iso.Message `json:"request"`
	Answer  *iso.Message `json:"answer"`
}

// printExchanges shows what was sent and what came, and says by its error how the last of them ended.
func (a *app) printExchanges(dialect *iso.Dialect, all []pos.Exchange, failure error) error {
	if len(all) > 0 && all[len(all)-1].Sent.IsZero() {
		all = all[:len(all)-1] // It was never sent: the error says why.
	}
	if a.globals.JSON {
		if err := a.printJSON(exchangesJSON(all)); err != nil {
			return err
		}
	} else {
		for _, e := range all {
			a.printExchange(dialect, e)
		}
	}
	switch {
	case errors.Is(failure, pos.ErrNoAnswer):
		fmt.Fprintf(a.err, "treasury-switch: %v\n", failure)
		return outcome(exitNoAnswer)
	case failure != nil:
		return failure
	case all[len(all)-1].Code() != iso.RC00Approved:
		return outcome(exitDeclined)
	}
	return nil
}

func exchangesJSON(all []pos.Exchange) []exchanged {
	list := make([]exchanged, 0, len(all))
	for _, e := range all {
		one := exchanged{Sent: e.Sent, Code: e.Code(), Request: e.Request, Answer: e.Answer}
		if e.Answer != nil {
			one.TookMS = e.Took().Milliseconds()
		}
		list = append(list, one)
	}
	return list
}

func (a *app) printExchange(dialect *iso.Dialect, e pos.Exchange) {
	a.say("-> %s", clock(e.Sent))
	_ = dialect.Describe(a.out, e.Request) // Nobody is left to tell if standard output is closed.
	if e.Answer == nil {
		a.say("<- no answer")
		return
	}
	a.say("<- %s  after %s", clock(e.Received), e.Took().Round(100*time.Microsecond))
	_ = dialect.Describe(a.out, e.Answer)
	if e.Request.MTI.Original() == iso.MTIPurchase && e.Code() == iso.RC00Approved {
		a.say("   To reverse it: treasury-switch send --mti 0400 --terminal %s --amount %s --original %s:%s%s", e.Request.Get(iso.FieldTerminal),
			trimZeros(e.Request.Get(iso.FieldAmount)), e.Request.Get(iso.FieldSTAN), e.Request.Get(iso.FieldLocalDate), e.Request.Get(iso.FieldLocalTime))
	}
	a.say("")
}

// trimZeros gives a padded number as a person writes it.
func trimZeros(s string) string {
	for len(s) > 1 && s[0] == '0' {
		s = s[1:]
	}
	return s
}
