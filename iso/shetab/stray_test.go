package shetab

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/iso/network"
	"treasury-switch/iso/server"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// TestD16_AnswerOfAnotherKey: F37 alone names no payment's answer. One that differs from
// the debit as it was sent in anything else is counted and named in the log, and not
// believed; one that leaves a field out, or writes a number otherwise, is.
func TestD16_AnswerOfAnotherKey(t *testing.T) {
	for name, c := range map[string]struct {
		fields  map[int]string
		differs string
	}{
		"its own":       {nil, ""},
		"F32 and F42":   {map[int]string{32: "00581672000", 42: "101            "}, ""},
		"nothing more":  {map[int]string{2: "", 3: "", 32: ""}, ""},
		"masked card":   {map[int]string{2: "6037991111110014"}, ""},
		"F11":           {map[int]string{11: "000019"}, "F11"},
		"F7":            {map[int]string{7: "0101000000"}, "F7"},
		"F41":           {map[int]string{41: "10200099"}, "F41"},
		"F41 missing":   {map[int]string{41: ""}, "F41"},
		"card":          {map[int]string{2: "6104330000000516"}, "F2"},
		"kind":          {map[int]string{3: "200000"}, "F3"},
		"acquirer":      {map[int]string{32: "627412000"}, "F32"},
		"the only 51":   {map[int]string{2: "6104330000000516", 4: "000000000001", 11: "000777", 39: "51", 41: "10200099"}, "F2 F11 F41"},
		"mis-keyed 00":  {map[int]string{11: "000777", 41: "10200099"}, "F11 F41"},
		"amount (D9)":   {map[int]string{4: "000000000001"}, ""},
		"currency (D9)": {map[int]string{49: "840"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				to := &listener{}
				b := work(t, InboxConfig{}, to)
				b.Receive(answerEvent(network.Unmatched, c.fields))
				synctest.Wait()
				if c.differs == "" {
					if len(to.late) != 1 || b.Counts()[Recorded] != 1 {
						t.Errorf("not believed: %+v", to.strays)
					}
					return
				}
				if len(to.late) != 0 || len(to.strays) != 1 || to.strays[0].differs != c.differs || b.Counts()[Misnaming] != 1 {
					t.Errorf("believed %+v, strays %+v, counted %v", to.late, to.strays, b.Counts())
				}
				if !strings.Contains(b.log.String(), "524400000017") || !strings.Contains(b.log.String(), c.differs) {
					t.Errorf("the log says %s", b.log)
				}
			})
		})
	}
}

// TestD17_ContradictionIsTold to the payment of the request, not to the one that the
// answer names.
func TestD17_ContradictionIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &listener{}
		b := work(t, InboxConfig{}, to)
		e := answerEvent(network.Contradicts, map[int]string{37: "524400000099", 42: "000000000000999"})
		e.Differs, e.Request = "F37 F42", answerEvent(network.Late, nil).Message
		b.Receive(e)
		echo := network.Event{Kind: network.Contradicts, Request: &iso.Message{MTI: iso.MTINetwork}, Message: &iso.Message{MTI: iso.MTINetworkAnswer}, Differs: "F32"}
		b.Receive(echo)
		synctest.Wait()
		if len(to.strays) != 1 || to.strays[0] != (told{agency: 101, rrn: 524400000017, differs: "F37 F42"}) || b.Counts()[Misnaming] != 2 {
			t.Errorf("told %+v, counted %v", to.strays, b.Counts())
		}
	})
}

// TestD18_StrayAnswerToAReversal: a late answer to a reversal of ours changes nothing,
// and one with another key than the reversal that is queued is told.
func TestD18_StrayAnswerToAReversal(t *testing.T) {
	answer := func(fields map[int]string) network.Event {
		e := answerEvent(network.Unmatched, map[int]string{7: "1121084607", 11: "004711"})
		e.Message.MTI = iso.MTIReversalAdviceAnswer
		for f, v := range fields {
			e.Message.Set(f, v)
		}
		return e
	}
	for name, c := range map[string]struct {
		fields  map[int]string
		differs string
		outcome Outcome
	}{
		"its own":      {nil, "", Ignored},
		"F11":          {map[int]string{11: "000018"}, "F11", Misnaming},
		"F7":           {map[int]string{7: "1121084507"}, "F7", Misnaming},
		"F41":          {map[int]string{41: "10200099"}, "F41", Misnaming},
		"other card":   {map[int]string{2: "6104330000000516"}, "F2", Misnaming},
		"of no agency": {map[int]string{42: "x              "}, "", Unreadable},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				to := &listener{}
				b := work(t, InboxConfig{}, to)
				b.Receive(answer(c.fields))
				synctest.Wait()
				if b.Counts()[c.outcome] != 1 || len(b.Counts()) != 1 || len(to.strays) > 0 && to.strays[0].differs != c.differs {
					t.Errorf("counted %v, told %+v", b.Counts(), to.strays)
				}
			})
		})
	}
}

