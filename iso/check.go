package iso

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// Fault is one thing wrong with a message.
type Fault struct {
	// Field is the field number, or 0 for the message type.
	Field int
	// Reason continues "field 11 ..." and never contains the field's content.
	Reason string
	// Code is the response code for the fault: 30 for presence and form, 12, 13 or 14 for a well-formed value that is
	// refused.
	Code Code
}

// String returns "F11 is missing".
func (f Fault) String() string { return fmt.Sprintf("F%d %s", f.Field, f.Reason) }

// Faults are all faults of a message. It implements error; a function that returns it as an error must use Err,
// because a nil Faults in an error is not a nil error.
type Faults []Fault

// Error lists the faults.
func (f Faults) Error() string {
	parts := make([]string, len(f))
	for i, one := range f {
		parts[i] = one.String()
	}
	return strings.Join(parts, "; ")
}

// Err returns the faults as an error, nil if there are none.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// LogValue lists the faults in logs.
func (f Faults) LogValue() slog.Value { return slog.StringValue(f.Error()) }

// Code is the response code for all the faults: 30 if any of them is one of form, otherwise that of the first; "" if
// there are none. A message whose code is not 30 is well-formed: it takes its identity although it is refused.
func (f Faults) Code() Code {
	var code Code
	for _, one := range f {
		if one.Code == RC30FormatError {
			return one.Code
		}
		if code == "" {
			code = one.Code
		}
	}
	return code
}

// name reports whether the faults name a field.
func (f Faults) name(field int) bool {
	return slices.ContainsFunc(f, func(one Fault) bool { return one.Field == field })
}

// Check validates a message against the presence rules of its type and direction and the forms of its fields, and
// returns all faults, in the order of the fields; nil means none. An answer whose F39 is an unbound code of the
// dialect (30) need not be complete.
func (d *Dialect) Check(m *Message, direction Direction) Faults {
	var faults Faults
	r, refused := d.rule(m, direction)
	if refused != nil {
		faults = append(faults, *refused)
	}
	if r != nil {
		complete := !m.MTI.IsAnswer() || !d.isUnbound(Code(m.Get(FieldCode)))
		faults = r.check(m, complete, faults)
	}
	faults = d.checkFields(m, faults)
	if len(faults) > 1 {
		slices.SortStableFunc(faults, func(a, b Fault) int { return a.Field - b.Field })
	}
	return faults
}

// rule finds the rule of a message. If rules have conditions, a message without the field of the conditions is
// checked against the first rule, and one whose value meets none of them is an invalid transaction.
func (d *Dialect) rule(m *Message, direction Direction) (*rule, *Fault) {
	rules := d.presence[ruleKey{m.MTI, direction}]
	if len(rules) == 0 {
		return nil, &Fault{Field: 0, Reason: "is no message type of this dialect and direction", Code: RC12InvalidTransaction}
	}
	for i := range rules {
		if rules[i].applies(m) {
			return &rules[i], nil
		}
	}
	decides := rules[0].when[0].field
	if !m.Has(decides) || !d.Fits(decides, m.Get(decides)) {
		return &rules[0], nil
	}
	return nil, &Fault{Field: decides, Reason: "is not served for this message type", Code: RC12InvalidTransaction}
}

// applies reports whether all conditions of the rule hold.
func (r *rule) applies(m *Message) bool {
	for _, c := range r.when {
		value := m.Get(c.field)
		if !slices.ContainsFunc(c.values, func(p string) bool { return strings.HasPrefix(value, p) }) {
			return false
		}
	}
	return true
}

// check adds the faults of presence. With complete=false a missing field is no fault; a forbidden one is.
func (r *rule) check(m *Message, complete bool, faults Faults) Faults {
	if complete {
		filled := m.filled()
		for half, word := range r.mandatory {
			for word &^= filled[half]; word != 0; word &= word - 1 {
				faults = append(faults, Fault{Field: fieldOf(half, word), Reason: "is missing", Code: RC30FormatError})
			}
		}
		for _, group := range r.oneOf {
			if !filled.hasOneOf(group) {
				faults = append(faults, Fault{
					Field: group[0], Reason: "is missing, and so is every field that may stand for it", Code: RC30FormatError,
				})
			}
		}
	}
	if r.others || m.fields == nil {
		return faults
	}
	for half, word := range m.set().present {
		for word &^= r.allowed[half] | macFields[half]; word != 0; word &= word - 1 {
			faults = append(faults, Fault{
				Field: fieldOf(half, word), Reason: "does not belong to this message", Code: RC30FormatError,
			})
		}
	}
	return faults
}

// macFields may be in every message.
var macFields = maskOf(64, 128)

// filled returns the fields that have a value, not only a place.
func (m *Message) filled() fieldMask {
	fields := m.set()
	if fields == nil {
		return fieldMask{}
	}
	filled := fields.present
	if slices.Contains(fields.values, "") {
		for f := range fields.present.all() {
			if fields.get(f) == "" {
				filled.remove(f)
			}
		}
	}
	return filled
}

// checkFields adds the faults of the fields that are present.
func (d *Dialect) checkFields(m *Message, faults Faults) Faults {
	fields := m.set()
	if fields == nil {
		return faults
	}
	next := 0
	for half, word := range fields.present {
		for ; word != 0; word &= word - 1 {
			f, value := fieldOf(half, word), fields.values[next]
			next++
			if value == "" && faults.name(f) {
				continue // a missing field need not be reported as too short as well
			}
			if reason, code := d.checkField(fields, f, value); reason != "" {
				faults = append(faults, Fault{Field: f, Reason: reason, Code: code})
			}
		}
	}
	return faults
}

// checkField validates a field that is present against its format. A MAC is in the last field: in 64 only if no field
// above 64 is present.
func (d *Dialect) checkField(fields *fieldSet, f int, value string) (reason string, code Code) {
	rule := &d.rules[f]
	if reason = d.wire[f].fits(value); reason != "" {
		return reason, RC30FormatError
	}
	if reason = rule.form.reject(value); reason != "" {
		return reason, RC30FormatError
	}
	if len(rule.values) > 0 && !slices.Contains(rule.values, value) {
		return "is not one of the values in use", rule.refusal
	}
	if f == 64 && fields.present[1] != 0 {
		return "is not the last field; the MAC belongs in F128", RC30FormatError
	}
	return "", ""
}
