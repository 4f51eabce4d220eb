package switching

import (
	"context"
	"time"

	"treasury-switch/internal/await"
	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// Bounds of evidence that waits for its payment's outcome, and of the polling for that.
const (
	strayLimit = 256
	strayLook  = time.Second
	strayMost  = 10 * time.Second
)

// Contradicted records that an answer had the key of a request of this payment but named another card, payment or
// acceptor (D17). The answer was not believed.
func (s *Switch) Contradicted(ctx context.Context, agency int32, rrn payment.RRN, differs string) error {
	limited, cancel := context.WithTimeout(ctx, s.cfg.Timers.Switch)
	defer cancel()
	p, err := s.Store.PaymentByRRN(limited, agency, rrn)
	if err != nil {
		return err
	}
	return s.isAbout(ctx, p, differs)
}

// LateReversalAnswer takes an answer to a reversal that nobody on this node was waiting for. The reversal is sent
// again until it is answered in time, so nothing follows from the answer; but one that does not match the queued
// reversal is evidence (D18), and the error is of kind fault.Conflict. fault.NotFound: none is queued.
func (s *Switch) LateReversalAnswer(ctx context.Context, agency int32, rrn payment.RRN, differs func(i *payment.Intent, stan int, sent time.Time) string) error {
	limited, cancel := context.WithTimeout(ctx, s.cfg.Timers.Switch)
	defer cancel()
	p, err := s.Store.PaymentByRRN(limited, agency, rrn)
	if err != nil {
		return err
	}
	stan, sent, err := s.Store.reversalSent(limited, p.Key)
	if err != nil {
		return err
	}
	return s.isAbout(ctx, p, differs(p.Intent, stan, sent))
}

// NetworkReversal takes a reversal that the network starts by itself (D19): 25 if it is not for a payment of ours;
// otherwise it opens a case, since the switch cannot tell what the network did with the money. Advice means 0420,
// which cannot be refused: 00 means that a person will look. A 0400 is refused (12) all the same. 96 asks to send it
// again.
func (s *Switch) NetworkReversal(ctx context.Context, agency int32, rrn payment.RRN, advice bool, differs Differs) Answer {
	limited, cancel := context.WithTimeout(ctx, s.cfg.Timers.Switch)
	defer cancel()
	p, err := s.Store.PaymentByRRN(limited, agency, rrn)
	if fault.Is(err, fault.NotFound) || err == nil && (!p.Sendable() || differs(p.Intent) != "") {
		return s.ForeignReversal()
	}
	var v recorder.Verdict
	if err == nil {
		v, err = s.applyWithin(limited, p, payment.NetworkReversed{Today: s.Today(p.Book)})
	}
	if err != nil {
		s.Log.Error("reversal by the network not recorded", "rrn", rrn.String(), "error", err)
		return refuse(payment.SystemError)
	}
	if !advice {
		return s.answerOf(&v.Payment, payment.InvalidRequest)
	}
	return s.answerOf(&v.Payment, v.Reply)
}

// ForeignReversal is the answer to a reversal by the network for a payment that is not ours.
func (s *Switch) ForeignReversal() Answer {
	s.Observe.Alarm(payment.ForeignReversal)
	return refuse(payment.NoOriginal)
}

// isAbout returns nil if a message matches what was sent for the payment that it names. Otherwise it is evidence:
// operators are told, and the payment is not affected.
func (s *Switch) isAbout(ctx context.Context, p payment.Payment, differs string) error {
	if !p.Sendable() {
		differs = "everything: nothing was sent for it"
	}
	if differs == "" {
		return nil
	}
	s.Observe.Alarm(payment.AnswerMismatch)
	if p.Status != payment.Pending {
		s.keepEvidence(ctx, p)
	} else {
		s.keepEvidenceLater(ctx, p)
	}
	return fault.New(fault.Conflict, "the answer is not about payment %s (tracking code %s, %s), which it names: it differs in %s",
		p.RRN, p.Tracking(), p.Status, differs)
}

// keepEvidence records that an answer named the payment but belonged to another.
func (s *Switch) keepEvidence(ctx context.Context, p payment.Payment) {
	limited, cancel := context.WithTimeout(ctx, s.cfg.Timers.Switch)
	defer cancel()
	if _, err := s.applyWithin(limited, p, payment.Misaddressed{}); err != nil {
		s.Log.Error("evidence of an answer that belonged to another payment not recorded", "rrn", p.RRN.String(), "error", err)
	}
}

// keepEvidenceLater waits for the payment's outcome, beside which the evidence is recorded. The wait is bounded: the
// log names the payment already.
func (s *Switch) keepEvidenceLater(ctx context.Context, p payment.Payment) {
	select {
	case s.strays <- struct{}{}:
	default:
		return
	}
	go func() {
		defer func() { <-s.strays }()
		_ = s.shielded("keep the evidence of an answer", func() error { s.keepEvidenceAfter(ctx, p); return nil }) // the error is logged
	}()
}

func (s *Switch) keepEvidenceAfter(ctx context.Context, p payment.Payment) {
	limited, cancel := context.WithTimeout(ctx, s.cfg.Timers.Switch+2*s.cfg.Timers.Grace) // its deadline has passed by then
	defer cancel()
	for pause := strayLook; await.Pause(limited.Done(), pause); pause = min(2*pause, strayMost) {
		if now, err := s.Store.Payment(limited, p.Key); err == nil && now.Status != payment.Pending {
			s.keepEvidence(ctx, now)
			return
		}
	}
}
