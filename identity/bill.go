package identity

import (
	"strings"

	"treasury-switch/internal/digits"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// Length of the ids of a bill, without the zeros that pad them.
const (
	billMin = 6
	billMax = 13
)

// BillID (شناسه قبض) names a customer of a billing company: file code up to
// eight digits, company three, service type one, check digit.
type BillID string

// PaymentID (شناسه پرداخت) names one bill of that customer: amount in thousand
// rial up to eight digits, year one, period two, two check digits. The second
// check digit binds it to its bill id, so the two are only parsed together.
type PaymentID string

// ParseBill reads the two ids of a bill; zeros that pad them on the left are
// dropped. It fails with ErrForm, or with ErrCheck if any of the three check
// digits is wrong.
func ParseBill(bill, payment string) (BillID, PaymentID, error) {
	b, err := ParseBillID(bill)
	if err != nil {
		return "", "", err
	}
	p, err := billNumber(payment)
	if err != nil {
		return "", "", fault.New(fault.Invalid, "payment id: %w", err)
	}
	first, second := p[len(p)-2], p[len(p)-1]
	if billCheck(p[:len(p)-2]) != first || billCheck(string(b)+p[:len(p)-1]) != second {
		return "", "", fault.New(fault.Invalid, "payment id: %w", ErrCheck)
	}
	return b, PaymentID(p), nil
}

// ParseBillID reads a bill id alone; zeros that pad it on the left are dropped.
// It fails with ErrForm or ErrCheck.
func ParseBillID(s string) (BillID, error) {
	b, err := billNumber(s)
	if err != nil {
		return "", fault.New(fault.Invalid, "bill id: %w", err)
	}
	if billCheck(b[:len(b)-1]) != b[len(b)-1] {
		return "", fault.New(fault.Invalid, "bill id: %w", ErrCheck)
	}
	return BillID(b), nil
}

// ParseBillBarcode reads the 26 digits of a bill's barcode: both ids, each
// padded to 13. It fails as ParseBill does.
func ParseBillBarcode(s string) (BillID, PaymentID, error) {
	if len(s) != 2*billMax {
		return "", "", fault.New(fault.Invalid, "barcode of a bill: %w", ErrForm)
	}
	return ParseBill(s[:billMax], s[billMax:])
}

func billNumber(s string) (string, error) {
	if len(s) > billMax || !digits.Only(s) {
		return "", ErrForm
	}
	s = strings.TrimLeft(s, "0")
	if len(s) < billMin {
		return "", ErrForm
	}
	return s, nil
}

// billCheck returns the check digit of a number: weights 2 to 7, repeating
// from the right, modulo 11; a remainder below 2 gives 0.
func billCheck(s string) byte {
	sum := 0
	for i := range len(s) {
		sum += int(s[len(s)-1-i]-'0') * (2 + i%6)
	}
	if r := sum % 11; r >= 2 {
		return byte('0' + 11 - r)
	}
	return '0'
}

// ServiceType returns what the bill is for: 1 water, 2 electricity, 3 gas, 4
// telephone, 5 mobile, 6 municipality, 8 tax, 9 traffic fines; 0 for no bill.
func (b BillID) ServiceType() int {
	if len(b) < billMin {
		return 0
	}
	return int(b[len(b)-2] - '0')
}

// Amount returns the amount of the bill in rial.
func (p PaymentID) Amount() money.Rial {
	var thousands money.Rial
	for i := 0; i < len(p)-5; i++ {
		thousands = thousands*10 + money.Rial(p[i]-'0')
	}
	return thousands * 1000
}
