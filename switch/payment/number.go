package payment

import (
	"encoding/binary"
	"strconv"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
)

// SerialsPerDay bounds the serial numbers of one day: they must fit eight digits of an RRN.
const SerialsPerDay = 100_000_000

// RRN is our retrieval reference number, field 37: the last digit of the Jalali year, the day of that year and the
// day's serial number, 12 digits, unique for ten years over all nodes.
type RRN int64

// NewRRN builds the number of a serial of a day.
func NewRRN(day calendar.Date, serial int32) RRN {
	year, yearDay := day.JalaliOrdinal()
	return RRN(int64(year%10)*100_000_000_000 + int64(yearDay)*SerialsPerDay + int64(serial))
}

// ParseRRN reads field 37 of a network message.
func ParseRRN(s string) (RRN, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || len(s) != 12 || n <= 0 {
		return 0, fault.New(fault.Invalid, "%q is not a retrieval reference number of 12 digits", s)
	}
	return RRN(n), nil
}

// String is the number as field 37 carries it.
func (r RRN) String() string {
	var text [20]byte
	return string(appendDigits(text[:0], int64(r), 12))
}

// tombstoneDays is added to the day of the year in the number of a tombstone.
const tombstoneDays = 500

// TombstoneRRN is the number of a payment that will never be done: the trace of a reversal or status inquiry that
// came before its original. It goes to no network, so it needs no serial of the day and is available when they are
// used up. It is made of the payment's id and the time, and its day of the year is one that no calendar has, so it
// never equals the number of a payment.
func TombstoneRRN(day calendar.Date, id [16]byte, at time.Time) RRN {
	year, yearDay := day.JalaliOrdinal()
	number := (binary.BigEndian.Uint64(id[8:]) + uint64(at.UnixMicro())) % (SerialsPerDay - 1)
	return RRN(int64(year%10)*100_000_000_000 + int64(yearDay+tombstoneDays)*SerialsPerDay + int64(number) + 1)
}

// tombstone reports whether it is the number of a tombstone.
func (r RRN) tombstone() bool { return int64(r)/SerialsPerDay%1000 > tombstoneDays }

// Serial is the day's serial number inside the RRN.
func (r RRN) Serial() int32 { return int32(int64(r) % SerialsPerDay) }

// STAN is the trace number of the outbound debit, 000001 to 999999, taken from the serial. Six digits wrap within a
// busy day, so a message is identified by acquirer, terminal, STAN and transmission time together.
func (r RRN) STAN() int { return stanOf(r.Serial()) }

func stanOf(serial int32) int { return int(serial)%999_999 + 1 }

// reversalStep is the distance from the trace number of a debit to those of its reversals. It is coprime to their
// count, so the reversals of one payment get different numbers, and so do those of payments with consecutive numbers.
const reversalStep = 333_331

// ReversalSTAN is the trace number of the reversal that a payment's record queues, derived from the payment's own
// number and so without using up a serial of the day. The few of an agency that collide within a second get other
// numbers when they are queued.
func (p *Payment) ReversalSTAN() int {
	return int((int64(p.RRN.Serial())+reversalStep*int64(p.Version))%999_999) + 1
}

// Tracking is the code that people use: Jalali year and day of the year (yyddd), one digit for the book (1 live, 9
// test; 2 and 8 for their tombstones), the day's serial in nine digits and a Verhoeff check digit: 16 digits. A
// payment's code is unique by construction over all nodes.
type Tracking string

// bookDigits are the sixth digits of a tracking code.
var bookDigits = map[ledger.Book]byte{ledger.Live: '1', ledger.Test: '9'}

// tombstoneDigits replace them for tombstones, whose number is no serial of the day.
var tombstoneDigits = map[ledger.Book]byte{ledger.Live: '2', ledger.Test: '8'}

// NewTracking builds the code of a payment opened on a day of Tehran.
func NewTracking(book ledger.Book, day calendar.Date, serial int32) Tracking {
	return newTracking(bookDigits[book], day, serial)
}

func newTracking(book byte, day calendar.Date, serial int32) Tracking {
	year, yearDay := day.JalaliOrdinal()
	var text [24]byte
	code := appendDigits(text[:0], int64(year%100), 2)
	code = append(appendDigits(code, int64(yearDay), 3), book)
	code = appendDigits(code, int64(serial), 9)
	return Tracking(append(code, identity.Verhoeff(string(code))))
}

// TrackingOf is the code of the payment with an RRN.
func TrackingOf(book ledger.Book, opened time.Time, rrn RRN) Tracking {
	if rrn.tombstone() {
		return newTracking(tombstoneDigits[book], calendar.DateOf(opened), rrn.Serial())
	}
	return NewTracking(book, calendar.DateOf(opened), rrn.Serial())
}

// tombstone reports whether the code is that of a tombstone.
func (t Tracking) tombstone() bool { return t[5] == '2' || t[5] == '8' }

// appendDigits appends a non-negative number, zero-padded to a width; a longer one is not cut.
func appendDigits(out []byte, n int64, width int) []byte {
	var text [20]byte
	number := strconv.AppendInt(text[:0], n, 10)
	for i := len(number); i < width; i++ {
		out = append(out, '0')
	}
	return append(out, number...)
}

// Tracking is the payment's code.
func (i *Intent) Tracking() Tracking {
	return TrackingOf(i.Book, i.OpenedAt, i.RRN)
}

// ParseTracking reads a code that a person typed: Persian digits and spaces are accepted, a wrong check digit is
// refused (fault.Invalid). It returns the code with its day, in the century of now, and its serial.
func ParseTracking(s string, now time.Time) (Tracking, calendar.Date, int32, error) {
	digits := identity.Normalise(s)
	if len(digits) != 16 {
		return "", 0, 0, fault.New(fault.Invalid, "a tracking code has 16 digits, this has %d", len(digits))
	}
	if _, err := strconv.ParseInt(digits, 10, 64); err != nil {
		return "", 0, 0, fault.New(fault.Invalid, "a tracking code has digits only")
	}
	if identity.Verhoeff(digits[:15]) != digits[15] {
		return "", 0, 0, fault.New(fault.Invalid, "the check digit of tracking code %s is wrong: look for a mistyped digit", digits)
	}
	year, _ := strconv.Atoi(digits[:2])
	yearDay, _ := strconv.Atoi(digits[2:5])
	serial, _ := strconv.Atoi(digits[6:15])
	thisYear, _, _ := calendar.DateOf(now).Jalali()
	first, err := calendar.FromJalali(thisYear-thisYear%100+year, 1, 1)
	if err != nil || yearDay < 1 || yearDay > 366 || serial >= SerialsPerDay {
		return "", 0, 0, fault.New(fault.Invalid, "tracking code %s names no day", digits)
	}
	return Tracking(digits), first.Add(yearDay - 1), int32(serial), nil
}