// reversalByNetwork is a 0420 that the network sends by itself, of the payment of the
// tests.
func reversalByNetwork(mti iso.MTI, fields map[int]string) *iso.Message {
	m := &iso.Message{MTI: mti}
	for f, v := range map[int]string{2: "6037990000000014", 3: "000000", 4: "000001476112", 7: "1121093000", 11: "555001", 12: "130000",
		13: "1121", 32: "581672000", 37: "524400000017", 41: "10100001", 42: "000000000000101", 49: "364",
		90: "0200" + "000018" + "1121084507" + "00581672000" + "00000000000"} {
		m.Set(f, v)
	}
	for f, v := range fields {
		m.Set(f, v)
		if v == "" {
			m.Unset(f)
		}
	}
	return m
}

// TestD19_ReversalByTheNetwork, with real bytes: 00 once it is recorded, 12 to a request
// that may be refused, 25 where it is of no payment of ours, 30 where it cannot be read.
func TestD19_ReversalByTheNetwork(t *testing.T) {
	answers := make(chan *iso.Message, 1)
	h := newHost(t, func(_ *server.Session, m *iso.Message) *iso.Message { return nil })
	h.answered = answers
	l := connect(t, h)
	for name, c := range map[string]struct {
		mti    iso.MTI
		fields map[int]string
		code   string
		undone bool
	}{
		"advice":              {iso.MTIReversalAdvice, nil, "00", true},
		"its repeat":          {iso.MTIReversalAdviceRepeat, nil, "00", true},
		"request":             {iso.MTIReversal, nil, "00", true}, // The switch says what a request gets.
		"time not known":      {iso.MTIReversalAdvice, map[int]string{90: "0200" + "000018" + strings.Repeat("0", 32)}, "00", true},
		"of no F37":           {iso.MTIReversalAdvice, map[int]string{37: ""}, "25", false},
		"of no agency":        {iso.MTIReversalAdvice, map[int]string{42: "000000000000000"}, "25", false},
		"of another STAN":     {iso.MTIReversalAdvice, map[int]string{90: "0200" + "000019" + "1121084507" + strings.Repeat("0", 22)}, "25", true},
		"of another time":     {iso.MTIReversalAdvice, map[int]string{90: "0200" + "000018" + "1121084508" + strings.Repeat("0", 22)}, "25", true},
		"of another terminal": {iso.MTIReversalAdviceRepeat, map[int]string{41: "10200099"}, "25", true},
		"of another acquirer": {iso.MTIReversalAdvice, map[int]string{32: "", 90: "0200" + "000018" + "1121084507" + "00627412000" + strings.Repeat("0", 11)}, "25", true},
		"of another F32":      {iso.MTIReversalAdvice, map[int]string{32: "627412000"}, "25", true},
		"F90 without F32":     {iso.MTIReversalAdvice, map[int]string{90: "0200" + "000018" + "1121084507" + strings.Repeat("0", 22)}, "00", true},
		"of no F32 at all":    {iso.MTIReversalAdvice, map[int]string{32: "", 90: "0200" + "000018" + "1121084507" + strings.Repeat("0", 22)}, "00", true},
		"of a reversal":       {iso.MTIReversalAdvice, map[int]string{90: "0420" + "000018" + "1121084507" + strings.Repeat("0", 22)}, "25", true},
		"without F90":         {iso.MTIReversalAdvice, map[int]string{90: ""}, "25", true},
		"malformed":           {iso.MTIReversalAdvice, map[int]string{13: "9999"}, "30", false},
	} {
		t.Run(name, func(t *testing.T) {
			l.listener.mu.Lock()
			l.listener.undone, l.listener.foreign = nil, 0
			l.listener.mu.Unlock()
			before := l.inbox.Counts()
			m := reversalByNetwork(c.mti, c.fields)
			if err := l.session.Send(m); err != nil {
				t.Fatal(err)
			}
			answer := <-answers
			day := ""
			if c.code == "00" {
				day = "1122"
			}
			isotest.Want(t, answer, c.mti.Answer(), map[int]string{39: c.code, 4: m.Get(4), 11: "555001", 37: m.Get(37), 41: m.Get(41), 33: "581672001", 15: day})
			counted := Undone
			if c.code != "00" {
				counted = NotOurs
			}
			isotest.Eventually(t, "it was counted", func() bool { return l.inbox.Counts()[counted] == before[counted]+1 })
			l.listener.mu.Lock()
			defer l.listener.mu.Unlock()
			if told := len(l.listener.undone) == 1; told != c.undone || !told && l.listener.foreign != 1 {
				t.Errorf("told of %d, and of %d that name no payment", len(l.listener.undone), l.listener.foreign)
			}
			if c.undone && l.listener.undone[0].advice != (c.mti != iso.MTIReversal) {
				t.Errorf("advice is %t", l.listener.undone[0].advice)
			}
		})
	}
}

