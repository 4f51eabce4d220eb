package simulator

import (
	"time"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/iso"
	"treasury-switch/money"
)

// requestKey is a request's identity on the network. The acquirer is filled up with
// zeros as in F90, so that an original's F32 and a reversal's F90 give one key. The
// other parts always fill their places, as their fields do on the wire.
type requestKey struct {
	acquirer [11]byte // F32
	terminal [8]byte  // F41
	stan     [6]byte  // F11
	stamp    [10]byte // F7
}

// keyOf makes a key. Parts that do not fit are not cut off, which would make two
// requests one: they give false, and no request has such a key.
func keyOf(acquirer, terminal, stan, stamp string) (key requestKey, fits bool) {
	free := len(key.acquirer) - len(acquirer)
	if free < 0 {
		return requestKey{}, false
	}
	for i := range free {
		key.acquirer[i] = '0'
	}
	copy(key.acquirer[free:], acquirer)
	if !fill(key.terminal[:], terminal) || !fill(key.stan[:], stan) || !fill(key.stamp[:], stamp) {
		return requestKey{}, false
	}
	return key, true
}

// fill copies a text that is exactly as long as its place.
func fill(place []byte, text string) bool {
	return len(text) == len(place) && copy(place, text) == len(text)
}

// request is one decided purchase. There are millions, so it is small and holds no
// pointer: the garbage collector never looks at it. The fields from reversed on are
// guarded by the shard's lock; those before never change while it is in the book.
type request struct {
	sequence     int64 // 0 until it is in the book
	card         identity.PAN
	amount       money.Rial
	at           int64 // Unix time in nanoseconds, as all times here
	day          calendar.Date
	key          requestKey
	acquirerSize uint8    // how many of the key's digits F32 had
	rrn          [12]byte // F37
	acceptor     [15]byte // F42
	code         [2]byte  // F39

	reversed   bool  // whether the debit was taken back
	answers    int32 // faithful answers handed to a connection
	reversals  int32 // reversal messages received for it
	answeredAt int64
	reversedAt int64

	next  int32 // see store
	later int32 // see shard
}

// approved is the code of a debit.
var approved = codeBytes(iso.RC00Approved)

// codeBytes is a code as a request holds it; one that is not two characters long is
// a bug and panics.
func codeBytes(code iso.Code) [2]byte { return [2]byte([]byte(code)) }

// name sets the parts that identify the request here and for people; false means
// that one of them is not as long as on the wire.
func (r *request) name(acquirer, terminal, stan, stamp, rrn, acceptor string) (fits bool) {
	if r.key, fits = keyOf(acquirer, terminal, stan, stamp); !fits {
		return false
	}
	r.acquirerSize = uint8(len(acquirer))
	return fill(r.rrn[:], rrn) && fill(r.acceptor[:], acceptor)
}

// debited reports whether the card was debited, now reversed or not.
func (r *request) debited() bool { return r.code == approved }

// live reports whether the card is debited and the debit not reversed.
func (r *request) live() bool { return r.debited() && !r.reversed }

// same reports whether a request of the same key asks for the same thing.
func (r *request) same(other *request) bool {
	return r.card == other.card && r.amount == other.amount && r.acceptor == other.acceptor
}

// debit copies a request for people; its times are shown in a zone.
func (r *request) debit(zone *time.Location) Debit {
	d := Debit{
		Sequence: r.sequence, PAN: r.card, Amount: r.amount, Day: r.day, State: Debited,
		Answered: r.answers > 0, Answers: int(r.answers), Reversals: int(r.reversals), DebitedAt: time.Unix(0, r.at).In(zone),
	}
	r.spell(&d)
	if r.answers > 0 {
		at := time.Unix(0, r.answeredAt).In(zone)
		d.AnsweredAt = &at
	}
	if r.reversed {
		at := time.Unix(0, r.reversedAt).In(zone)
		d.State, d.ReversedAt = Reversed, &at
	}
	return d
}

// spell sets the texts of a debit. They are cut from one string, for a ledger may
// have millions of each.
func (r *request) spell(d *Debit) {
	key := &r.key
	rest := string(key.acquirer[:]) + string(key.terminal[:]) + string(key.stan[:]) + string(key.stamp[:]) +
		string(r.rrn[:]) + string(r.acceptor[:])
	take := func(n int) string {
		part := rest[:n]
		rest = rest[n:]
		return part
	}
	d.Acquirer = take(len(key.acquirer))[len(key.acquirer)-int(r.acquirerSize):]
	d.Terminal, d.STAN, d.Transmission = take(len(key.terminal)), take(len(key.stan)), take(len(key.stamp))
	d.RRN, d.Acceptor = take(len(r.rrn)), take(len(r.acceptor))
}
