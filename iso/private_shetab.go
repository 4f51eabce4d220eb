package iso

import (
	"slices"
	"strings"

	"treasury-switch/identity"
	"treasury-switch/internal/digits"
	"treasury-switch/internal/fault"
)

// shetabPrivateLength is 2 spaces, CVV2 4, language 2, 8 spaces, organisation
// 2, bill id 13, payment id 13.
const shetabPrivateLength = 44

// Languages of F48 towards the network.
const (
	LanguagePersian = "00"
	LanguageEnglish = "01"
)

// organisations are the payees of bills: water, electricity, gas, fixed and
// mobile telephone, municipality, traffic fines.
var organisations = []string{"WA", "EL", "GA", "TC", "MC", "MN", "TG"}

// ShetabPrivate is field 48 towards the network in its classic layout, that of a bill payment; a purchase without a
// bill leaves that part blank.
type ShetabPrivate struct {
	// CVV2 is the card verification value, zero if none was given.
	CVV2 identity.CVV2
	// Language is LanguagePersian or LanguageEnglish; "" means Persian.
	Language string
	// Organisation is two letters, "" without a bill; BillID and PaymentID are
	// digits without leading zeros, "" without a bill.
	Organisation, BillID, PaymentID string
}

// Encode returns the 44 bytes. The error is of kind fault.Invalid.
func (p ShetabPrivate) Encode() (string, error) {
	language, organisation := p.Language, p.Organisation
	if language == "" {
		language = LanguagePersian
	}
	if organisation == "" {
		organisation = "  "
	}
	if !billFits(p.BillID) || !billFits(p.PaymentID) {
		return "", fault.New(fault.Invalid, "network private data: bill or payment id does not fit")
	}
	out := "  " + zeros(p.CVV2.Reveal(), 4) + language + strings.Repeat(" ", 8) + organisation +
		zeros(p.BillID, 13) + zeros(p.PaymentID, 13)
	if _, err := ParseShetabPrivate(out); err != nil {
		return "", err
	}
	return out, nil
}

// billFits requires at most 13 digits, or nothing.
func billFits(id string) bool { return id == "" || len(id) <= 13 && digits.Only(id) }

// ParseShetabPrivate reads the classic layout. A CVV2 of three digits has a zero before it on the wire and is
// returned as three digits. The error is of kind fault.Invalid and never contains the content.
func ParseShetabPrivate(s string) (ShetabPrivate, error) {
	bad := func(what string) (ShetabPrivate, error) {
		return ShetabPrivate{}, fault.New(fault.Invalid, "network private data: %s", what)
	}
	if len(s) != shetabPrivateLength {
		return bad("not 44 bytes")
	}
	cvv2, language, organisation, bill, payment := s[2:6], s[6:8], s[16:18], s[18:31], s[31:]
	if strings.Trim(s[:2]+s[8:16], " ") != "" {
		return bad("its spaces are not spaces")
	}
	if language != LanguagePersian && language != LanguageEnglish {
		return bad("unknown language")
	}
	if !digits.Only(cvv2) || !digits.Only(bill) || !digits.Only(payment) {
		return bad("a number is not all digits")
	}
	p := ShetabPrivate{
		Language: language, Organisation: strings.TrimSpace(organisation),
		BillID: strings.TrimLeft(bill, "0"), PaymentID: strings.TrimLeft(payment, "0"),
	}
	if p.Organisation != "" && !slices.Contains(organisations, organisation) {
		return bad("unknown organisation")
	}
	if (p.Organisation == "") != (p.BillID == "") || (p.BillID == "") != (p.PaymentID == "") {
		return bad("a bill is an organisation, a bill id and a payment id, all or none")
	}
	if cvv2 != "0000" {
		p.CVV2, _ = identity.ParseCVV2(strings.TrimPrefix(cvv2, "0"))
	}
	return p, nil
}
