package shetab

import (
	"time"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/iso"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// pinCapture is F26: the longest PIN that a device takes (ISO 8583:1987).
const pinCapture = "12"

// terminalTypes are F25 by channel.
var terminalTypes = map[payment.Channel]string{
	payment.POS: iso.TerminalPOS, payment.Kiosk: iso.TerminalKiosk, payment.Web: iso.TerminalInternet,
}

// purchase builds the 0200 of a debit.
func (n *Network) purchase(debit switching.Debit) (*iso.Message, error) {
	intent := debit.Intent
	private, err := privateData(debit.Bill, debit.Card.CVV2)
	if err != nil {
		return nil, err
	}
	shown := n.config.Acceptor(intent.Agency)
	if shown.MerchantType == "" {
		shown.MerchantType = DefaultMerchantType
	}
	p := iso.Purchase{
		Trace:        trace(intent, intent.OpenedAt, intent.RRN.STAN()),
		Origin:       origin(intent),
		Card:         card(debit.Card),
		Processing:   intent.Processing,
		Amount:       intent.Amount,
		Capture:      captureDate(intent),
		MerchantType: shown.MerchantType,
		Country:      iso.CountryIran,
		EntryMode:    debit.Card.Entry,
		TerminalType: terminalTypes[intent.Channel],
		PINCapture:   pinCapture,
		RRN:          intent.RRN.String(),
		Place:        n.config.Dialect.EncodePlace(iso.Place{Name: shown.Name, City: shown.City, Country: "IR"}),
		Private:      identity.NewSecret(private),
		Receiver:     n.config.Receiver,
	}
	m := new(iso.Message)
	p.Encode(m)
	return m, n.check(m)
}

// reversal builds the 0420 of a reversal, or its repeat. It has a STAN and a transmission time of its own, the same
// in every repeat; the rest is the original's.
func (n *Network) reversal(r switching.Reversal) (*iso.Message, error) {
	intent := r.Intent
	v := iso.Reversal{
		Advice:     true,
		Repeat:     r.Repeat,
		Trace:      trace(intent, r.Transmission, r.STAN),
		Origin:     origin(intent),
		PAN:        r.PAN,
		Processing: intent.Processing,
		Amount:     r.Amount,
		Capture:    captureDate(intent),
		RRN:        intent.RRN.String(),
		// No forwarder: the original carried no F33.
		Original: iso.OriginalData{
			MTI: iso.MTIPurchase, STAN: iso.STANField(intent.RRN.STAN()), Stamp: iso.TransmissionTime(intent.OpenedAt),
			Acquirer: intent.Acquirer,
		},
		Receiver: n.config.Receiver,
	}
	m := new(iso.Message)
	v.Encode(m)
	return m, n.check(m)
}

// debitOf is the 0200 of a payment with the fields that an answer must match, and the displayable digits of the card.
func debitOf(i *payment.Intent) *iso.Message {
	p := iso.Purchase{Trace: trace(i, i.OpenedAt, i.RRN.STAN()), Origin: origin(i), Processing: i.Processing, RRN: i.RRN.String()}
	m := new(iso.Message)
	p.Encode(m)
	if i.First6 != "" {
		m.Set(iso.FieldPAN, i.First6+i.Last4)
	}
	return m
}

// reversalOf is the same for the 0420 of a reversal.
func reversalOf(i *payment.Intent, stan int, sent time.Time) *iso.Message {
	m := debitOf(i)
	m.MTI = iso.MTIReversalAdvice
	own := trace(i, sent, stan)
	m.Set(iso.FieldTransmission, own.Transmission)
	m.Set(iso.FieldSTAN, own.STAN)
	return m
}

// check validates a message against the presence rules before it is sent.
func (n *Network) check(m *iso.Message) error {
	return n.config.Dialect.Check(m, iso.ToNetwork).Err()
}

// trace returns F7 and F11 of a message and the terminal's F12 and F13, which a reversal keeps.
func trace(intent *payment.Intent, sent time.Time, number int) iso.Trace {
	return iso.Trace{
		Transmission: iso.TransmissionTime(sent), STAN: iso.STANField(number),
		LocalTime: intent.LocalTime, LocalDate: iso.DayField(intent.LocalDate),
	}
}

// origin is F32, F41 and F42 of the request. F32 is stored with the intent, so that a reversal names the acquirer of
// its original even if the settings have changed.
func origin(intent *payment.Intent) iso.Origin {
	return iso.Origin{Acquirer: intent.Acquirer, Terminal: intent.Terminal, Acceptor: intent.Acceptor}
}

// captureDate is F17, the day in Tehran on which the switch took the request. The network sets the business day
// (F15).
func captureDate(intent *payment.Intent) string {
	return iso.DayField(calendar.DateOf(intent.OpenedAt))
}

// card passes the cardholder's data on unchanged.
func card(c switching.Card) iso.Card {
	return iso.Card{
		PAN: c.PAN, Track2: c.Track2, Expiry: c.Expiry, PINBlock: c.PINBlock,
		Security: c.Security, ChipData: c.Chip,
	}
}

// privateData is F48 in the network's layout, with a CVV2 of zeros if the payer gave none. A bill whose payee has no
// letters in the network is sent as a plain purchase.
func privateData(b switching.Bill, cvv2 identity.CVV2) (string, error) {
	p := iso.ShetabPrivate{CVV2: cvv2, Language: iso.LanguagePersian}
	if b.Organisation != "" {
		p.Organisation, p.BillID, p.PaymentID = b.Organisation, b.BillID, b.PaymentID
	}
	return p.Encode()
}
