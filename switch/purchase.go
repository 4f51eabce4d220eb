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
)

// Purchase carries one request through: price, intent, network, outcome,
// answer. It answers within the switch timer, and goes on in the background
// where a promise remains to be kept. The terminal's connection may be gone by
// then; that changes nothing.
func (s *Switch) Purchase(ctx context.Context, r *Purchase) Answer {
	began := s.Now()
	ctx = context.WithoutCancel(ctx)
	lists := s.Directory()
	t, ok := lists.Terminal(r.Terminal)
	if !ok || t.State != ledger.Open {
		return refuse(UnknownTerminal)
	}
	select {
	case s.inFlight <- struct{}{}:
	default:
		return s.turnAway(r, ShedInFlight)
	}
	s.work.Add(1)
	defer func() { <-s.inFlight; s.work.Done() }()
	key, print := s.key(t.Agency, r.Identity), s.fingerprint(r)
	f, first := s.flights.join(key, print)
	var a Answer
	if first {
		a = s.fly(ctx, t, r, key, print, began, f)
	} else {
		a = s.attach(f, print, began)
	}
	s.Observe.Answered(channelOf(t.Type), "purchase", a.Code, s.Now().Sub(began))
	return a
}

// fly is the first flight of a key. A panic in it answers 96 to everybody who
// is attached, and goes on to the edge, which raises the alarm.
func (s *Switch) fly(ctx context.Context, t registry.Terminal, r *Purchase, k Key, print [16]byte, began time.Time, f *flight) Answer {
	a := refuse(SystemError)
	defer func() { s.flights.land(k, f, a) }()
	a = s.purchase(ctx, t, r, k, print, began)
	return a
}

// attach waits for the twin on this node (A3, A5).
func (s *Switch) attach(f *flight, print [16]byte, began time.Time) Answer {
	if f.fingerprint != print {
		s.Observe.Alarm(ContentDiffers)
		return refuse(Duplicate)
	}
	a, ok := f.wait(s.cfg.Timers.Switch - s.Now().Sub(began))
	if !ok {
		return refuse(InProgress)
	}
	return a
}

// key is where a request's payment stands, whether it exists or not.
func (s *Switch) key(agency int32, i Identity) Key {
	hash := s.Vault.Digest("request", i.Acquirer, i.Acceptor, i.Terminal, i.STAN, i.LocalDate.String(), i.LocalTime)
	return Key{Agency: agency, OpenedOn: i.LocalDate, ID: NewID(hash, i.LocalTime)}
}

// fingerprint is the content that a repeat must not change.
func (s *Switch) fingerprint(r *Purchase) [16]byte {
	return s.Vault.Digest("content", r.Card.PAN.Reveal(), r.Processing, r.Currency, strconv.FormatInt(int64(r.Amount), 10), r.Content)
}

func channelOf(terminalType string) Channel {
	switch terminalType {
	case "43":
		return Kiosk
	case "59":
		return Web
	}
	return POS
}

func (s *Switch) purchase(ctx context.Context, t registry.Terminal, r *Purchase, k Key, print [16]byte, began time.Time) Answer {
	if r.Repeat || s.seen.has(k) {
		if a, found := s.repeat(ctx, k, print, began); found {
			return a
		}
	}
	if s.Recorder.Late(k.Agency) {
		return s.turnAway(r, ShedLate)
	}
	d := s.desk(began)
	admitted := d.admit(t, r)
	if admitted.refusal != "" && !admitted.kept {
		return refuse(admitted.refusal)
	}
	if admitted.refusal == "" && s.crowded() {
		return s.turnAway(r, ShedReversals)
	}
	limited, cancel := context.WithTimeout(ctx, s.cfg.Timers.SendBefore)
	defer cancel()
	intent, err := s.intent(limited, t, r, k, print, began, admitted)
	if err != nil {
		s.Log.Error("intent not made", "terminal", t.ID, "error", err)
		if errors.Is(err, errSerialsUsedUp) {
			return s.turnAway(r, ShedSerials)
		}
		return s.turnAway(r, ShedDatabase)
	}
	plan, err := Decide(Payment{}, Requested{Intent: intent, Refusal: admitted.refusal, Today: s.Today(t.Book)})
	if err != nil {
		return refuse(SystemError)
	}
	s.loose.add(k, intent.Deadline.Add(s.cfg.Timers.Grace))
	decided := s.Now()
	s.Observe.Spent(PartPrepare, decided.Sub(began))
	outcome, err := s.Recorder.Record(limited, &Entry{Plan: plan, At: began})
	s.Observe.Spent(PartIntent, s.Now().Sub(decided))
	switch {
	case fault.Is(err, fault.Unknown):
		return s.turnAway(r, ShedDatabase) // no byte has left, and none will; the row may turn up
	case err != nil:
		s.loose.done(k)
		return s.turnAway(r, ShedDatabase)
	case outcome != Written || admitted.refusal != "":
		s.loose.done(k)
	}
	switch {
	case outcome == Lost:
		a, _ := s.repeat(ctx, k, print, began)
		return a
	case outcome != Written:
		return refuse(SystemError)
	}
	s.seen.add(k)
	s.written(&plan, None)
	if admitted.refusal != "" {
		return s.answerOf(&plan.Payment, plan.Reply)
	}
	return s.dispatch(ctx, plan.Payment, r, began)
}

// turnAway answers a purchase for which nothing was done. 91 says that it is
// certainly not done; of a repeat only its original could say so, and that was not
// found or not looked for: 09 has the terminal ask again.
func (s *Switch) turnAway(r *Purchase, why ShedReason) Answer {
	s.Observe.Shed(why)
	if r.Repeat {
		return refuse(InProgress)
	}
	return refuse(Inoperative)
}

// crowded reports whether the queue of reversals is so long that no new debit
// may be risked. A tenth is kept free for reversals of what is in flight.
func (s *Switch) crowded() bool {
	limit := int64(s.cfg.Limits.Forward)
	return s.queued.Load() >= limit-limit/10
}

// intent makes the durable part of the payment. A refused request keeps no PAN.
func (s *Switch) intent(ctx context.Context, t registry.Terminal, r *Purchase, k Key, print [16]byte, began time.Time, a admission) (*Intent, error) {
	day := calendar.DateOf(began)
	serial, err := s.Numbers.Next(ctx, t.Agency, day, began)
	if err != nil {
		return nil, err
	}
	agency, _ := s.Directory().Agency(t.Agency)
	i := &Intent{
		Key: k, Identity: r.Identity, Book: t.Book, Channel: channelOf(t.Type), Processing: r.Processing,
		Reference: r.Reference, RRN: NewRRN(day, serial), Amount: r.Amount, Price: a.price, Fingerprint: print,
		OpenedAt: began, Deadline: began.Add(s.cfg.Timers.Switch), Feed: agency.Feed,
	}
	if a.refusal != "" {
		// What names nothing that is ours may be anything that was typed, even digits of a card: it is not kept.
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

func (s *Switch) seal(ctx context.Context, i *Intent, r *Purchase, day calendar.Date, began time.Time) error {
	sealed, err := s.Vault.Seal(ctx, day, r.Card.PAN, i.ID[:])
	if err != nil {
		return fault.New(fault.Unavailable, "seal the card number: %w", err)
	}
	i.Sealed, i.KeyDay, i.Token = sealed, day, s.Vault.Token(r.Card.PAN)
	i.First6, i.Last4 = r.Card.PAN.First6(), r.Card.PAN.Last4()
	i.SendBefore = began.Add(s.cfg.Timers.SendBefore)
	return nil
}
