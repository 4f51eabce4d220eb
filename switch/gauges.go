package switching

import "treasury-switch/switch/payment"

// InFlight is how many purchases are being worked on, and how many may be at most.
func (s *Switch) InFlight() (now, limit int) { return len(s.inFlight), cap(s.inFlight) }

// Reversals is how many reversals wait for the network's answer, and near how many new purchases are refused.
func (s *Switch) Reversals() (queued, limit int) { return int(s.queued.Load()), s.cfg.Limits.Forward }

// ChannelOf is the channel of a terminal; "" if it is in no list.
func (s *Switch) ChannelOf(terminal string) payment.Channel {
	t, ok := s.Directory().Terminal(terminal)
	if !ok {
		return ""
	}
	return channelOf(t.Type)
}
