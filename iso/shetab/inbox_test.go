package shetab

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/iso/network"
	"treasury-switch/switch/payment"
)

// inbox is an Inbox that works, on synctest's clock.
type inbox struct {
	*Inbox
	log  *isotest.Log
	stop func() // ends it and waits
}

// work runs an inbox for a listener until the test ends.
func work(t *testing.T, config InboxConfig, to Listener) *inbox {
	t.Helper()
	b := &inbox{log: &isotest.Log{}}
	config.Dialect, config.Logger = iso.ShetabDialect(), b.log.Logger()
	config.Now = func() time.Time { return receipt }
	var err error
	if b.Inbox, err = NewInbox(config); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); b.Run(ctx, to) }()
	b.stop = func() { cancel(); <-ended }
	t.Cleanup(b.stop)
	return b
}

// answerEvent is an event about an answer to the debit of the tests.
func answerEvent(kind network.EventKind, fields map[int]string) network.Event {
	request := &iso.Message{MTI: iso.MTIPurchase}
	for f, v := range purchaseFields() {
		request.Set(f, v)
	}
	return network.Event{Kind: kind, Link: "a", Message: answerTo(request, fields)}
}

// TestAnswersNobodyWaitsFor reach their payment: late (D3, D4), duplicate (D6), and on
// another node than the request (D14).
func TestAnswersNobodyWaitsFor(t *testing.T) {
	for name, kind := range map[string]network.EventKind{
		"D3 late": network.Late, "D6 duplicate": network.Duplicate, "D14 on another node": network.Unmatched,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				to := &listener{}
				b := work(t, InboxConfig{}, to)
				b.Receive(answerEvent(kind, map[int]string{38: "123456"}))
				synctest.Wait()
				late, _ := to.heard()
				wanted := told{101, 524400000017, payment.Answered{Word: payment.SaidApproved, Code: "00", Approval: "123456",
					Amount: 1_476_112, Currency: true, Day: calendar.On(2026, 11, 22)}, ""}
				if len(late) != 1 || late[0] != wanted || b.Counts()[Recorded] != 1 {
					t.Errorf("heard %+v, want %+v, counted %v", late, wanted, b.Counts())
				}
			})
		})
	}
}

// TestD8_AnswerToNothing is counted and logged, and not tried again.
func TestD8_AnswerToNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &listener{err: func(int) error { return fault.New(fault.NotFound, "no such payment") }}
		b := work(t, InboxConfig{}, to)
		b.Receive(answerEvent(network.Unmatched, nil))
		synctest.Wait()
		if to.calls() != 1 || b.Counts()[Foreign] != 1 || !strings.Contains(b.log.String(), "524400000017") {
			t.Errorf("%d calls, counted %v, log %s", to.calls(), b.Counts(), b.log)
		}
	})
}

// TestAnswerWithoutF42 reaches its payment by the agency of its terminal.
func TestAnswerWithoutF42(t *testing.T) {
	for terminal, want := range map[string]Outcome{"10100001": Recorded, "99999999": Unreadable} {
		synctest.Test(t, func(t *testing.T) {
			to := &listener{}
			b := work(t, InboxConfig{AgencyOf: func(id string) (int32, bool) { return 101, id == "10100001" }}, to)
			b.Receive(answerEvent(network.Late, map[int]string{42: "", 41: terminal}))
			synctest.Wait()
			late, _ := to.heard()
			if b.Counts()[want] != 1 || (len(late) == 1 && late[0].agency == 101) != (want == Recorded) {
				t.Errorf("terminal %s: heard %+v, counted %v", terminal, late, b.Counts())
			}
		})
	}
}

// D22: a bug that one message meets is an alarm, counted and logged like a try that failed, and those behind it are recorded.
func TestD22_ABugOfOneAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alarms := 0
		to := &listener{err: func(call int) error {
			if call <= 2 {
				panic("made to fail")
			}
			return nil
		}}
		b := work(t, InboxConfig{Workers: 1, Tries: 2, Alarm: func() { alarms++ }}, to)
		b.Receive(answerEvent(network.Unmatched, nil))
		b.Receive(answerEvent(network.Late, nil))
		time.Sleep(time.Minute)
		synctest.Wait()
		if counts := b.Counts(); counts[Failed] != 1 || counts[Recorded] != 1 || alarms != 2 || !strings.Contains(b.log.String(), "TestD22_ABugOfOneAnswer") {
			t.Errorf("counted %v, %d alarms, log %s", counts, alarms, b.log)
		}
		b.Receive(network.Event{Kind: network.Late}) // It has no message, which a bug of the links would be.
		b.Receive(answerEvent(network.Late, nil))
		time.Sleep(time.Minute)
		synctest.Wait()
		if counts := b.Counts(); counts[Failed] != 2 || counts[Recorded] != 2 || alarms != 3 {
			t.Errorf("counted %v, %d alarms", counts, alarms)
		}
	})
}

