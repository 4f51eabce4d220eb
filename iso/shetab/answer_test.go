package shetab

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/iso/network"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// isoCodes reads the response codes that the wire knows out of its source, so that one
// that is added later is not forgotten here.
func isoCodes(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../code.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
			literal, isText := spec.Values[0].(*ast.BasicLit)
			if named, ok := spec.Type.(*ast.Ident); ok && named.Name == "Code" && isText {
				text, _ := strconv.Unquote(literal.Value)
				found = append(found, text)
			}
		}
		return true
	})
	if len(found) < 35 {
		t.Fatalf("only %d codes found", len(found))
	}
	return found
}

// TestEveryCodeOfAnAnswer: what each response code says about a debit.
func TestEveryCodeOfAnAnswer(t *testing.T) {
	special := map[string]payment.Word{
		"00": payment.SaidApproved, "10": payment.SaidPartial,
		"06": payment.SaidUnknown, "09": payment.SaidUnknown, "68": payment.SaidUnknown, "94": payment.SaidUnknown,
		"96": payment.SaidUnknown, "Z9": payment.SaidUnknown, "99": payment.SaidUnknown,
	}
	for _, code := range append(isoCodes(t), "Z9", "99") {
		word, named := special[code]
		if !named {
			word = payment.SaidDeclined
		}
		n, _ := answering(t, map[int]string{39: code, 38: "12345 "})
		said, err := n.Authorise(t.Context(), debit(t))
		wanted := payment.Answered{
			Word: word, Code: payment.Code(code), Approval: "12345", Amount: 1_476_112, Currency: true, Day: calendar.On(2026, 11, 22),
		}
		if err != nil || said != wanted {
			t.Errorf("%s: %+v, %v, want %+v", code, said, err, wanted)
		}
	}
}

// TestEveryCodeOfAReversal: what each response code says about a reversal. 91, 96 and
// 06 are no rejects (G10), nor is a code that nobody has heard of.
func TestEveryCodeOfAReversal(t *testing.T) {
	special := map[string]payment.ReversalWord{
		"00": payment.ReversalDone, "10": payment.ReversalDone, "21": payment.ReversalDone, "94": payment.ReversalDone,
		"25": payment.ReversalNotFound,
		"06": payment.ReversalUnclear, "09": payment.ReversalUnclear, "68": payment.ReversalUnclear,
		"84": payment.ReversalUnclear, "90": payment.ReversalUnclear, "91": payment.ReversalUnclear,
		"92": payment.ReversalUnclear, "96": payment.ReversalUnclear, "Z9": payment.ReversalUnclear,
	}
	for _, code := range append(isoCodes(t), "Z9") {
		word, named := special[code]
		if !named {
			word = payment.ReversalRefused
		}
		n, _ := answering(t, map[int]string{39: code})
		said, err := n.Reverse(t.Context(), reversal(t))
		wanted := payment.ReversalAnswered{Word: word, Code: payment.Code(code), Day: calendar.On(2026, 11, 22)}
		if err != nil || said != wanted {
			t.Errorf("%s: %+v, %v, want %+v", code, said, err, wanted)
		}
	}
}

// TestD9_AmountAndCurrencyAreTold as they stand in the answer: what they must be is the
// switch's to judge.
func TestD9_AmountAndCurrencyAreTold(t *testing.T) {
	n, _ := answering(t, map[int]string{4: "000000000001", 49: "840"})
	said, err := n.Authorise(t.Context(), debit(t))
	if err != nil || said.Amount != 1 || said.Currency {
		t.Errorf("%+v, %v", said, err)
	}
}

