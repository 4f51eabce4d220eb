package ledger

import (
	"fmt"

	"treasury-switch/calendar"
	"treasury-switch/identity"
)

// Book separates real money from test money. Test payments reach the simulator only.
type Book int16

// The two books.
const (
	Live Book = 1
	Test Book = 2
)

// Valid reports whether b is one of the two books.
func (b Book) Valid() bool { return b == Live || b == Test }

// String gives "live" or "test".
func (b Book) String() string {
	switch b {
	case Live:
		return "live"
	case Test:
		return "test"
	}
	return fmt.Sprintf("book %d", int16(b))
}

// ParseBook reads "live" or "test".
func ParseBook(s string) (Book, error) {
	switch s {
	case "live":
		return Live, nil
	case "test":
		return Test, nil
	}
	return 0, invalid("book %q is neither live nor test", s)
}

// MarshalText writes the book's name.
func (b Book) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads the book's name.
func (b *Book) UnmarshalText(text []byte) error {
	parsed, err := ParseBook(string(text))
	if err == nil {
		*b = parsed
	}
	return err
}

// AccountID names an account: agency*10,000,000 + book*1,000,000 + serial. Its owner and the book it
// belongs to can therefore be read from the id, by people and by the database's constraints alike.
type AccountID int64

// Bounds of the parts of an account id.
const (
	MaxAgency    = 9_999_999
	maxSerial    = 999_999
	lastHouse    = 99 // serials 1 to 99 are kept for the agency's house accounts
	agencyFactor = 10_000_000
	bookFactor   = 1_000_000
	bookDigits   = 10
)

// NewAccountID builds an id from its parts. It does not check them: Valid does.
func NewAccountID(agency int32, book Book, serial int32) AccountID {
	return AccountID(int64(agency)*agencyFactor + int64(book)*bookFactor + int64(serial))
}

// Agency is the code of the agency that owns the account.
func (a AccountID) Agency() int32 { return int32(int64(a) / agencyFactor) }

// Book is the book that the account belongs to.
func (a AccountID) Book() Book { return Book(int64(a) / bookFactor % bookDigits) }

// Serial is the account's number within agency and book.
func (a AccountID) Serial() int32 { return int32(int64(a) % bookFactor) }

// Valid reports whether the id has the structure of an account id. The account need not exist.
func (a AccountID) Valid() bool {
	return a > 0 && a.Agency() >= 1 && a.Agency() <= MaxAgency && a.Book().Valid() && a.Serial() >= 1
}

// State is whether an account takes postings. Registry entries (agencies, terminals, services) have the same states.
type State string

// The states. Frozen can be undone, closed cannot. Missing and NotValid are never stored: they only say
// why an account takes no postings.
const (
	Open     State = "open"
	Frozen   State = "frozen"
	Closed   State = "closed"
	Missing  State = "missing"   // there is no such account
	NotValid State = "not-valid" // the business day lies outside the account's validity
)

// DepositMode is the kind of treasury deposit id (30 digits) that a credit to the account carries.
type DepositMode string

// The modes of the Treasury's accounts.
const (
	DepositNone        DepositMode = "NONE"
	DepositConstant    DepositMode = "CONSTANT"     // id of type 3, not bound to an amount
	DepositAmountBound DepositMode = "AMOUNT_BOUND" // id of type 2, bound to one amount
)

// Account is one account of one agency in one book.
type Account struct {
	ID          AccountID     `json:"id"`
	Code        string        `json:"code"`
	Agency      int32         `json:"agency"`
	Book        Book          `json:"book"`
	Kind        Kind          `json:"kind"`
	State       State         `json:"state"`
	Name        string        `json:"name"`
	IBAN        identity.IBAN `json:"iban,omitempty"`
	RevenueCode string        `json:"revenue_code,omitempty"` // 6 digits of the budget law, revenue accounts only
	Province    string        `json:"province,omitempty"`     // ISO 3166-2:IR, empty = national
	DepositMode DepositMode   `json:"deposit_mode"`
	ValidFrom   calendar.Date `json:"valid_from"`        // first day on which the account takes postings
	ValidTo     calendar.Date `json:"valid_to,omitzero"` // first day on which it no longer does; zero = no end
}

// ValidOn reports whether the account's validity covers the day.
func (a Account) ValidOn(day calendar.Date) bool {
	return day >= a.ValidFrom && (a.ValidTo.IsZero() || day < a.ValidTo)
}
