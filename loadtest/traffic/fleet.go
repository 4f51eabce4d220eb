package traffic

import (
	"fmt"
	"math/rand/v2"
	"time"

	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/pos"
	"treasury-switch/iso"
	"treasury-switch/loadtest/wire"
)

// till is one terminal.
type till struct {
	id       [8]byte
	number   uint32 // id as a number
	acceptor [15]byte
	stan     uint32 // the last trace number
	line     int
	offers   []uint8 // what it sells
}

// trace gives the next trace number.
func (t *till) trace() uint32 {
	t.stan = t.stan%999_999 + 1
	return t.stan
}

// Till names a terminal and its agency.
type Till struct {
	ID     string // F41, eight digits
	Agency int32
}

// Fleet is the terminals of a load, what they sell, and what they know of their purchases. It drives runs one at a time.
type Fleet struct {
	Told   *Told
	offers []Offer
	tills  []till
	cards  []card
	digits [][wire.CardDigits]byte // of cards

	purchases, inquiries     []*wire.Template // by offer
	reversal, advice, echoes *wire.Template
	random                   *rand.Rand
}

// NewFleet makes terminals that share connections evenly. Each sells what its agency offers; the error is fault.Invalid where
// that is nothing.
func NewFleet(tills []Till, offers []Offer, seed uint64) (*Fleet, error) {
	f := &Fleet{Told: newTold(offers), offers: offers, random: rand.New(rand.NewPCG(seed, 1))}
	var err error
	if f.cards, err = cards(); err != nil {
		return nil, err
	}
	f.digits = make([][wire.CardDigits]byte, len(f.cards))
	for i, c := range f.cards {
		copy(f.digits[i][:], c.digits)
	}
	if err := f.pack(); err != nil {
		return nil, err
	}
	byAgency := map[int32][]uint8{}
	for i, o := range offers {
		byAgency[o.Agency] = append(byAgency[o.Agency], uint8(i))
	}
	for _, one := range tills {
		// Trace numbers begin at another value in every run, as those of terminals already in use do.
		t := till{stan: uint32(f.random.IntN(900_000)), offers: byAgency[one.Agency]}
		copy(t.id[:], one.ID)
		copy(t.acceptor[:], pos.Acceptor(one.Agency))
		if _, err := fmt.Sscanf(one.ID, "%08d", &t.number); err != nil || len(one.ID) != len(t.id) {
			return nil, fault.New(fault.Invalid, "terminal %s: want eight digits", one.ID)
		}
		if len(t.offers) == 0 {
			return nil, fault.New(fault.Invalid, "terminal %s: its agency %d offers nothing", one.ID, one.Agency)
		}
		f.tills = append(f.tills, t)
	}
	return f, nil
}

// pack makes the templates. Their values are those of any terminal, for all are patched.
func (f *Fleet) pack() (err error) {
	model := pos.New("00000000", 0, 0, func() time.Time { return time.Unix(0, 0) })
	pan, err := identity.ParsePAN(f.cards[0].digits)
	if err != nil {
		return fmt.Errorf("make the templates: %w", err)
	}
	sale := model.Purchase(pos.Sale{Card: pan, Amount: 1, Service: "ANY"})
	template := func(m *iso.Message) (t *wire.Template) {
		if err == nil {
			t, err = wire.NewTemplate(m)
		}
		return t
	}
	for _, o := range f.offers {
		purchase, inquiry := sale.Clone(), model.Tariff("ANY", 0)
		purchase.Set(iso.FieldPrivate, o.Private)
		inquiry.Set(iso.FieldPrivate, o.Private)
		f.purchases = append(f.purchases, template(purchase))
		f.inquiries = append(f.inquiries, template(inquiry))
	}
	f.reversal = template(model.Reversal(sale, false))
	f.advice = template(model.Reversal(sale, true))
	f.echoes = template(model.Echo())
	return err
}