// TestAnswersThatCannotBeTrusted: a debit that does not say how much.
func TestAnswersThatCannotBeTrusted(t *testing.T) {
	for name, fields := range map[string]map[int]string{
		"no amount":           {4: ""},
		"no currency":         {49: ""},
		"partial, no amount":  {39: "10", 4: ""},
		"amount is no number": {4: "00000000000X"},
		"no code":             {39: ""},
	} {
		n, _ := answering(t, fields)
		_, err := n.Authorise(t.Context(), debit(t))
		if !errors.Is(err, switching.ErrUntrusted) || !fault.Is(err, fault.Unknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	n, _ := answering(t, map[int]string{39: ""})
	if _, err := n.Reverse(t.Context(), reversal(t)); !errors.Is(err, switching.ErrUntrusted) {
		t.Errorf("reversal without a code: %v", err)
	}
}

// TestDeclineNeedsNoAmount: the answer 30 to a message that the network could not read
// echoes what it could, and is final.
func TestDeclineNeedsNoAmount(t *testing.T) {
	n, _ := answering(t, map[int]string{39: "30", 4: "", 49: "", 15: "", 37: "", 2: ""})
	said, err := n.Authorise(t.Context(), debit(t))
	if err != nil || said.Word != payment.SaidDeclined || said.Code != "30" || !said.Day.IsZero() {
		t.Errorf("%+v, %v", said, err)
	}
}

// TestSettlementDateTakesTheNearestYear, also over the turn of the Gregorian year; no
// day at all is left to the switch.
func TestSettlementDateTakesTheNearestYear(t *testing.T) {
	for _, c := range []struct {
		now  time.Time
		f15  string
		want calendar.Date
	}{
		{receipt, "1121", calendar.On(2026, 11, 21)},
		{time.Date(2026, 12, 31, 19, 0, 0, 0, time.UTC), "0101", calendar.On(2027, 1, 1)},
		{time.Date(2027, 1, 1, 1, 0, 0, 0, time.UTC), "1231", calendar.On(2026, 12, 31)},
		{receipt, "0229", 0},
		{receipt, "", 0},
	} {
		links := &fakeLinks{reply: func(m *iso.Message) (*iso.Message, error) { return answerTo(m, map[int]string{15: c.f15}), nil }}
		settings := config()
		settings.Now = func() time.Time { return c.now }
		n, err := New(settings, links)
		if err != nil {
			t.Fatal(err)
		}
		said, err := n.Authorise(t.Context(), debit(t))
		if err != nil || said.Word != payment.SaidApproved || said.Day != c.want {
			t.Errorf("F15 %q at %s: %s, %v, want %s", c.f15, c.now, said.Day, err, c.want)
		}
	}
}

// TestWhatAnErrorMeans: certainly not sent, untrusted, or unknown. Only the first is
// told 91 without a reversal.
func TestWhatAnErrorMeans(t *testing.T) {
	for name, c := range map[string]struct {
		err       error
		kind      fault.Kind
		untrusted bool
	}{
		"C5 not sent":      {fault.New(fault.Unavailable, "link: %w", network.ErrNotSent), fault.Unavailable, false},
		"not a request":    {fault.New(fault.Invalid, "link: %w", network.ErrNotSent), fault.Unavailable, false},
		"D1 no answer":     {fault.New(fault.Unknown, "link: %w", network.ErrNoAnswer), fault.Unknown, false},
		"D10 untrusted":    {fault.New(fault.Unknown, "link: %w", network.ErrUntrusted), fault.Unknown, true},
		"context":          {context.DeadlineExceeded, fault.Unknown, false},
		"nobody foresaw":   {errors.New("x"), fault.Unknown, false},
		"unavailable only": {fault.New(fault.Unavailable, "x"), fault.Unknown, false},
	} {
		_, err := failing(t, c.err).Authorise(t.Context(), debit(t))
		if fault.KindOf(err) != c.kind || errors.Is(err, switching.ErrUntrusted) != c.untrusted || !errors.Is(err, c.err) {
			t.Errorf("%s: debit: %v is %s", name, err, fault.KindOf(err))
		}
		_, err = failing(t, c.err).Reverse(t.Context(), reversal(t))
		if fault.KindOf(err) != c.kind || errors.Is(err, switching.ErrUntrusted) != c.untrusted {
			t.Errorf("%s: reversal: %v is %s", name, err, fault.KindOf(err))
		}
	}
}

// TestC8_SendBefore goes to the link as it is, with its reading of the monotonic clock.
// A debit without one is certainly not sent: what is loaded from a database must never
// be sent again, and zero means never to the switch but without limit to a link.
func TestC8_SendBefore(t *testing.T) {
	n, links := answering(t, nil)
	d := debit(t)
	if _, err := n.Authorise(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if links.sendBefore != d.SendBefore || !monotonic(links.sendBefore) {
		t.Errorf("the link was given %v, the debit says %v", links.sendBefore, d.SendBefore)
	}
	for name, before := range map[string]time.Time{"zero": {}, "from a database": time.Now().Add(time.Hour).Round(0)} {
		n, links := answering(t, nil)
		d.SendBefore = before
		if _, err := n.Authorise(t.Context(), d); !fault.Is(err, fault.Unavailable) || len(links.sent) != 0 {
			t.Errorf("%s: %v, %d sent", name, err, len(links.sent))
		}
	}
	n, links = answering(t, nil)
	d = debit(t)
	d.Intent.SendBefore = time.Time{}
	if _, err := n.Authorise(t.Context(), d); !fault.Is(err, fault.Unavailable) || len(links.sent) != 0 {
		t.Errorf("an intent that was never to be sent: %v, %d sent", err, len(links.sent))
	}
}

func TestReady(t *testing.T) {
	links := &fakeLinks{}
	n := newNetwork(t, links)
	if n.Ready() {
		t.Error("ready without a link")
	}
	links.signedOn = true
	if !n.Ready() {
		t.Error("not ready with a link")
	}
}

// TestConfig refuses what cannot work.
func TestConfig(t *testing.T) {
	for _, c := range []Config{{Receiver: "1"}, {Dialect: iso.ShetabDialect()}, {Dialect: iso.ShetabDialect(), Receiver: "x"}} {
		if _, err := New(c, &fakeLinks{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for receiver, good := range map[string]bool{"12345678901": true, "1": true, "123456789012": false, "1234 ": false} {
		n, err := New(Config{Dialect: iso.ShetabDialect(), Receiver: receiver}, &fakeLinks{})
		if good != (err == nil) || good && (n.config.Now().IsZero() || n.config.Acceptor(101) != Acceptor{}) {
			t.Errorf("receiver %q: %v", receiver, err)
		}
	}
	if _, err := NewInbox(InboxConfig{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("inbox without a dialect: %v", err)
	}
}
