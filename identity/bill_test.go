package identity

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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
		require.NoError(t, err, row)
		require.Equal(t, row.bill, string(bill))
		require.Equal(t, row.payment, string(payment))
		require.Equal(t, row.amount, payment.Amount())
		require.Equal(t, row.service, bill.ServiceType())
		padded := strings.Repeat("0", 13-len(row.payment)) + row.payment
		again, same, err := ParseBillBarcode(row.bill + padded)
		require.NoError(t, err)
		require.Equal(t, bill, again)
		require.Equal(t, payment, same)
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
		require.ErrorIs(t, err, row.want, row)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	}
	_, _, err := ParseBillBarcode("7748317800142000000177016")
	require.ErrorIs(t, err, ErrForm)
	require.Zero(t, BillID("").ServiceType())
	require.Zero(t, PaymentID("").Amount())
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
		require.NoError(t, err)
		require.Equal(t, row.id, string(made))
		read, err := ParseDepositID(row.id, row.amount)
		require.NoError(t, err)
		require.Equal(t, made, read)
		_, err = ParseDepositID(row.id, row.amount+10)
		if row.kind == Constant {
			require.NoError(t, err, "bound to no amount")
		} else {
			require.ErrorIs(t, err, ErrCheck)
		}
		for at := range row.id {
			wrong := []byte(row.id)
			wrong[at] = '0' + (wrong[at]-'0'+1)%10
			_, err := ParseDepositID(string(wrong), row.amount)
			require.Error(t, err, "digit %d", at)
		}
	}
}

func TestDepositIDRefusals(t *testing.T) {
	for _, s := range []string{"", string(NoDepositID), "36503016012756000140159160010", "3650301601275600014015916001060",
		"165030160127560001401591600106", "36503016012756000140159160010x"} {
		_, err := ParseDepositID(s, 0)
		require.ErrorIs(t, err, ErrForm, s)
	}
	_, err := NewDepositID('1', "12345678901234", "0000000000001", 0)
	require.ErrorIs(t, err, ErrForm)
	_, err = NewDepositID(Constant, "1234567890123", "0000000000001", 0)
	require.ErrorIs(t, err, ErrForm)
	for _, amount := range []money.Rial{-1, 1_000_000_000_000_000} {
		_, err = NewDepositID(AmountBound, "12345678901234", "0000000000001", amount)
		require.ErrorIs(t, err, ErrForm)
	}
	require.Len(t, NoDepositID, 30)
}
