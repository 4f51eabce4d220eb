package server

import (
	"slices"

	"treasury-switch/iso"
)

// codeField is the field of the response code, F39.
const codeField = 39

// echoed are the fields by which a sender identifies its message: processing code, transmission time, STAN, local
// time and date, acquirer, terminal, acceptor and network management code.
var echoed = []int{3, 7, 11, 12, 13, 32, 41, 42, 70}

// Refuse makes an answer with a response code and the identity of the request, except absent and faulty fields: the
// answer to a malformed message echoes what was readable. It returns nil for a message that is itself an answer,
// because an answer is never answered.
func Refuse(dialect *iso.Dialect, m *iso.Message, code iso.Code, faults iso.Faults) *iso.Message {
	if m.MTI.IsAnswer() {
		return nil
	}
	answer := &iso.Message{MTI: m.MTI.Answer()}
	answer.Set(codeField, string(code))
	for _, f := range echoed {
		if !slices.ContainsFunc(faults, func(fault iso.Fault) bool { return fault.Field == f }) {
			dialect.Echo(answer, m, f)
		}
	}
	return answer
}