// D22: the day of a cut-over is opened at the next try.
func TestD22_ABugAtACutOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alarms := 0
		to := &listener{err: func(call int) error {
			if call == 1 {
				panic("made to fail")
			}
			return nil
		}}
		b := work(t, InboxConfig{Alarm: func() { alarms++ }}, to)
		b.days <- calendar.On(2026, 11, 29)
		time.Sleep(time.Minute)
		synctest.Wait()
		if counts := b.Counts(); counts[DayFailed] != 1 || counts[DayOpened] != 1 || alarms != 1 {
			t.Errorf("counted %v, %d alarms", counts, alarms)
		}
	})
}

// TestAnswersThatNameNoPayment are counted and logged.
func TestAnswersThatNameNoPayment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &listener{}
		b := work(t, InboxConfig{}, to)
		for _, fields := range []map[int]string{{42: "00000000000010A"}, {42: ""}, {42: "000000000000000"}, {42: "999999999999999"},
			{37: ""}, {37: "ABCDEF000000"}, {4: ""}, {39: ""}} {
			b.Receive(answerEvent(network.Unmatched, fields))
		}
		synctest.Wait()
		if to.calls() != 0 || b.Counts()[Unreadable] != 8 {
			t.Errorf("%d calls, counted %v", to.calls(), b.Counts())
		}
	})
}

// TestOtherEvents are counted, and nothing of them reaches a payment: a reversal or a
// 0800 that was answered late is sent again.
func TestOtherEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &listener{}
		b := work(t, InboxConfig{}, to)
		for _, mti := range []iso.MTI{iso.MTIReversalAdviceAnswer, iso.MTINetworkAnswer, iso.MTITotalsAnswer} {
			for _, kind := range []network.EventKind{network.Late, network.Duplicate} {
				e := answerEvent(kind, nil)
				e.Message.MTI = mti
				b.Receive(e)
			}
		}
		for _, mti := range []iso.MTI{iso.MTINetworkAnswer, iso.MTITotalsAnswer} {
			e := answerEvent(network.Unmatched, nil)
			e.Message.MTI = mti
			b.Receive(e)
		}
		e := answerEvent(network.Untrusted, nil)
		e.Err = errors.New("the MAC is wrong")
		b.Receive(e)
		for _, kind := range []network.EventKind{network.SignedOn, network.SignedOff, network.LinkDown, network.CutOverEnd} {
			b.Receive(network.Event{Kind: kind, Link: "a"})
		}
		synctest.Wait()
		if to.calls() != 0 || b.Counts()[Ignored] != 8 || b.Counts()[Distrusted] != 1 || len(b.Counts()) != 2 || !strings.Contains(b.log.String(), "the MAC is wrong") {
			t.Errorf("%d calls, counted %v, log %s", to.calls(), b.Counts(), b.log)
		}
	})
}

// TestRecordingIsTriedAgain while the database is away, with growing pauses, and what
// is given up is counted and named in the log.
func TestRecordingIsTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		failures int
		took     time.Duration
		outcome  Outcome
	}{
		"in the end":   {4, 15 * time.Second, Recorded},
		"for too long": {5, 15 * time.Second, Failed},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				to := &listener{err: func(call int) error {
					if call <= c.failures {
						return fault.New(fault.Unavailable, "no database")
					}
					return nil
				}}
				began, done := time.Now(), make(chan Outcome, 1)
				b := work(t, InboxConfig{Observe: func(o Outcome) { done <- o }}, to)
				b.Receive(answerEvent(network.Late, nil))
				outcome, took := <-done, time.Since(began)
				synctest.Wait() // The outcome is told before it is logged.
				if outcome != c.outcome || took != c.took || b.Counts()[c.outcome] != 1 {
					t.Errorf("%s after %s, want %s after %s", outcome, took, c.outcome, c.took)
				}
				if lost := strings.Contains(b.log.String(), "rrn=524400000017"); lost != (c.outcome == Failed) {
					t.Errorf("the log says %s", b.log)
				}
			})
		})
	}
}

// TestFullQueueDropsLoudly: Receive never waits, and every answer that is dropped is
// counted and named.
func TestFullQueueDropsLoudly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &listener{hold: make(chan struct{})}
		b := work(t, InboxConfig{Queue: 2, Workers: 1}, to)
		b.Receive(answerEvent(network.Late, nil))
		synctest.Wait() // The worker holds the first.
		for _, rrn := range []string{"524400000018", "524400000019", "524400000020", "524400000021"} {
			b.Receive(answerEvent(network.Late, map[int]string{37: rrn}))
		}
		if b.Counts()[Dropped] != 2 || !strings.Contains(b.log.String(), "524400000020") || !strings.Contains(b.log.String(), "524400000021") {
			t.Errorf("counted %v, log %s", b.Counts(), b.log)
		}
		close(to.hold)
		synctest.Wait()
		if late, _ := to.heard(); len(late) != 1 || len(to.strays) != 2 {
			t.Errorf("%d and %d were carried out", len(late), len(to.strays))
		}
	})
}