// TestReversalByTheNetworkWithoutRoom is answered 96, so that it comes again, and nothing
// is lost.
func TestReversalByTheNetworkWithoutRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := work(t, InboxConfig{}, &listener{})
		b.stop()
		var answer *iso.Message
		b.Receive(network.Event{Kind: network.Unserved, Message: reversalByNetwork(iso.MTIReversalAdvice, nil),
			Reply: func(a *iso.Message) error { answer = a; return nil }})
		isotest.Want(t, answer, iso.MTIReversalAdviceAnswer, map[int]string{39: "96", 11: "555001"})
		if b.Counts()[Unserved] != 1 || b.Counts()[Dropped] != 0 {
			t.Errorf("counted %v", b.Counts())
		}
		b.Receive(network.Event{Kind: network.Unserved, Message: reversalByNetwork(iso.MTIReversalAdvice, nil),
			Reply: func(*iso.Message) error { return errors.New("the link is gone") }})
		if !strings.Contains(b.log.String(), "the link is gone") {
			t.Errorf("the log says %s", b.log)
		}
	})
}

// cannotUndo is a listener with a bug that every reversal by the network meets.
type cannotUndo struct{ *listener }

func (cannotUndo) NetworkReversal(context.Context, int32, payment.RRN, bool, switching.Differs) switching.Answer {
	panic("made to fail")
}

// D22: a reversal by the network on which our work breaks off is answered 96 in the end, so that it comes again.
func TestD22_ABugOfAReversalByTheNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alarms := 0
		b := work(t, InboxConfig{Tries: 2, Alarm: func() { alarms++ }}, cannotUndo{&listener{}})
		var answer *iso.Message
		b.Receive(network.Event{Kind: network.Unserved, Message: reversalByNetwork(iso.MTIReversalAdvice, nil),
			Reply: func(a *iso.Message) error { answer = a; return nil }})
		time.Sleep(time.Minute)
		synctest.Wait()
		isotest.Want(t, answer, iso.MTIReversalAdviceAnswer, map[int]string{39: "96", 11: "555001"})
		if alarms != 2 || b.Counts()[Failed] != 1 {
			t.Errorf("%d alarms, counted %v", alarms, b.Counts())
		}
	})
}

// TestD17_RightAnswerAfterAWrongOne, over the wire: an answer that has another key, and one
// that has the key and names another payment, each of them before the right answer. The
// right one counts.
func TestD17_RightAnswerAfterAWrongOne(t *testing.T) {
	for name, wrong := range map[string]map[int]string{
		"D16, 51 with another key":       {11: "000777", 41: "10200099", 39: "51"},
		"D16, the STAN is one higher":    {11: "000019", 39: "51"},
		"D16, another time":              {7: "0101000000", 39: "51"},
		"D17, 51 of another payment":     {37: "524400000018", 39: "51"},
		"D17, 51 for another card":       {2: "6104330000000516", 39: "51"},
		"D17, 51 for another acceptor":   {42: "000000000000102", 39: "51"},
		"D17, 51 of another acquirer":    {32: "627412000", 39: "51"},
		"D17, 51 for another kind of it": {3: "200000", 39: "51"},
	} {
		t.Run(name, func(t *testing.T) {
			var l *link
			l = connect(t, newHost(t, func(s *server.Session, m *iso.Message) *iso.Message {
				if err := s.Send(answerTo(m, wrong)); err != nil {
					t.Error(err)
				}
				isotest.Eventually(t, "the wrong answer was dealt with", func() bool { return l.inbox.Counts()[Misnaming] == 1 })
				return approve(s, m)
			}))
			said, err := l.Authorise(t.Context(), debit(t))
			if err != nil || said.Word != payment.SaidApproved || said.Day != calendar.On(2026, 11, 22) {
				t.Errorf("%+v, %v", said, err)
			}
			if late, _ := l.listener.heard(); len(late) != 0 || len(l.listener.strays) != 1 {
				t.Errorf("late %+v, strays %+v", late, l.listener.strays)
			}
		})
	}
}
