package terminal

import (
	"fmt"
	"slices"

	"treasury-switch/calendar"
	"treasury-switch/iso"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// repeated are the fields that an answer repeats of its request, by the type of the answer. For a message type that
// is not served they are the identifying ones.
var repeated = map[iso.MTI][]int{
	iso.MTIInquiryAnswer:        {3, 7, 11, 12, 13, 18, 22, 25, 32, 41, 42, 49, 90},
	iso.MTIPurchaseAnswer:       {3, 4, 7, 11, 12, 13, 32, 41, 42, 49},
	iso.MTIReversalAnswer:       {3, 4, 7, 11, 12, 13, 32, 41, 42, 49, 90},
	iso.MTIReversalAdviceAnswer: {3, 4, 7, 11, 12, 13, 32, 41, 42, 49, 90},
	iso.MTINetworkAnswer:        {7, 11, 12, 13, 41, 42, 70},
}

var repeatedOtherwise = []int{3, 7, 11, 12, 13, 32, 41, 42, 49, 70, 90}

// refuse answers a message that does not reach the switch, and logs why.
func (c *Channel) refuse(r *request, todo call, at Stage, code iso.Code) *iso.Message {
	told := code
	if r.leavesOpen(todo, at) {
		told = iso.RC09InProgress
	}
	if c.limit.Allow() {
		terminal, stan := c.named(r)
		c.config.Logger.Warn("message refused", "mti", r.m.MTI, "stage", string(at), "code", code, "told", told, "remote", r.remote,
			"terminal", terminal, "stan", stan, "faults", c.describe(r.faults))
	}
	if told == iso.RC30FormatError {
		todo.fill = nil // such an answer only repeats fields
	}
	out := c.answer(r, todo, switching.Answer{Code: payment.Code(told)})
	c.count(r, todo.kind, at, code, told)
	return out
}

// tell answers a message with the switch's answer.
func (c *Channel) tell(r *request, todo call, a switching.Answer) *iso.Message {
	out := c.answer(r, todo, a)
	if code := iso.Code(out.Get(iso.FieldCode)); code != iso.RC00Approved {
		c.count(r, todo.kind, AtSwitch, code, code)
	}
	return out
}

// answer builds the answer: the repeated fields, the code, and the data of the payment.
func (c *Channel) answer(r *request, todo call, a switching.Answer) *iso.Message {
	out := &iso.Message{MTI: r.m.MTI.Answer()}
	fields, known := repeated[out.MTI]
	if !known {
		fields = repeatedOtherwise
	}
	for _, f := range fields {
		if !r.misread(f) {
			c.config.Dialect.Echo(out, r.m, f)
		}
	}
	code, known := codeOf(a.Code)
	if !known {
		code = c.Broken(r.m)
	}
	c.setCode(out, code)
	if todo.fill != nil {
		todo.fill(out, a)
	}
	return out
}

// misread reports whether a field is malformed, so that it is not repeated. A well-formed value that is refused is
// repeated.
func (r *request) misread(field int) bool {
	malformed := func(f iso.Fault) bool { return f.Field == field && f.Code == iso.RC30FormatError }
	return slices.ContainsFunc(r.faults, malformed) || slices.ContainsFunc(r.doubts, malformed)
}

// named returns terminal and STAN for the log. For a malformed message they are returned only if the terminal is
// known, since they may contain parts of a card number.
func (c *Channel) named(r *request) (terminal, stan string) {
	terminal = r.sound(iso.FieldTerminal)
	if r.faults.Code() == iso.RC30FormatError && (c.config.Known == nil || !c.config.Known(terminal)) {
		return "", ""
	}
	return terminal, r.sound(iso.FieldSTAN)
}

// sound returns a field for the log, unless it is faulty.
func (r *request) sound(field int) string {
	if r.faulty(field) {
		return ""
	}
	return r.m.Get(field)
}

// describe names the faulty fields for people, without their content.
func (c *Channel) describe(faults iso.Faults) []string {
	said := make([]string, len(faults))
	for i, f := range faults {
		said[i] = fmt.Sprintf("F%d %s %s", f.Field, c.config.Dialect.FieldName(f.Field), f.Reason)
	}
	return said
}

// setCode writes F39, and for a refusal its short text in Persian (F44): in full, since half of it may say the
// opposite, or not at all if the dialect's field is too short.
func (c *Channel) setCode(out *iso.Message, code iso.Code) {
	out.Set(iso.FieldCode, string(code))
	if code == iso.RC00Approved {
		return
	}
	if text := c.config.Dialect.EncodeText(code.Persian(), 0); c.config.Dialect.Fits(iso.FieldText, text) {
		out.Set(iso.FieldText, text)
	}
}

// businessDay is the day of an answer: the payment's, or the current one if there is no payment.
func (c *Channel) businessDay(r *request, a switching.Answer) calendar.Date {
	if !a.BusinessDay.IsZero() {
		return a.BusinessDay
	}
	if today := c.config.Today(r.m.Get(iso.FieldTerminal)); !today.IsZero() {
		return today
	}
	return calendar.DateOf(r.at)
}
