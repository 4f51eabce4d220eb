package simulator

import (
	"context"

	"treasury-switch/iso"
	"treasury-switch/iso/server"
)

// handle answers one well-formed message of a switch.
func (s *Simulator) handle(_ context.Context, session *server.Session, m *iso.Message) *iso.Message {
	switch {
	case m.MTI.IsAnswer():
		return nil // An 0810 to a cut-over: nothing follows from it.
	case m.MTI == iso.MTINetwork:
		return s.manage(session, m)
	case !s.links.has(session):
		return s.answer(m, iso.RC91Inoperative)
	}
	switch m.MTI.Original() {
	case iso.MTIPurchase:
		return s.deliver(session, Purchases, s.purchase(m))
	case iso.MTIReversal, iso.MTIReversalAdvice:
		return s.deliver(session, Reversals, s.reversal(m))
	}
	return s.answer(m, iso.RC12InvalidTransaction)
}

// malformed answers a message that breaks the dialect: 30 with what was readable,
// or a complete answer with the code of a well-formed value that is refused.
func (s *Simulator) malformed(_ context.Context, _ *server.Session, m *iso.Message, faults iso.Faults) *iso.Message {
	code := faults.Code()
	if code == iso.RC30FormatError || m.MTI.IsAnswer() {
		return server.Refuse(s.dialect, m, code, faults)
	}
	return s.answer(m, code)
}

// answer makes the answer to a financial message or a reversal.
func (s *Simulator) answer(m *iso.Message, code iso.Code) *iso.Message {
	answer := &iso.Message{MTI: m.MTI.Answer()}
	s.dialect.Echo(answer, m, echoed...)
	answer.Set(iso.FieldSettlement, s.days.shown(s.Day()))
	answer.Set(iso.FieldForwarder, s.config.Institution)
	answer.Set(iso.FieldCode, string(code))
	return answer
}
