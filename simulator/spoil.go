package simulator

import (
	"treasury-switch/iso"
	"treasury-switch/iso/server"
)

// corruption is one way to spoil an answer: in its fields, or in its packed bytes.
type corruption struct {
	fields func(*iso.Message)
	bytes  func(packed []byte)
}

// corruptions can all be detected by the receiver. One that turned a decline into a
// believable approval would be a lie of the network, which no receiver could detect.
var corruptions = []corruption{
	{fields: otherAmount},
	// No request has this STAN.
	{fields: func(answer *iso.Message) { answer.Set(iso.FieldSTAN, "000000") }},
	// The response code is missing.
	{fields: func(answer *iso.Message) { answer.Unset(iso.FieldCode) }},
	// The last field, the currency, is not text.
	{bytes: func(packed []byte) { copy(packed[len(packed)-3:], "\xff\xff\xff") }},
	// The bitmap is unreadable.
	{bytes: func(packed []byte) { copy(packed[4:], "ZZZZ") }},
}

// otherAmount changes the amount to one that was not asked for.
func otherAmount(answer *iso.Message) {
	other := "000000000001"
	if answer.Get(iso.FieldAmount) == other {
		other = "000000000002"
	}
	answer.Set(iso.FieldAmount, other)
}

// spoil sends a corrupted copy of an answer.
func (s *Simulator) spoil(session *server.Session, answer *iso.Message, way int) {
	how := corruptions[way%len(corruptions)]
	spoilt := answer.Clone()
	if how.fields != nil {
		how.fields(spoilt)
	}
	packed, err := s.dialect.Pack(nil, spoilt)
	if err != nil {
		return // The answer is lost, which is a fault too.
	}
	if how.bytes != nil {
		how.bytes(packed)
	}
	// A connection that has gone loses the answer too.
	_ = session.SendPayload(packed)
}
