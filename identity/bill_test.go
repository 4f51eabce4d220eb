package identity

import (
	"errors"
	"strings"
	"testing"

	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

func TestParseBill(t *testing.T) {
	for _, row := range []struct {
		bill, payment string
		amount        money.Rial
		service       int
	}{
		{"7748317800142", "1770160", 17_000, 4},
		{"2050327604613", "1070189", 10_000, 1},
		{"1117753200140", "12070160", 120_000, 4},
		{"1234567890192", "150040378", 1_500_000, 9},
	} {
		bill, payment, err := ParseBill(row.bill, row.payment)
		if err != nil || string(bill) != row.bill || string(payment) != row.payment {
			t.Fatalf("%v: %s, %s, %v", row, bill, payment, err)
		}
		if payment.Amount() != row.amount || bill.ServiceType() != row.service {
			t.Errorf("%v: amount %d, service %d", row, payment.Amount(), bill.ServiceType())
		}
		padded := strings.Repeat("0", 13-len(row.payment)) + row.payment
		again, same, err := ParseBillBarcode(row.bill + padded)
		if err != nil || again != bill || same != payment {
			t.Errorf("%v: as a barcode %s, %s, %v", row, again, same, err)
		}
	}
	for _, row := range []struct {
		bill, payment string
		want          error
	}{
		{"9174639504124", "12908197", ErrCheck}, {"2234322344613", "1070189", ErrCheck}, {"9100074409151", "12908190", ErrCheck},
		{"7748317800142", "1070189", ErrCheck}, // the payment id of another bill
		{"7748317800142", "1770161", ErrCheck}, {"7748317800142", "1770170", ErrCheck}, {"7748317800142", "", ErrForm},
		{"12345", "1770160", ErrForm}, {"0000000012345", "1770160", ErrForm}, {"77483178001421", "1770160", ErrForm},
		{"7748317800142", "17701a0", ErrForm}, {"", "", ErrForm},
	} {
		_, _, err := ParseBill(row.bill, row.payment)
		if !errors.Is(err, row.want) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v: %v", row, err)
		}
	}
}

// The second check digit covers the first, so a wrong first one counts although the second agrees with it.
func TestCheckDigitsOfABill(t *testing.T) {
	const bill, whole = "7748317800142", "1770160"
	for first := byte('0'); first <= '9'; first++ {
		body := whole[:len(whole)-2] + string(first)
		_, _, err := ParseBill(bill, body+string(billCheck(bill+body)))
		if right := first == whole[len(whole)-2]; right != (err == nil) || !right && !errors.Is(err, ErrCheck) {
			t.Errorf("first check digit %c: %v", first, err)
		}
	}
	for last := byte('0'); last <= '9'; last++ {
		id, err := ParseBillID(bill[:len(bill)-1] + string(last))
		if right := last == bill[len(bill)-1]; right != (err == nil) || !right && (!errors.Is(err, ErrCheck) || id != "") {
			t.Errorf("bill id with the check digit %c: %s, %v", last, id, err)
		}
	}
}

func TestShortAndEmptyBills(t *testing.T) {
	short := "12345" + string(billCheck("12345"))
	if id, err := ParseBillID("0" + short); err != nil || string(id) != short || id.ServiceType() != 5 {
		t.Errorf("the shortest bill id %s: %s of service %d, %v", short, id, id.ServiceType(), err)
	}
	if _, _, err := ParseBillBarcode("7748317800142000000177016"); !errors.Is(err, ErrForm) {
		t.Errorf("a short barcode: %v", err)
	}
	if service, amount := BillID("").ServiceType(), PaymentID("").Amount(); service != 0 || amount != 0 {
		t.Errorf("of empty ids: service %d, amount %d", service, amount)
	}
}

func TestParseDepositID(t *testing.T) {
	for _, row := range []struct {
		kind            byte
		line, reference string
		amount          money.Rial
		id              string
	}{
		{Constant, "03016012756000", "1401591600106", 0, "365030160127560001401591600106"},
		{Constant, "12345678901234", "0000000000001", 0, "343123456789012340000000000001"},
		{AmountBound, "12345678901234", "0000000000001", 1_000_000, "281123456789012340000000000001"},
		{AmountBound, "12345678901234", "0000000000001", 1_000_001, "226123456789012340000000000001"},
		{AmountBound, "10101010101010", "1405083000001", 750_000, "245101010101010101405083000001"},
	} {
		made, err := NewDepositID(row.kind, row.line, row.reference, row.amount)
		if err != nil || string(made) != row.id {
			t.Fatalf("made %s, %v, want %s", made, err, row.id)
		}
		if read, err := ParseDepositID(row.id, row.amount); err != nil || read != made {
			t.Errorf("%s reads as %s, %v", row.id, read, err)
		}
		var want error // A constant id is bound to no amount.
		if row.kind != Constant {
			want = ErrCheck
		}
		if _, err := ParseDepositID(row.id, row.amount+10); !errors.Is(err, want) {
			t.Errorf("%s with another amount: %v, want %v", row.id, err, want)
		}
		for at := range row.id {
			wrong := []byte(row.id)
			wrong[at] = '0' + (wrong[at]-'0'+1)%10
			if _, err := ParseDepositID(string(wrong), row.amount); err == nil {
				t.Errorf("%s was accepted with digit %d wrong", row.id, at)
			}
		}
	}
}

func TestDepositIDRefusals(t *testing.T) {
	for _, s := range []string{"", string(NoDepositID), "36503016012756000140159160010", "3650301601275600014015916001060",
		"165030160127560001401591600106", "36503016012756000140159160010x", "3x5030160127560001401591600106", "36x030160127560001401591600106"} {
		if _, err := ParseDepositID(s, 0); !errors.Is(err, ErrForm) {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, row := range []struct {
		kind   byte
		line   string
		amount money.Rial
	}{
		{'1', "12345678901234", 0}, {Constant, "1234567890123", 0}, {AmountBound, "12345678901234", -1},
		{AmountBound, "12345678901234", 1_000_000_000_000_000},
	} {
		if _, err := NewDepositID(row.kind, row.line, "0000000000001", row.amount); !errors.Is(err, ErrForm) {
			t.Errorf("%+v: %v", row, err)
		}
	}
	for _, row := range [][2]string{{"1234567890123x", "0000000000001"}, {"12345678901234", "000000000000x"},
		{"12345678901234", "000000000001"}, {"12345678901234", "00000000000001"}} {
		if id, err := NewDepositID(Constant, row[0], row[1], 0); !errors.Is(err, ErrForm) {
			t.Errorf("%v: %s, %v", row, id, err)
		}
	}
	for _, amount := range []money.Rial{0, 999_999_999_999_999} {
		id, err := NewDepositID(AmountBound, "12345678901234", "0000000000001", amount)
		if err != nil {
			t.Fatalf("bound to %d rial: %v", amount, err)
		}
		if read, err := ParseDepositID(string(id), amount); err != nil || read != id {
			t.Errorf("bound to %d rial: %s, %v", amount, read, err)
		}
	}
	if len(NoDepositID) != 30 {
		t.Errorf("the id that means 'none' has %d digits", len(NoDepositID))
	}
}
