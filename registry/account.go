package registry

import (
	"context"
	"fmt"
	"regexp"
	"strconv"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/page"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
)

var (
	revenueAccount = regexp.MustCompile(`^R-([1-9][0-9]{0,6})-([0-9]{6})-([0-9]{2})$`)
	partnerAccount = regexp.MustCompile(`^P-([1-9][0-9]{0,6})-([0-9]{2})$`)
	// revenueClass holds the classes of the budget law: 11 taxes, 12 social contributions, 13 property income, 14 goods
	// and services, 15 fines and damages, 16 miscellaneous, 21 capital assets, 31 financial assets.
	revenueClass = regexp.MustCompile(`^(1[1-6]|21|31)[0-9]{4}$`)
	// province is ISO 3166-2:IR, 00 to 30.
	province = regexp.MustCompile(`^IR-([012][0-9]|30)$`)
)

// NewAccount is an account as somebody types it. Agency, kind and revenue code are read from the code:
// R-<agency>-<revenue code>-<nn> or P-<partner>-<nn>.
type NewAccount struct {
	Code        string             `json:"code" yaml:"code"`
	Book        ledger.Book        `json:"book" yaml:"-"`
	Name        string             `json:"name" yaml:"name"`
	IBAN        string             `json:"iban" yaml:"iban"`
	Province    string             `json:"province,omitempty" yaml:"province"` // ISO 3166-2:IR, empty = national
	DepositMode ledger.DepositMode `json:"deposit_mode" yaml:"deposit_mode"`   // NONE, CONSTANT or AMOUNT_BOUND
	ValidFrom   calendar.Date      `json:"valid_from" yaml:"-"`
	ValidTo     calendar.Date      `json:"valid_to,omitzero" yaml:"-"` // first day on which it is over; zero = no end
}

// typed checks an account as somebody typed it and returns it without its id, which it gets when it is approved. A wrong
// account is refused here, not when money is to be settled to it.
func (n NewAccount) typed() (ledger.Account, error) {
	var f faults
	a := ledger.Account{
		Code: identity.Normalise(n.Code), Book: n.Book, State: ledger.Open, Name: f.name("name", n.Name),
		Province: n.Province, DepositMode: n.DepositMode, ValidFrom: n.ValidFrom, ValidTo: n.ValidTo,
	}
	f.book(n.Book)
	f.accountCode(&a)
	iban, err := identity.ParseIBAN(identity.Normalise(n.IBAN))
	f.add("iban", err)
	a.IBAN = iban
	f.check(n.Province == "" || province.MatchString(n.Province), "province", "IR-00 to IR-30 (ISO 3166-2) or nothing is needed")
	switch n.DepositMode {
	case ledger.DepositNone, ledger.DepositConstant, ledger.DepositAmountBound:
	default:
		f.check(false, "deposit_mode", "NONE, CONSTANT or AMOUNT_BOUND is needed")
	}
	f.check(!n.ValidFrom.IsZero(), "valid_from", "a date is needed")
	f.check(n.ValidTo.IsZero() || n.ValidTo > n.ValidFrom, "valid_to", "it must be after valid_from")
	return a, f.asError(fmt.Sprintf("account %q", n.Code))
}

// accountCode reads agency, kind and revenue code from the account's code.
func (f *faults) accountCode(a *ledger.Account) {
	if m := revenueAccount.FindStringSubmatch(a.Code); m != nil {
		a.Kind, a.RevenueCode = ledger.Revenue, m[2]
		a.Agency = agencyOf(m[1])
		f.check(revenueClass.MatchString(m[2]), "code", "revenue code "+m[2]+" is in no class of the budget law")
		return
	}
	if m := partnerAccount.FindStringSubmatch(a.Code); m != nil {
		a.Kind, a.Agency = ledger.Partner, agencyOf(m[1])
		return
	}
	f.check(false, "code", "R-<agency>-<6 digits of revenue code>-<2 digits> or P-<partner>-<2 digits> is needed")
}

func agencyOf(digits string) int32 {
	n, _ := strconv.ParseInt(digits, 10, 32) // At most seven digits: the pattern says so.
	return int32(n)
}

// warnings tells what is unusual about an account without being wrong. State revenues are held at the Central Bank
// (constitution, article 53); the form of its account numbers is inferred, so it never refuses.
func warnings(a ledger.Account) []string {
	switch {
	case a.Kind != ledger.Revenue:
	case !a.IBAN.AtCentralBank():
		return []string{"a revenue account is usually held at the Central Bank (bank 010), this one is at " + a.IBAN.BankCode()}
	case !a.IBAN.LooksLikeTreasury():
		return []string{"the account number does not look like one of the Treasury's"}
	}
	return nil
}

// ListAccounts reads a page of a book's accounts in the order of their codes; agency 0 means all.
func ListAccounts(ctx context.Context, q postgres.Querier, book ledger.Book, agency int32, house bool, p page.Request) (page.Listing[ledger.Account], error) {
	if !book.Valid() {
		return page.Listing[ledger.Account]{}, fault.New(fault.Invalid, "list accounts: %s does not exist", book)
	}
	items, err := ledger.List(ctx, q, ledger.AccountFilter{Book: book, Agency: agency, House: house, After: p.After, Limit: p.Size() + 1})
	return page.Cut(items, p, func(a ledger.Account) string { return a.Code }), err
}

// ShowAccount reads one account by its code. fault.NotFound: there is none in the book.
func ShowAccount(ctx context.Context, q postgres.Querier, book ledger.Book, code string) (ledger.Account, error) {
	return ledger.Find(ctx, q, book, code)
}

// accountSubject names an account in the record of changes.
func accountSubject(book ledger.Book, code string) string { return book.String() + " " + code }
