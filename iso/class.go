package iso

import "slices"

// Class is the meaning of the network's response code for a debit.
type Class uint8

const (
	// ClassUnknown: the debit may have been made; reverse it. It is the zero value and the class of every code that
	// the dialect does not list.
	ClassUnknown Class = iota
	// ClassApproved: the debit was made.
	ClassApproved
	// ClassFinal: the debit was certainly not made.
	ClassFinal
)

// String names the class.
func (c Class) String() string { return [...]string{"unknown", "approved", "final decline"}[min(c, 2)] }

// ReversalClass is the meaning of the network's response code for a reversal.
type ReversalClass uint8

const (
	// ReversalRetry: not done now, to be sent again; never counted as a reject.
	ReversalRetry ReversalClass = iota
	// ReversalDone: accepted now or before.
	ReversalDone
	// ReversalNotFound: the network knows no such original.
	ReversalNotFound
	// ReversalReject: the network refuses this item; after several of them it goes to a person. It is the class of
	// every code that the dialect does not list.
	ReversalReject
)

// String names the class.
func (c ReversalClass) String() string {
	return [...]string{"try again", "done", "original not found", "rejected"}[min(c, 3)]
}

// ClassOfAnswer is the class of the response code of a 0110 or 0210.
func (d *Dialect) ClassOfAnswer(code Code) Class { return d.answers[code] }

// ClassOfReversalAnswer is the class of the response code of a 0410 or 0430.
func (d *Dialect) ClassOfReversalAnswer(code Code) ReversalClass {
	if class, named := d.reversals[code]; named {
		return class
	}
	return ReversalReject
}

// loadCodes reads the classes of the response codes and the unbound codes.
func (d *Dialect) loadCodes(file *dialectFile, faults *loadFaults) {
	answer, reversal := &file.Codes.Answer, &file.Codes.Reversal
	classify(d.answers, "answer", ClassApproved, answer.Approved, faults)
	classify(d.answers, "answer", ClassFinal, answer.Final, faults)
	classify(d.answers, "answer", ClassUnknown, answer.Unknown, faults)
	classify(d.reversals, "reversal", ReversalDone, reversal.Done, faults)
	classify(d.reversals, "reversal", ReversalNotFound, reversal.NotFound, faults)
	classify(d.reversals, "reversal", ReversalReject, reversal.Reject, faults)
	classify(d.reversals, "reversal", ReversalRetry, reversal.Retry, faults)
	for _, code := range file.Unbound {
		d.unbound = append(d.unbound, checkedCode("unbound_codes", code, faults))
	}
	for n := range d.rules {
		if rule := &d.rules[n]; len(rule.values) > 0 {
			checkedCode("refusal", string(rule.refusal), faults)
		}
	}
}

// classify sets the class of each code, once.
func classify[C comparable](classes map[Code]C, where string, class C, codes []string, faults *loadFaults) {
	for _, text := range codes {
		code := checkedCode("codes: "+where, text, faults)
		if _, twice := classes[code]; twice {
			faults.add("codes: %s: %q is named twice", where, code)
		}
		classes[code] = class
	}
}

// checkedCode requires two or three letters or digits.
func checkedCode(where, text string, faults *loadFaults) Code {
	if len(text) < 2 || len(text) > 3 || !every(text, isDigit|isLetter) {
		faults.add("%s: %q is not a response code", where, text)
	}
	return Code(text)
}

// isUnbound reports whether answers with this code only echo what was readable.
func (d *Dialect) isUnbound(code Code) bool { return slices.Contains(d.unbound, code) }
