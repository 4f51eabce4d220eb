package traffic

import (
	"fmt"
	"strings"

	"treasury-switch/identity"
	"treasury-switch/internal/fault"
)

// Mix is the mix of messages, in percent of the payments.
type Mix struct {
	Inquiries float64 `json:"inquiries"` // tariff inquiries on top of the payments
	Repeats   float64 `json:"repeats"`   // answered purchases that are sent again
	Reversals float64 `json:"reversals"` // approved purchases that are reversed
	Echoes    float64 `json:"echoes"`    // echoes on top of the payments
	Declines  float64 `json:"declines"`  // cards that are declined
	Silent    float64 `json:"silent"`    // cards that are not answered, or too late
}

// Mixes are the mixes with a name.
var Mixes = map[string]Mix{
	"plain":    {},
	"standard": {Inquiries: 10, Repeats: 1, Reversals: 1, Echoes: .5, Declines: 3},
	"life":     {Inquiries: 10, Repeats: 1, Reversals: 1, Echoes: .5, Declines: 3, Silent: .1},
}

// Check refuses a mix that cannot be (fault.Invalid).
func (m Mix) Check() error {
	for _, part := range []float64{m.Inquiries, m.Repeats, m.Reversals, m.Echoes, m.Declines, m.Silent} {
		if part < 0 || part > 100 {
			return fault.New(fault.Invalid, "a part of the mix is %g %%: want 0 to 100", part)
		}
	}
	if m.Repeats+m.Reversals > 100 || m.Declines+m.Silent > 100 {
		return fault.New(fault.Invalid, "repeats and reversals, and declined and silent cards, are at most 100 %% together")
	}
	return nil
}

// card is a card with the code that its payments must be answered with.
type card struct {
	digits string
	code   [2]byte
}

// The sandbox's cards that do something special (docs/sandbox.md).
var (
	declining = []card{
		{"6104330000000516", [2]byte{'5', '1'}}, {"5892100000000552", [2]byte{'5', '5'}}, {"6273530000000540", [2]byte{'5', '4'}},
		{"5022290000000612", [2]byte{'6', '1'}}, {"6037690000000911", [2]byte{'9', '1'}},
	}
	silent = []card{
		{"6219860000000688", [2]byte{'6', '8'}}, {"6274120000000960", [2]byte{'6', '8'}}, {"6221060000000699", [2]byte{'6', '8'}},
	}
)

// goodCards is the number of approving cards: as many as a country's terminals see in a few minutes, so that the result
// does not profit from few cards being used again and again.
const goodCards = 20_000

// cards are all cards of a load: the good ones, the declined ones and the silent ones, in this order.
func cards() ([]card, error) {
	all := make([]card, 0, goodCards+len(declining)+len(silent))
	for i := range goodCards {
		digits := fmt.Sprintf("603799%09d", 770_000_000+i)
		all = append(all, card{digits + luhn(digits), approved})
	}
	all = append(append(all, declining...), silent...)
	for _, c := range all {
		if _, err := identity.ParsePAN(c.digits); err != nil {
			return nil, fmt.Errorf("make the cards of the load: %w", err)
		}
	}
	return all, nil
}

// luhn is the check digit of a card number without one (ISO/IEC 7812-1).
func luhn(digits string) string {
	sum := 0
	for i, c := range digits {
		d := int(c - '0')
		if (len(digits)-i)%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return string(rune('0' + (10-sum%10)%10))
}

// Offer is something that terminals of an agency sell.
type Offer struct {
	Agency int32
	// Private is F48 of its purchases and inquiries.
	Private string
	Shares  int // beneficiaries that its price is shared among
	// Price is what the switch asks for it; it is asked before a load.
	Price int64
}

// tag is one part of F48.
func tag(name, value string) string { return fmt.Sprintf("%s%03d%s", name, len(value), value) }

// Offers are services of the sample registry, with prices of one, two and more shares.
func Offers() []Offer {
	make := func(agency int32, shares int, tags ...string) Offer {
		return Offer{Agency: agency, Shares: shares, Private: strings.Join(tags, "")}
	}
	return []Offer{
		make(101, 4, tag("SVC", "PASSPORT")),
		make(102, 1, tag("SVC", "COPY"), tag("QTY", "3")),
		make(102, 1, tag("SVC", "PETITION"), tag("QTY", "2")),
		make(102, 2, tag("SVC", "COURT-APPEAL"), tag("BAS", "40000000")),
		make(103, 2, tag("SVC", "DEED"), tag("BAS", "12345678")),
		make(104, 4, tag("SVC", "LICENCE")),
		make(104, 2, tag("SVC", "TRAFFIC-FINE"), tag("BAS", "1500001"), tag("DUE", "20261101")),
		make(108, 2, tag("SVC", "VEHICLE-TRANSFER"), tag("BAS", "900000000"), tag("OPT", "HOME"), tag("FYR", "1403")),
	}
}

// Service is the service's code.
func (o Offer) Service() string {
	if len(o.Private) < 6 {
		return ""
	}
	var n int
	if _, err := fmt.Sscanf(o.Private[3:6], "%d", &n); err != nil || 6+n > len(o.Private) {
		return ""
	}
	return o.Private[6 : 6+n]
}
