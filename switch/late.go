package switching

import (
	"context"

	"treasury-switch/switch/payment"
)

// Differs names the fields of a network message that do not match the debit of an intent, such as "F11 F41"; "" if
// all match.
type Differs func(*payment.Intent) string

// LateAnswer takes an answer to a debit that nobody on this node was waiting for: late, duplicate, or on another link
// or node than its request (D3, D4, D6, D14). The payment is found by our retrieval reference number, and the answer
// is believed only if nothing else in it differs from what was sent; otherwise it is evidence (D16), and the error is
// of kind fault.Conflict.
func (s *Switch) LateAnswer(ctx context.Context, agency int32, rrn payment.RRN, said payment.Answered, differs Differs) error {
	s.work.begin()
	defer s.work.end()
	limited, cancel := context.WithTimeout(ctx, s.cfg.Timers.Switch)
	defer cancel()
	p, err := s.Store.PaymentByRRN(limited, agency, rrn)
	if err != nil {
		return err
	}
	if err := s.isAbout(ctx, p, differs(p.Intent)); err != nil {
		return err
	}
	said.At = s.Now()
	_, err = s.applyWithin(limited, p, s.days.Judged(ctx, &p, said))
	return err
}
