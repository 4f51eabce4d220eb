package metrics

import (
	"slices"
	"strings"

	"treasury-switch/iso"
	"treasury-switch/switch/payment"
)

// other replaces a label value that is in no list.
const other = "other"

// codeLabel is a response code of the table, or other: the network may send any two letters.
func codeLabel(code string) string {
	if code == "" {
		return "none"
	}
	if iso.Code(code).Known() {
		return code
	}
	return other
}

// words are the outcomes of a request to the network that are no response codes.
var words = []string{"not sent", "no answer", "untrusted"}

// outcomeLabel is the outcome of a request to the network: a response code or one of a few words. A prefix tells reversals
// from debits.
func outcomeLabel(outcome string) string {
	if slices.Contains(words, outcome) {
		return outcome
	}
	if code, is := strings.CutPrefix(outcome, "reversal "); is {
		return "reversal " + codeLabel(strings.TrimSpace(code))
	}
	return codeLabel(outcome)
}

// mtis are the message types that are counted apart.
var mtis = map[iso.MTI]bool{
	iso.MTIInquiry: true, iso.MTIPurchase: true, iso.MTIPurchaseRepeat: true, iso.MTIDelivery: true, iso.MTIReversal: true,
	iso.MTIReversalRepeat: true, iso.MTIReversalAdvice: true, iso.MTIReversalAdviceRepeat: true, iso.MTITotals: true,
	iso.MTINetwork: true,
}

func mtiLabel(t iso.MTI) string {
	if mtis[t] {
		return t.String()
	}
	return other
}

// channelLabel names the channel of a terminal that is in no list.
func channelLabel(c payment.Channel) string {
	if c == "" {
		return "unknown"
	}
	return string(c)
}