// TestEndOfTheInbox: what waits is still recorded, for a time; the rest is dropped
// loudly, and so is what comes after.
func TestEndOfTheInbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &listener{hold: make(chan struct{})}
		b := work(t, InboxConfig{Workers: 1, Tries: 1}, to)
		for range 3 {
			b.Receive(answerEvent(network.Late, nil))
		}
		synctest.Wait()
		began := time.Now()
		b.stop()
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("it took %s", took)
		}
		b.Receive(answerEvent(network.Late, nil))
		if late, _ := to.heard(); len(late) != 0 || b.Counts()[Failed] != 1 || b.Counts()[Dropped] != 3 {
			t.Errorf("%d recorded, counted %v", len(late), b.Counts())
		}
	})
	synctest.Test(t, func(t *testing.T) {
		to := &listener{}
		b := work(t, InboxConfig{Workers: 1}, to)
		for range 3 {
			b.Receive(answerEvent(network.Late, nil))
		}
		b.stop()
		if late, _ := to.heard(); len(late) != 3 {
			t.Errorf("%d recorded, counted %v", len(late), b.Counts())
		}
	})
}

// TestCutOverOpensTheDay, in the year nearest to now, and however long the database is
// away: the next business day must not wait for its first payment.
func TestCutOverOpensTheDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &listener{err: func(call int) error {
			if call <= 20 {
				return fault.New(fault.Unavailable, "no database")
			}
			return nil
		}}
		opened := make(chan struct{}, 1)
		b := work(t, InboxConfig{Observe: func(o Outcome) {
			if o == DayOpened {
				opened <- struct{}{}
			}
		}}, to)
		b.Receive(network.Event{Kind: network.CutOver, Link: "a", Day: "1122"})
		<-opened
		if _, days := to.heard(); len(days) != 1 || days[0] != calendar.On(2026, 11, 22) || b.Counts()[DayFailed] != 20 {
			t.Errorf("opened %v, counted %v", days, b.Counts())
		}
		b.Receive(network.Event{Kind: network.CutOver, Link: "a", Day: "0229"})
		if b.Counts()[DayFailed] != 21 || !strings.Contains(b.log.String(), "0229") {
			t.Errorf("counted %v, log %s", b.Counts(), b.log)
		}
	})
}

// TestDayThatIsRefusedIsNotTriedAgain: trying again helps against a database that is away, and against nothing else.
func TestDayThatIsRefusedIsNotTriedAgain(t *testing.T) {
	for _, kind := range []fault.Kind{fault.Invalid, fault.Conflict} {
		synctest.Test(t, func(t *testing.T) {
			to := &listener{err: func(int) error { return fault.New(kind, "it is not to be opened") }}
			b := work(t, InboxConfig{}, to)
			b.Receive(network.Event{Kind: network.CutOver, Link: "a", Day: "1122"})
			time.Sleep(time.Hour)
			if to.calls() != 1 || b.Counts()[DayFailed] != 1 || !strings.Contains(b.log.String(), "it is not to be opened") {
				t.Errorf("%s: tried %d times, counted %v, log %s", kind, to.calls(), b.Counts(), b.log)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		to := &listener{err: func(int) error { return fault.New(fault.Unavailable, "no database") }}
		b := work(t, InboxConfig{}, to)
		b.Receive(network.Event{Kind: network.CutOver, Link: "a", Day: "1122"})
		synctest.Wait()
		b.stop() // Which ends although the day could not be opened.
		if to.calls() != 1 {
			t.Errorf("tried %d times", to.call)
		}
	})
}

// TestCutOversInOrder: days open as the network names them.
func TestCutOversInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &listener{}
		b := work(t, InboxConfig{}, to)
		for _, day := range []string{"1122", "1123", "1124"} {
			b.Receive(network.Event{Kind: network.CutOver, Day: day})
		}
		synctest.Wait()
		_, days := to.heard()
		if len(days) != 3 || days[0] >= days[1] || days[1] >= days[2] {
			t.Errorf("opened %v", days)
		}
	})
}

// TestUnservedRequest of the network is answered 12, so that it is not sent for ever.
func TestUnservedRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := work(t, InboxConfig{}, &listener{})
		m := &iso.Message{MTI: iso.MTITotals}
		for f, v := range map[int]string{7: "1121203000", 11: "000001", 12: "000000", 13: "1122", 15: "1122", 32: "581672000", 99: "999999"} {
			m.Set(f, v)
		}
		var answer *iso.Message
		b.Receive(network.Event{Kind: network.Unserved, Message: m, Reply: func(a *iso.Message) error { answer = a; return nil }})
		wantFields(t, answer, iso.MTITotalsAnswer,
			map[int]string{7: "1121203000", 11: "000001", 12: "000000", 13: "1122", 32: "581672000", 39: "12", 99: "999999"})
		b.Receive(network.Event{Kind: network.Unserved, Message: m})
		if b.Counts()[Unserved] != 2 {
			t.Errorf("counted %v", b.Counts())
		}
	})
}
