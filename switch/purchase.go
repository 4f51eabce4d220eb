package switching

import (
	"context"
	"errors"
	"strconv"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/registry"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// Purchase processes one request: price, intent, network, outcome, answer. It answers within the switch timer, with
// 09 if nothing is durable by then. The work goes on until its outcome is recorded, even if the terminal's connection
// is gone.
func (s *Switch) Purchase(ctx context.Context, r *Purchase) Answer {
	got := s.received()
	t, ok := s.Directory().Terminal(r.Terminal)
	if !ok {
		return refuse(payment.UnknownTerminal)
	}
	if in, known := s.inItsYear(ctx, t.Agency, r.Identity, got); !known {
		return refuse(payment.InProgress)
	} else if in != r.Identity {
		r = r.under(in)
	}
	key, print := s.key(t.Agency, r.Identity), s.fingerprint(r)
	f, first := s.flights.join(key, r.Identity, print)
	a := Answer{}
	switch {
	case !first:
		a = s.attach(ctx, f, t, r, key, print, got)
	case !s.startFlight(ctx, f, t, r, key, print, got):
		a = s.turnAway(r, ShedInFlight)
	case !f.wait(s.cfg.Timers.Switch - got.took()):
		a = s.inProgress(f)
	case f.unrecorded:
		a = unrecorded(r, f.answer.Code)
	default:
		a = f.answer
	}
	s.Observe.Answered(channelOf(t.Type), "purchase", a.Code, got.took())
	return a
}

// startFlight starts the work on a purchase, unless the limit of purchases in flight is reached.
func (s *Switch) startFlight(ctx context.Context, f *flight, t registry.Terminal, r *Purchase, k payment.Key, print [16]byte, got receipt) bool {
	select {
	case s.inFlight <- struct{}{}:
	default:
		f.answer, f.unrecorded = unrecorded(r, payment.Inoperative), true
		s.flights.finish(k, f)
		return false
	}
	s.work.begin()
	ctx = context.WithoutCancel(ctx)
	go s.runFlight(f, k, func() (Answer, bool) {
		defer func() { <-s.inFlight }()
		return s.purchase(ctx, f, t, r, k, print, got)
	})
	return true
}

// attach waits for the same request in progress on this node (A3, A5). A refusal of that work does not settle a
// repeat, whose original may exist: it is looked for.
func (s *Switch) attach(ctx context.Context, f *flight, t registry.Terminal, r *Purchase, k payment.Key, print [16]byte, got receipt) Answer {
	if f.fingerprint != print {
		s.Observe.Alarm(payment.ContentDiffers)
		return refuse(payment.Duplicate)
	}
	if !f.wait(s.cfg.Timers.Switch - got.took()) {
		return s.inProgress(f)
	}
	if !f.unrecorded {
		return f.answer
	}
	if r.Repeat {
		if a, found := s.repeat(ctx, k, print, got); found {
			return a
		}
	}
	return unrecorded(r, f.answer.Code)
}

// key is the primary key of a request's payment, whether it exists or not.
func (s *Switch) key(agency int32, i payment.Identity) payment.Key {
	hash := s.Vault.Digest("request", i.Acquirer, i.Acceptor, i.Terminal, i.STAN, i.LocalDate.String(), i.LocalTime)
	return payment.Key{Agency: agency, OpenedOn: i.LocalDate, ID: payment.NewID(hash, i.LocalTime)}
}

// fingerprint covers the content that a repeat must not change.
func (s *Switch) fingerprint(r *Purchase) [16]byte {
	return s.Vault.Digest("content", r.Card.PAN.Reveal(), r.Content.Operation, r.Content.Currency, strconv.FormatInt(int64(r.Amount), 10), r.Content.Text)
}

func channelOf(terminalType string) payment.Channel {
	switch terminalType {
	case "43":
		return payment.Kiosk
	case "59":
		return payment.Web
	}
	return payment.POS
}

// purchase does the work of a request. recorded is false if no record supports the answer, so that the request may
// come again as new. A refused repeat takes its identity whatever the reason: its original may still be on its way,
// and is then declined.
func (s *Switch) purchase(ctx context.Context, f *flight, t registry.Terminal, r *Purchase, k payment.Key, print [16]byte, got receipt) (a Answer, recorded bool) {
	open := t.State == ledger.Open
	if r.Repeat || !open || s.seen.has(k) {
		if a, found := s.repeat(ctx, k, print, got); found {
			return a, true
		}
	}
	if s.Recorder.Late(k.Agency) {
		return s.turnAway(r, ShedLate), false
	}
	admitted := admission{refusal: payment.UnknownTerminal}
	if open {
		ts := s.terms(got.at)
		admitted = ts.admit(t, r)
	}
	if admitted.refusal != "" && !admitted.recorded && !r.Repeat {
		// This refusal is not recorded, but the same request may be: tariffs may have changed since.
		if a, found := s.repeat(ctx, k, print, got); found {
			return a, true
		}
		return refuse(admitted.refusal), false
	}
	if admitted.refusal == "" && s.crowded() {
		return s.turnAway(r, ShedReversals), false
	}
	limited, cancel := got.within(ctx, s.cfg.Timers.SendBefore)
	defer cancel()
	intent, err := s.intent(limited, t, r, k, print, got.at, admitted)
	if err != nil {
		s.Log.Error("intent not built", "terminal", t.ID, "error", err)
		if errors.Is(err, payment.ErrSerialsUsedUp) {
			return s.turnAway(r, ShedSerials), false
		}
		return s.turnAway(r, ShedDatabase), false
	}
	plan, err := payment.Decide(payment.Payment{}, payment.Requested{Intent: intent, Refusal: admitted.refusal, Today: s.Today(t.Book)})
	if err != nil {
		return unrecorded(r, payment.SystemError), false
	}
	f.sending.Store(admitted.refusal == "")
	outcome, err := s.recordIntent(limited, plan, got)
	switch {
	case err != nil:
		return s.turnAway(r, ShedDatabase), false // no byte has left, and none will
	case outcome == recorder.Lost:
		a, found := s.repeat(ctx, k, print, got)
		if !found {
			a = refuse(payment.InProgress)
		}
		return a, found
	case outcome != recorder.Written:
		return unrecorded(r, payment.SystemError), false
	}
	f.intent.Store(intent)
	if admitted.refusal != "" {
		return s.answerOf(&plan.Payment, plan.Reply), true
	}
	return s.dispatch(ctx, plan.Payment, r, got)
}

// recordIntent makes the intent durable, or reports that it will never be sent. From here on this node ends the
// payment.
func (s *Switch) recordIntent(ctx context.Context, plan payment.Plan, got receipt) (recorder.Outcome, error) {
	k, began := plan.Payment.Key, time.Now()
	s.Observe.Spent(PartPrepare, began.Sub(got.clock))
	e := recorder.NewEntry(plan, got.at)
	before := s.unended.add(k, promised{plan.Payment.Deadline.Add(s.cfg.Timers.Grace), e})
	outcome, err := s.Recorder.Record(ctx, e)
	s.Observe.Spent(PartIntent, time.Since(began))
	switch {
	case fault.Is(err, fault.Unknown), outcome == recorder.Lost:
		// The row may still appear, or it exists and may be that of an earlier try: the payment has to be ended.
	case err != nil, outcome != recorder.Written:
		s.unended.restore(k, before)
	case plan.Payment.Status != payment.Pending:
		s.unended.done(k)
	}
	if outcome == recorder.Written {
		s.seen.add(k)
		s.written(&plan, payment.None)
	}
	return outcome, err
}

// turnAway answers 91 to a purchase for which nothing was done.
func (s *Switch) turnAway(r *Purchase, why ShedReason) Answer {
	s.Observe.Shed(why)
	return unrecorded(r, payment.Inoperative)
}

// unrecorded answers a purchase that left no record. Any code but 09 tells that it is not done; for a repeat only its
// original could tell, and that was not found or not looked for: 09 makes the terminal ask again.
func unrecorded(r *Purchase, c payment.Code) Answer {
	if r.Repeat {
		return refuse(payment.InProgress)
	}
	return refuse(c)
}

// crowded reports whether the queue of reversals is too long for new debits. A tenth of it stays free for the
// reversals of what is in flight.
func (s *Switch) crowded() bool {
	limit := int64(s.cfg.Limits.Forward)
	return s.queued.Load() >= limit-limit/10
}

// intent builds the durable part of the payment. A refused request keeps no PAN.
func (s *Switch) intent(ctx context.Context, t registry.Terminal, r *Purchase, k payment.Key, print [16]byte, began time.Time, a admission) (*payment.Intent, error) {
	day := calendar.DateOf(began)
	serial, err := s.Numbers.Next(ctx, t.Agency, day, began)
	if err != nil {
		return nil, err
	}
	agency, _ := s.Directory().Agency(t.Agency)
	i := &payment.Intent{
		Key: k, Identity: r.Identity, Book: t.Book, Channel: channelOf(t.Type), Processing: r.Content.Operation,
		Reference: r.Reference, RRN: payment.NewRRN(day, serial), Amount: r.Amount, Price: a.price, Fingerprint: print,
		OpenedAt: began, Deadline: began.Add(s.cfg.Timers.Switch), Feed: agency.Feed,
	}
	if a.refusal != "" {
		// An acceptor id that is not ours may be anything, even card digits typed by mistake: it is not stored.
		if !isAcceptor(agency, i.Acceptor) {
			i.Acceptor = ""
		}
		if _, sold := s.Directory().Service(r.Tariff.Service); sold {
			i.Price.Service = r.Tariff.Service
		}
		return i, nil
	}
	return i, s.seal(ctx, i, r, day, began)
}

func (s *Switch) seal(ctx context.Context, i *payment.Intent, r *Purchase, day calendar.Date, began time.Time) error {
	sealed, err := s.Vault.Seal(ctx, day, r.Card.PAN, i.ID[:])
	if err != nil {
		return fault.New(fault.Unavailable, "seal the card number: %w", err)
	}
	i.Sealed, i.KeyDay, i.Token = sealed, day, s.Vault.Token(r.Card.PAN)
	i.First6, i.Last4 = r.Card.PAN.First6(), r.Card.PAN.Last4()
	i.SendBefore = began.Add(s.cfg.Timers.SendBefore)
	return nil
}
