package registry

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
)

// maxName bounds names, in characters.
const maxName = 100

var (
	englishName = regexp.MustCompile(`^[ -~]{1,100}$`)
	serviceCode = regexp.MustCompile(`^[A-Z][A-Z0-9-]{1,23}$`)
	terminalID  = regexp.MustCompile(`^[0-9A-Z]{8}$`)
)

// IsServiceCode reports whether a text has the form of a service's code.
func IsServiceCode(code string) bool { return serviceCode.MatchString(code) }

// IsAccountCode reports whether a text has the form of an agency's or partner's
// account: R-<agency>-<revenue code>-<nn> or P-<partner>-<nn>.
func IsAccountCode(code string) bool {
	return revenueAccount.MatchString(code) || partnerAccount.MatchString(code)
}

// faults collects everything that is wrong with what somebody typed, so that it is told at once.
type faults []string

// check notes a fault of a field unless ok.
func (f *faults) check(ok bool, field, problem string) {
	if !ok {
		*f = append(*f, field+": "+problem)
	}
}

// add notes an error of a field.
func (f *faults) add(field string, err error) {
	if err != nil {
		*f = append(*f, field+": "+err.Error())
	}
}

// asError is nil, or one fault.Invalid that names all faults of the subject.
func (f faults) asError(subject string) error {
	if len(f) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "%s: %s", subject, strings.Join(f, "; "))
}

// name reads a name for people: letters and digits as they are compared, no control characters, at most 100 characters.
func (f *faults) name(field, text string) string {
	text = identity.Normalise(text)
	n := utf8.RuneCountInString(text)
	f.check(n >= 1 && n <= maxName && utf8.ValidString(text), field, "1 to 100 characters are needed")
	f.check(!strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }), field, "control characters are not possible")
	return text
}

// englishName reads a name that every printer knows.
func (f *faults) englishName(field, text string) string {
	text = identity.Normalise(text)
	f.check(englishName.MatchString(text), field, "1 to 100 printable ASCII characters are needed")
	return text
}

// book checks that the book is one of the two.
func (f *faults) book(b ledger.Book) { f.check(b.Valid(), "book", "live or test is needed") }

// agency checks the range of an agency's code.
func (f *faults) agency(field string, code int32) {
	f.check(code >= 1 && code <= ledger.MaxAgency, field, "a number from 1 to 9999999 is needed")
}
