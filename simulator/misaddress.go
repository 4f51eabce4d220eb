package simulator

import (
	"fmt"
	"strconv"

	"treasury-switch/iso"
	"treasury-switch/iso/server"
)

// misaddressings are the ways to make an answer no request's: another key, or the key and
// another payment, card, kind of transaction or institution.
var misaddressings = []func(answer *iso.Message){
	func(answer *iso.Message) { answer.Set(iso.FieldSTAN, next(answer.Get(iso.FieldSTAN))) },
	func(answer *iso.Message) { answer.Set(iso.FieldTransmission, "0101000000") },
	func(answer *iso.Message) { answer.Set(iso.FieldTerminal, "10200099") },
	func(answer *iso.Message) {
		answer.Set(iso.FieldTerminal, "10200099")
		answer.Set(iso.FieldSTAN, "000777")
	},
	func(answer *iso.Message) { answer.Set(iso.FieldRRN, next(answer.Get(iso.FieldRRN))) },
	func(answer *iso.Message) { answer.Set(iso.FieldPAN, "6104330000000516") },
	func(answer *iso.Message) { answer.Set(iso.FieldProcessing, "200000") },
	func(answer *iso.Message) { answer.Set(iso.FieldAcceptor, next(answer.Get(iso.FieldAcceptor))) },
	func(answer *iso.Message) { answer.Set(iso.FieldAcquirer, next(answer.Get(iso.FieldAcquirer))) },
}

// next is the number that follows, in as many digits.
func next(number string) string {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return number
	}
	text := fmt.Sprintf("%0*d", len(number), n+1)
	return text[len(text)-len(number):]
}

// opposite is the false code in place of a true one.
func opposite(mti iso.MTI, code iso.Code) iso.Code {
	switch {
	case code != iso.RC00Approved:
		return iso.RC00Approved
	case mti.Class() == financial:
		return iso.RC51InsufficientFunds
	}
	return iso.RC25OriginalNotFound
}

// misaddress sends what a network that confuses payments would send, and reports whether the
// answer itself follows.
func (s *Simulator) misaddress(session *server.Session, answer *iso.Message, way int) (follows bool) {
	lie := answer.Clone()
	lie.Set(iso.FieldCode, string(opposite(answer.MTI, iso.Code(answer.Get(iso.FieldCode)))))
	misaddressings[way/2%len(misaddressings)](lie)
	// If the connection has gone, the answer is lost.
	_ = session.Send(lie)
	return way%2 == 0
}
