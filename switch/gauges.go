package switching

import "treasury-switch/switch/payment"

// InFlight returns the purchases in progress and their limit.
func (s *Switch) InFlight() (now, limit int) { return len(s.inFlight), cap(s.inFlight) }

// Reversals returns the reversals that wait for the network's answer, and the limit near which new purchases are
// refused.
func (s *Switch) Reversals() (queued, limit int) { return int(s.queued.Load()), s.cfg.Limits.Forward }

// ChannelOf is the channel of a terminal; "" if it is not registered.
func (s *Switch) ChannelOf(terminal string) payment.Channel {
	t, ok := s.Directory().Terminal(terminal)
	if !ok {
		return ""
	}
	return channelOf(t.Type)
}
