package iso

import (
	"fmt"

	"treasury-switch/internal/digits"
)

// MTI is the message type indicator of ISO 8583 as a number: 200 is 0200. Its four decimal digits are the version of
// the standard (0 is 1987, 1 is 1993), the class, the function and the origin.
type MTI uint16

// The message types of the two dialects.
const (
	MTIInquiry              MTI = 100 // 0100: tariff inquiry or status of the last transaction
	MTIInquiryAnswer        MTI = 110
	MTIPurchase             MTI = 200 // 0200: debit of a card
	MTIPurchaseRepeat       MTI = 201
	MTIPurchaseAnswer       MTI = 210
	MTIDelivery             MTI = 220 // 0220: a kiosk reports whether it delivered
	MTIDeliveryAnswer       MTI = 230
	MTIReversal             MTI = 400 // 0400: reversal that may be refused
	MTIReversalRepeat       MTI = 401
	MTIReversalAnswer       MTI = 410
	MTIReversalAdvice       MTI = 420 // 0420: reversal that must be accepted
	MTIReversalAdviceRepeat MTI = 421
	MTIReversalAdviceAnswer MTI = 430
	MTITotals               MTI = 500 // 0500: reconciliation totals
	MTITotalsAnswer         MTI = 510
	MTITotalsAdvice         MTI = 520
	MTITotalsAdviceAnswer   MTI = 530
	MTINetwork              MTI = 800 // 0800: sign-on, sign-off, echo, cut-over, key change
	MTINetworkAnswer        MTI = 810
)

// ParseMTI reads the four digits of a message type.
func ParseMTI(s string) (MTI, error) {
	if len(s) != 4 || !digits.Only(s) {
		return 0, fmt.Errorf("message type: not four digits")
	}
	return MTI(s[0]-'0')*1000 + MTI(s[1]-'0')*100 + MTI(s[2]-'0')*10 + MTI(s[3]-'0'), nil
}

// String returns the four digits, such as "0200".
func (t MTI) String() string {
	return string([]byte{'0' + byte(t/1000%10), '0' + byte(t/100%10), '0' + byte(t/10%10), '0' + byte(t%10)})
}

// Class is the second digit: 1 authorisation, 2 financial, 4 reversal,
// 5 reconciliation, 8 network management.
func (t MTI) Class() int { return int(t / 100 % 10) }

// IsRepeat reports whether the last digit is odd: the sender has sent the same message before (ISO 8583:1987, repeat
// of the acquirer or issuer).
func (t MTI) IsRepeat() bool { return t%2 == 1 }

// IsAnswer reports whether the message answers another one: the third digit is odd.
func (t MTI) IsAnswer() bool { return t/10%2 == 1 }

// Answer is the type of the answer to this message: 0200 and 0201 give 0210, 0420 and 0421 give 0430. The type of an
// answer is its own answer, so that an answer is never answered with something new.
func (t MTI) Answer() MTI {
	if t.IsAnswer() {
		return t
	}
	return t/10*10 + 10
}

// Repeat is the type of the repeat of this message: 0420 gives 0421.
func (t MTI) Repeat() MTI { return t | 1 }

// Original is the type without the repeat mark: 0421 gives 0420.
func (t MTI) Original() MTI { return t &^ 1 }
