package switching

import "context"

// LateAnswer takes an answer to a debit that nobody on this node was waiting
// for: late, duplicate, or on another link or node than its request (D3, D4,
// D6, D14). The payment is found in the database by our retrieval number.
func (s *Switch) LateAnswer(ctx context.Context, agency int32, rrn RRN, said Answered) error {
	s.work.Add(1)
	defer s.work.Done()
	limited, cancel := context.WithTimeout(ctx, s.cfg.Timers.Switch)
	defer cancel()
	p, err := s.Store.PaymentByRRN(limited, agency, rrn)
	if err != nil {
		return err
	}
	said.At = s.Now()
	_, err = s.applyWithin(limited, p, said)
	return err
}
